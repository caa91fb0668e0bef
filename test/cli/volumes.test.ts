import { beforeEach, expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';
import { type CliRun, cliOn } from '../support/cli.ts';

let cli: (words: string | readonly string[]) => Promise<CliRun>;

beforeEach(() => {
	cli = cliOn(createMemoryEngine(sampleWorld()));
});

test('a volume is made, shown and removed', async () => {
	expect(await cli('volume create --label keep=yes hold')).toEqual({ exitCode: 0, stdout: 'hold\n', stderr: '' });
	const [volume] = JSON.parse((await cli('volume inspect hold')).stdout);
	expect(volume).toMatchObject({ Name: 'hold', Driver: 'local', Scope: 'local', Labels: { keep: 'yes' } });
	expect((await cli(['volume', 'inspect', '-f', '{{.Name}}', 'hold'])).stdout).toBe('hold\n');
	expect(await cli('volume rm hold')).toEqual({ exitCode: 0, stdout: 'hold\n', stderr: '' });
	expect(await cli('volume inspect hold')).toMatchObject({ exitCode: 1, stdout: '[]\n' });
	expect((await cli('volume create')).stdout).toMatch(/^[0-9a-f]{64}\n$/);
});

test('a volume that is used stays; one that is not there is a failure, unless forced', async () => {
	const { exitCode, stderr } = await cli('volume rm logbook-db');
	expect(exitCode).toBe(1);
	expect(stderr).toContain('Volume logbook-db is in use by');
	expect(await cli('volume rm missing')).toMatchObject({ exitCode: 1, stdout: '' });
	expect(await cli('volume rm -f missing')).toMatchObject({ exitCode: 0, stdout: '' });
	expect(await cli('volume create -- -x')).toMatchObject({ exitCode: 2, stdout: '' });
});
