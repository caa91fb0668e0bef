import { describe, expect, test } from 'vitest';
import { parseChallenge } from '../../../../src/engine/embedded/registry/challenge.ts';
import { apiHostOf, isLoopback, loginKeyOf } from '../../../../src/engine/embedded/registry/endpoint.ts';

describe('a challenge', () => {
	const bearer = (realm: string, service?: string, scope?: string) => ({ scheme: 'bearer', realm, service, scope });
	test.each([
		['Basic realm="x"', { scheme: 'basic' }],
		['basic', { scheme: 'basic' }],
		[
			'Bearer realm="https://a/t",service="a.b",scope="repository:x:pull,push"',
			bearer('https://a/t', 'a.b', 'repository:x:pull,push'),
		],
		['BEARER realm = "https://a/t" , service=plain', bearer('https://a/t', 'plain')],
		['Basic realm="x", Bearer realm="https://a/t"', bearer('https://a/t')],
		['Bearer realm="https://a/t", Basic realm="x"', bearer('https://a/t')],
		['Negotiate, Bearer realm="a\\"b\\\\c"', bearer('a"b\\c')],
		['Bearer realm="one",realm="two"', bearer('one')],
		['Bearer service="no realm"', undefined],
		['Negotiate abc==', undefined],
		['Bearer realm="unfinished', undefined],
		['', undefined],
		[undefined, undefined],
		[`Basic ${'x'.repeat(10_000)}`, undefined],
	])('%j', (header, expected) => {
		expect(parseChallenge(header)).toEqual(expected);
	});

	test('that is made to take long takes no time to speak of', () => {
		const header = `Bearer ${'\\"a=,'.repeat(1500)}`;
		expect(parseChallenge(header)).toBeUndefined();
	});
});

test.each([
	['localhost', true],
	['localhost:5000', true],
	['127.0.0.1:5000', true],
	['127.3.2.1', true],
	['[::1]:5000', true],
	['127.0.0.1.example', false],
	['localhost.example:5000', false],
	['128.0.0.1', false],
	['registry.example', false],
])('%s is this machine: %j', (host, expected) => {
	expect(isLoopback(host)).toBe(expected);
});

test('Docker Hub has a host for its API and a key for its login', () => {
	expect([apiHostOf('docker.io'), loginKeyOf('docker.io')]).toEqual([
		'registry-1.docker.io',
		'https://index.docker.io/v1/',
	]);
	expect([apiHostOf('a.example:5000'), loginKeyOf('a.example:5000')]).toEqual(['a.example:5000', 'a.example:5000']);
});
