import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { sampleWorld } from '../../src/engine/memory/sample.ts';
import { cliOn } from '../support/cli.ts';

let directory: string;
const engine = createMemoryEngine(sampleWorld());

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-cli-'));
});

afterEach(() => {
	rmSync(directory, { recursive: true });
});

const cli = (words: string) => cliOn(engine, { workingDirectory: directory })(words);

test('what a container may do is asked for in Docker’s words, and inspect tells it', async () => {
	const options =
		'--cap-add net_admin --cap-add CAP_SYS_TIME --cap-drop all --read-only --shm-size 1g --group-add deck --group-add 7';
	const security = '--security-opt no-new-privileges --security-opt seccomp=unconfined';
	await cli(`create --name tight --network none ${options} ${security} redis:8`);
	const [{ HostConfig }] = JSON.parse((await cli('inspect tight')).stdout);
	expect(HostConfig).toMatchObject({
		CapAdd: ['CAP_NET_ADMIN', 'CAP_SYS_TIME'],
		CapDrop: ['ALL'],
		GroupAdd: ['deck', '7'],
		ReadonlyRootfs: true,
		SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
		ShmSize: 1024 ** 3,
	});
	await cli('create --name plain --network none --security-opt no-new-privileges=false redis:8');
	expect(JSON.parse((await cli('inspect plain')).stdout)[0].HostConfig).toMatchObject({
		CapAdd: null,
		CapDrop: null,
		ReadonlyRootfs: false,
		SecurityOpt: null,
		ShmSize: 67_108_864,
	});
	expect((await engine.containers.inspect('plain')).confinement).toBeUndefined();
});

test.each(['label=x', 'seccomp=profile.json', 'no-new-privileges=maybe'])(
	'--security-opt %s is refused',
	async (text) => {
		const { exitCode, stderr } = await cli(`create --security-opt ${text} redis:8`);
		expect(exitCode).toBe(2);
		expect(stderr).toContain(`--security-opt: "${text}" is not known here.`);
	},
);

test('--cidfile gets the ID, must be new, and is not left where nothing was made', async () => {
	const { stdout } = await cli('run -d --network none --cidfile id redis:8');
	expect(`${readFileSync(join(directory, 'id'), 'utf8')}\n`).toBe(stdout);
	const count = (await engine.containers.list()).length;
	expect((await cli('create --network none --cidfile id redis:8')).stderr).toContain('exists already');
	expect(await engine.containers.list()).toHaveLength(count);
	expect((await cli('create --network none --cidfile other missing:1')).stdout).toBe('');
	expect(existsSync(join(directory, 'other'))).toBe(false);
});
