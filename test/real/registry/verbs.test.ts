import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { type CliRun, type CliWorld, cliOn } from '../../support/cli.ts';
import { type DockerRegistry, sailor, startDockerRegistry } from '../../support/docker-registry.ts';
import { archiveOf, dockerMembers, makeImage } from '../../support/image-archives.ts';

const image = makeImage([{ 'bin/sh': '#!\n' }, { 'srv/app': 'app\n' }]);

let directory: string;
let registry: DockerRegistry;
let engine: Engine;
let name: string;

const at = (file: string) => join(directory, file);
const call = (words: string, world: CliWorld = {}): Promise<CliRun> =>
	// Each call would close the engine behind it.
	cliOn({ ...engine, close: async () => {} }, { ...world, environment: { DOCKER_CONFIG: at('docker') } })(words);

beforeAll(async () => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-verbs-'));
	writeFileSync(at('htpasswd'), `${sailor.line}\n`);
	registry = await startDockerRegistry(at('registry'), { passwords: at('htpasswd') });
	name = `${registry.host}/fleet/app:1`;
	engine = await openEmbeddedEngine({ root: at('store'), selfCommand: ['false'], version: '0' });
	writeFileSync(at('app.tar'), archiveOf(dockerMembers([{ image, tags: [name] }])));
	await engine.images.load({ type: 'path', path: at('app.tar') }, {});
});

afterAll(async () => {
	await engine?.close();
	await registry?.stop();
	if (directory !== undefined) unlinkTree(directory);
});

describe('in this order', () => {
	test('login reads the password from standard input and keeps it where docker would', async () => {
		const words = `login -u ${sailor.user} --password-stdin ${registry.host}`;
		const file = at('docker/config.json');
		expect(await call(words, { input: `${sailor.password}\n` })).toEqual({
			exitCode: 0,
			stdout: 'Login Succeeded\n',
			stderr: `The login is kept in ${file}, unencrypted, readable for its owner only.\n`,
		});
		expect(statSync(file).mode & 0o777).toBe(0o600);
		const auth = Buffer.from(`${sailor.user}:${sailor.password}`).toString('base64');
		expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ auths: { [registry.host]: { auth } } });
	});

	test('push tells each layer in a line, and prints the name', async () => {
		const { exitCode, stdout, stderr } = await call(`push ${name}`);
		expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${name}\n` });
		const lines = stderr.trimEnd().split('\n');
		expect(lines[0]).toBe(`The push refers to repository [${registry.host}/fleet/app]`);
		expect(lines.filter((line) => /^[0-9a-f]{12}: Pushed$/.test(line))).toHaveLength(2);
		expect(lines.at(-1)).toMatch(/^1: digest: sha256:[0-9a-f]{64} size: \d+$/);
		expect((await call(`push -q ${name}`)).stderr).toBe('');
	});

	test('manifest inspect shows what is there now', async () => {
		const { exitCode, stdout } = await call(`manifest inspect ${name}`);
		expect(exitCode).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 2, config: { digest: image.id } });
		const verbose = JSON.parse((await call(`manifest inspect -v ${name}`)).stdout);
		expect(verbose).toMatchObject({ Digest: expect.stringMatching(/^sha256:/), Manifest: JSON.parse(stdout) });
	});

	test('pull tells each layer in a line, and again that there is nothing new', async () => {
		await call(`rmi ${name}`);
		const first = await call(`pull ${name}`);
		expect({ ...first, stderr: '' }).toEqual({ exitCode: 0, stdout: `${name}\n`, stderr: '' });
		const lines = first.stderr.trimEnd().split('\n');
		expect(lines[0]).toBe('1: Pulling from fleet/app');
		expect(lines.filter((line) => line.endsWith(': Pull complete'))).toHaveLength(2);
		expect(lines.slice(-2)).toEqual([
			expect.stringMatching(/^Digest: sha256:[0-9a-f]{64}$/),
			`Status: Downloaded newer image for ${name}`,
		]);
		const again = (await call(`image pull ${name}`)).stderr.trimEnd().split('\n');
		expect(again.filter((line) => line.endsWith(': Already exists'))).toHaveLength(2);
		expect(again.at(-1)).toBe(`Status: Image is up to date for ${name}`);
		expect((await call(`pull -q ${name}`)).stderr).toBe('');
		expect((await call('images --digests')).stdout).toContain(`${registry.host}/fleet/app`);
	});

	test('on a terminal bars are drawn and wiped', async () => {
		await call(`rmi ${name}`);
		let clock = 0;
		const { stderr } = await call(`pull ${name}`, { isTerminal: true, host: { now: () => (clock += 1000) } });
		expect(stderr).toMatch(/[0-9a-f]{12}: \[=*>? *\] \d+B\/\d+B/);
		expect(stderr).toContain('\u001b[1A\r\u001b[J');
	});

	test('logout forgets, and then nobody gets in', async () => {
		expect((await call(`logout ${registry.host}`)).stdout).toBe(`Removed the login for ${registry.host}\n`);
		expect((await call(`logout ${registry.host}`)).stdout).toBe(`Not logged in to ${registry.host}\n`);
		const { exitCode, stderr } = await call(`pull ${name}`);
		expect(exitCode).toBe(1);
		expect(stderr).toContain(`Log in with "tonnage login ${registry.host}"`);
	});
});

test.each([
	['login 127.0.0.1:1', '"tonnage login" needs a name.'],
	['login -u sailor 127.0.0.1:1', '"tonnage login" needs a password.'],
	['login -u sailor -p x --password-stdin 127.0.0.1:1', 'exclude each other'],
	['pull --platform linux/a/b/c app', '--platform: "linux/a/b/c" is not a platform.'],
	['pull --parallel 0 app', '--parallel: 0 is not between 1 and 32.'],
	['pull --tls-verify=perhaps app', '--tls-verify: "perhaps" is neither true nor false.'],
	['pull APP', 'the repository must be lowercase'],
	['push app@sha256:0000000000000000000000000000000000000000000000000000000000000000', 'a push needs a tag'],
])('%s is not understood', async (words, sentence) => {
	const { exitCode, stdout, stderr } = await call(words);
	expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
	expect(stderr).toContain(sentence);
});
