import { expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import type { ContainerFiles } from '../../src/engine/port-containers.ts';
import { type CliWorld, cliOn } from '../support/cli.ts';

/** An engine that only notes what it is asked to copy. */
function copying(world: CliWorld = {}) {
	const calls: unknown[][] = [];
	const note = async (...call: unknown[]) => void calls.push(call);
	const files: ContainerFiles = {
		copyOut: note,
		copyIn: note,
		readArchive: async (name, path, { followLink, write }) => {
			calls.push([name, path, followLink]);
			await write(Buffer.from('tar'));
		},
		writeArchive: async (tar, name, path, options) => {
			let text = '';
			for await (const bytes of tar) text += Buffer.from(bytes).toString();
			calls.push([text, name, path, options]);
		},
	};
	const engine = createMemoryEngine();
	const cli = cliOn(
		{ ...engine, containers: { ...engine.containers, files } },
		{ workingDirectory: '/home', ...world },
	);
	return { cli, calls };
}

test.each([
	['cp web:/etc/x .', ['web', '/etc/x', '/home/.', { followLink: false, keepOwners: false }]],
	['cp -a -L web:x out/', ['web', 'x', '/home/out/', { followLink: true, keepOwners: true }]],
	['cp site/. web:/srv', ['/home/site/.', 'web', '/srv', { followLink: false, asUser: false }]],
	['container cp -a ./a:b web:', ['/home/a:b', 'web', '', { followLink: false, asUser: true }]],
	['cp - web:/srv', ['bytes', 'web', '/srv', { asUser: false }]],
])('%s', async (words, call) => {
	const { cli, calls } = copying({ input: 'bytes' });
	expect(await cli(words)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
	expect(calls).toEqual([call]);
});

test('a tar goes to standard output, but not to a terminal', async () => {
	expect(await copying().cli('cp -L web:/x -')).toMatchObject({ exitCode: 0, stdout: 'tar' });
	const { cli, calls } = copying({ isTerminal: true });
	expect(await cli('cp web:/x -')).toMatchObject({ exitCode: 2, stdout: '' });
	expect(calls).toEqual([]);
});

test.each([
	['cp a:/x b:/y', 'Nothing is copied between containers.'],
	['cp /x /y', 'Neither path is in a container.'],
])('%s: %s', async (words, sentence) => {
	const { exitCode, stderr } = await copying().cli(words);
	expect({ exitCode, told: stderr.includes(sentence) }).toEqual({ exitCode: 2, told: true });
});

test('an engine without files of its own says so', async () => {
	const { exitCode, stderr } = await cliOn(createMemoryEngine())('cp web:/x /y');
	expect({ exitCode, stderr }).toEqual({
		exitCode: 1,
		stderr: 'tonnage: To copy files is not possible here: the memory engine has none.\n',
	});
});
