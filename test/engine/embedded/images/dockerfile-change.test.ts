import { describe, expect, test } from 'vitest';
import { applyChanges } from '../../../../src/engine/embedded/images/dockerfile-change.ts';
import { EngineError } from '../../../../src/engine/errors.ts';
import { emptyRun } from '../../../../src/engine/oci/run-config.ts';

const before = { ...emptyRun, environment: ['PATH=/bin', 'A=1'], command: ['old'], workingDirectory: '/srv' };

describe('a change does what the same line of a Dockerfile does', () => {
	test.each([
		['CMD ["sh", "-c", "echo  hi"]', { command: ['sh', '-c', 'echo  hi'] }],
		['cmd echo "$A"', { command: ['/bin/sh', '-c', 'echo "$A"'] }],
		['CMD [not json]', { command: ['/bin/sh', '-c', '[not json]'] }],
		['ENTRYPOINT ["/init"]', { entrypoint: ['/init'], command: [] }],
		[
			// biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's own syntax
			'ENV B=2 C="x y" D=\'$A\' E=$A F=${A}b',
			{ environment: [...before.environment, 'B=2', 'C=x y', 'D=$A', 'E=1', 'F=1b'] },
		],
		['ENV A=2', { environment: ['PATH=/bin', 'A=2'] }],
		['ENV B the rest of it', { environment: [...before.environment, 'B=the rest of it'] }],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's own syntax
		['ENV B=${NONE:-x}${A:+y}${NONE:+z}', { environment: [...before.environment, 'B=xy'] }],
		['ENV B=a\\ b C=\\$A', { environment: [...before.environment, 'B=a b', 'C=$A'] }],
		['ENV B=', { environment: [...before.environment, 'B='] }],
		['LABEL a=b "c d"=e', { labels: { a: 'b', 'c d': 'e' } }],
		['EXPOSE 80 53/udp 80/tcp 1000-1002', { exposedPorts: ['1000-1002/tcp', '53/udp', '80/tcp'] }],
		['VOLUME /data /more', { volumes: ['/data', '/more'] }],
		['VOLUME ["/a b"]', { volumes: ['/a b'] }],
		['USER 1000:1000', { user: '1000:1000' }],
		['WORKDIR /x', { workingDirectory: '/x' }],
		['WORKDIR ../y/./z', { workingDirectory: '/y/z' }],
		['STOPSIGNAL SIGINT', { stopSignal: 'SIGINT' }],
	])('%s', (change, expected) => {
		expect(applyChanges(before, [change])).toEqual({ ...before, ...expected });
	});
});

test('an entry point keeps the arguments that were asked for along with it', () => {
	expect(applyChanges(before, ['CMD ["x"]', 'ENTRYPOINT ["/init"]']).command).toEqual(['x']);
});

test('changes build on each other', () => {
	const run = applyChanges(before, ['ENV B=$A', 'ENV C=$B$B', 'WORKDIR a', 'WORKDIR b']);
	expect(run.environment.at(-1)).toBe('C=11');
	expect(run.workingDirectory).toBe('/srv/a/b');
});

describe('what is no such line is refused', () => {
	test.each([
		['RUN rm -rf /', 'not one of'],
		['', 'not one of'],
		['constructor x', 'not one of'],
		['ENV', 'needs a value'],
		['ENV A', 'name=value'],
		['ENV =x', 'name=value'],
		['ENV A="x', 'never closed'],
		['ENV A=${B', 'closing brace'],
		['EXPOSE http', 'not a port'],
		['EXPOSE 70000', 'not a port'],
		['EXPOSE 20-10', 'not a port'],
	])('%j', (change, words) => {
		expect(() => applyChanges(before, [change])).toThrow(EngineError);
		expect(() => applyChanges(before, [change])).toThrow(words);
	});
});
