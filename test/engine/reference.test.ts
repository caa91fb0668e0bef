import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/engine/errors.ts';
import {
	canonicalReference,
	familiarReference,
	formatReference,
	parseReference,
	splitFamiliar,
} from '../../src/engine/reference.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('a reference is read as Docker reads it', () => {
	test.each([
		['alpine', 'docker.io', 'library/alpine', undefined, undefined],
		['alpine:3.20', 'docker.io', 'library/alpine', '3.20', undefined],
		['team/app:v1', 'docker.io', 'team/app', 'v1', undefined],
		['index.docker.io/team/app', 'docker.io', 'team/app', undefined, undefined],
		['docker.io/alpine', 'docker.io', 'library/alpine', undefined, undefined],
		['localhost/app', 'localhost', 'app', undefined, undefined],
		['localhost:5000/app:x', 'localhost:5000', 'app', 'x', undefined],
		['registry.example:5000/a/b/c', 'registry.example:5000', 'a/b/c', undefined, undefined],
		['[2001:db8::1]:5000/app', '[2001:db8::1]:5000', 'app', undefined, undefined],
		['Host/app', 'Host', 'app', undefined, undefined],
		[`app@${digest}`, 'docker.io', 'library/app', undefined, digest],
		[`app:1@${digest}`, 'docker.io', 'library/app', '1', digest],
		['a__b/c--d.e', 'docker.io', 'a__b/c--d.e', undefined, undefined],
		[`app:${'t'.repeat(128)}`, 'docker.io', 'library/app', 't'.repeat(128), undefined],
	])('%s', (text, registry, repository, tag, expectedDigest) => {
		expect(parseReference(text)).toEqual({ registry, repository, tag, digest: expectedDigest });
	});
});

describe('what is not a reference is refused with the reason', () => {
	test.each([
		['', 'empty'],
		['App', 'lowercase'],
		['team/App:1', 'lowercase'],
		['app:', 'tag'],
		['app:-x', 'tag'],
		[`app:${'t'.repeat(129)}`, 'tag'],
		['app:a b', 'tag'],
		['app@sha256:abc', 'hex'],
		[`app@md5:${'0'.repeat(32)}`, 'hex'],
		['a//b', 'empty'],
		['/a', 'empty'],
		['a/', 'empty'],
		['a..b', 'between them'],
		['a___b', 'between them'],
		['-a', 'between them'],
		['a-', 'between them'],
		['../../etc/passwd', 'host name'],
		['ex_ample.com/app', 'host name'],
		['a\u001b[31mb', '\ufffd'],
		['0123456789abcdef'.repeat(4), 'image ID'],
		['a'.repeat(256), 'longer than 255'],
		['https://example.com/app', 'host name'],
	])('%j', (text, why) => {
		const refused = () => parseReference(text);
		expect(refused).toThrow(EngineError);
		expect(refused).toThrow(why);
	});
});

describe('one name has one canonical text and one familiar text', () => {
	test.each([
		['alpine', 'docker.io/library/alpine:latest', 'alpine:latest', 'alpine', 'latest'],
		['docker.io/team/app:2', 'docker.io/team/app:2', 'team/app:2', 'team/app', '2'],
		['docker.io/library/a/b:2', 'docker.io/library/a/b:2', 'library/a/b:2', 'library/a/b', '2'],
		['localhost:5000/app', 'localhost:5000/app:latest', 'localhost:5000/app:latest', 'localhost:5000/app', 'latest'],
		[`app@${digest}`, `docker.io/library/app@${digest}`, `app@${digest}`, 'app', '<none>'],
		[`h.io:1/app@${digest}`, `h.io:1/app@${digest}`, `h.io:1/app@${digest}`, 'h.io:1/app', '<none>'],
	])('%s', (text, canonical, familiar, repository, tag) => {
		expect(canonicalReference(text)).toBe(canonical);
		expect(familiarReference(canonicalReference(text))).toBe(familiar);
		expect(splitFamiliar(canonicalReference(text))).toEqual({ repository, tag });
		expect(formatReference(parseReference(canonical))).toBe(canonical);
		expect(canonicalReference(canonical)).toBe(canonical);
		expect(canonicalReference(familiar)).toBe(canonical);
	});
});
