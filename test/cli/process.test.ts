import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtProgram } from '../support/built-program.ts';

const program = fileURLToPath(new URL('../../bin/tonnage.js', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('the program file', () => {
	test('uses no syntax that Node 12 does not know', async () => {
		const source = readFileSync(program, 'utf8');
		const options = { minifyWhitespace: true, supported: { 'dynamic-import': true } } as const;
		const lowered = await transform(source, { ...options, target: 'node12.0' });
		expect(lowered.code).toBe((await transform(source, { ...options, target: 'esnext' })).code);
		expect(source).not.toMatch(/^\s*import\s/m);
	});

	test('says in one sentence which Node it needs', () => {
		const pretend = `
			Object.defineProperty(process.versions, 'node', { value: '20.19.0' });
			process.argv.splice(1, 1, ${JSON.stringify(program)});
			require(${JSON.stringify(program)});`;
		const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', pretend, 'x', 'images'], {
			encoding: 'utf8',
		});
		expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
		expect(stderr).toBe('tonnage: this is Node 20.19.0, but tonnage needs Node 24 or newer.\n');
	});

	test('tells its version without reading the rest of itself', () => {
		const { status, stdout } = spawnSync(process.execPath, [program, '--version'], {
			encoding: 'utf8',
			env: { ...process.env, NODE_DEBUG: 'module' },
		});
		expect(status).toBe(0);
		expect(stdout).toBe(`tonnage ${version}\n`);
	});
});

describe('the built program', () => {
	beforeAll(() => void builtProgram());

	test('is quiet when nobody reads what it writes', async () => {
		const child = spawn(process.execPath, [program, 'help'], { stdio: ['ignore', 'pipe', 'pipe'] });
		child.stdout.destroy();
		let stderr = '';
		child.stderr.on('data', (chunk) => {
			stderr += chunk;
		});
		const exitCode = await new Promise((resolve) => child.on('close', resolve));
		expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
	});

	test('gives usage errors on standard error with exit code 2', () => {
		const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'imgaes'], { encoding: 'utf8' });
		expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
		expect(stderr).toMatch(/^tonnage: There is no command "tonnage imgaes"\.\n/);
	});
});
