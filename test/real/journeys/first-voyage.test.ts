import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoImage, fileLayer, packageLayer, writeLayout } from '../../../scripts/demo-images.ts';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import type { CommandId } from '../../../src/ui/commands.ts';
import { keymap } from '../../../src/ui/keymap.ts';
import { builtProgram } from '../../support/built-program.ts';
import { startProgram, type TerminalDriver } from '../../support/terminal-driver.ts';

const home = mkdtempSync(join(tmpdir(), 'tonnage-voyage-'));
const root = join(home, 'store');
const [node, program] = builtProgram();
let screen: TerminalDriver;

/** What somebody types in another terminal. */
function elsewhere(...args: readonly string[]): string {
	return execFileSync(node, [program, '--root', root, ...args], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}

/** Presses the key that the keymap gives a command. */
function press(command: CommandId): void {
	const key = keymap.find((binding) => binding.command === command)?.keys[0];
	if (key === undefined) throw new Error(`no key for ${command}`);
	screen.press(key);
}

/** Allocated bytes below the store that belong to images and containers: what `du` says. */
function storedBytes(): number {
	const places = ['blobs', 'layers', 'containers', 'volumes', 'trash'].map((name) => join(root, name));
	const lines = execFileSync('du', ['--summarize', '--one-file-system', '--block-size=1', ...places], {
		encoding: 'utf8',
	});
	return lines.split('\n').reduce((sum, line) => sum + Number(line.split('\t')[0]), 0);
}

beforeAll(() => {
	const base = packageLayer(home, ['busybox-static']);
	const shell = fileLayer(home, 'RUN busybox --install', { 'bin/sh': '-> busybox', 'bin/sleep': '-> busybox' });
	const site = (version: number) =>
		fileLayer(home, 'COPY site /srv', { 'srv/index.html': 'x'.repeat(200_000 * version), 'srv/version': `${version}` });
	const image = (version: number): DemoImage => ({
		name: 'localhost/harbour:1',
		layers: [base, shell, site(version)],
		command: ['sleep', '600'],
		createdAt: new Date(1_700_000_000_000),
	});
	for (const version of [1, 2]) {
		writeLayout(join(home, 'layout'), [image(version)]);
		elsewhere('load', '-q', '-i', join(home, 'layout'));
	}
	screen = startProgram(node, [program, '--root', root], { columns: 120, rows: 40 });
});

afterAll(async () => {
	await screen?.close();
	const left = elsewhere('ps', '-aq').split('\n').filter(Boolean);
	if (left.length > 0) elsewhere('rm', '-f', ...left);
	unlinkTree(home);
});

test('a container started elsewhere appears, is stopped from the keyboard, and goes as the plan says, byte for byte', async () => {
	await screen.waitFor('Nothing runs.');
	press('screen.containers');
	elsewhere(
		'run',
		'-d',
		'--name',
		'lighter',
		'--network',
		'none',
		'localhost/harbour:1',
		'sh',
		'-c',
		'echo x > /cargo; sleep 600',
	);
	await screen.waitFor(/lighter +● up/);

	press('container.logs');
	await screen.waitFor('Logs of lighter');
	press('app.back');
	await screen.waitFor(/NAME +STATUS/);
	press('container.stop');
	await screen.waitFor('Stop container lighter?');
	press('dialog.yes');
	await screen.waitFor(/lighter +✗ exited \(137\)/, 30_000);

	press('screen.collect');
	await screen.waitFor('dangling images');
	for (let policy = 0; policy < 5; policy++) {
		if ((await screen.screen()).some((line) => line.includes('‹ stopped containers and dangling images ›'))) break;
		press('collect.next-policy');
		await screen.waitFor(new RegExp(`› ${policy + 2} of 5`));
	}
	await screen.waitFor('‹ stopped containers and dangling images ›');
	const planned = (await screen.waitFor(/Would free \S+ with \d+ things/)).join('\n');
	expect(planned).toContain('lighter');
	const [, exactBytes = ''] = /things, ([\d,]+) B/.exec(elsewhere('system', 'prune', '--dry-run')) ?? [];
	const before = storedBytes();
	press('collect.execute');
	await screen.waitFor(/Remove \d+ things and free \S+\?/);
	press('dialog.yes');
	const result = (await screen.waitFor(/Done: freed \S+ of \S+ planned/)).join('\n');
	const [, freed, promised] = /Done: freed (\S+) of (\S+) planned/.exec(result) ?? [];
	expect(freed).toBe(promised);
	expect(planned).toContain(`Would free ${promised}`);
	// The screen rounds; the plan and the disk do not.
	expect(before - storedBytes()).toBe(Number(exactBytes.replaceAll(',', '')));
	expect(elsewhere('system', 'prune', '--dry-run')).toContain('GOES: nothing');
	expect(elsewhere('images', '-q').trim().split('\n')).toHaveLength(1);
});

test.each([
	[120, 40],
	[80, 24],
	[60, 20],
])('every screen fits %i x %i, and what is at the edges is whole', async (columns, rows) => {
	screen.resize(columns, rows);
	for (const command of [
		'screen.overview',
		'screen.containers',
		'screen.images',
		'screen.layers',
		'screen.collect',
	] as const) {
		press(command);
		const lines = await screen.waitForQuiet(300);
		expect(lines).toHaveLength(rows);
		expect(lines[0]).toMatch(/^ tonnage/);
		expect(lines.at(-1)).toContain('q quit');
	}
	press('app.help');
	await screen.waitFor('Esc back');
	press('app.back');
	await screen.waitFor((lines) => lines.at(-1)?.includes('q quit') === true);
});

test('q gives the terminal back as it was, with exit code 0', async () => {
	press('app.quit');
	expect((await screen.ended()).exitCode).toBe(0);
	expect(await screen.isAlternateScreen()).toBe(false);
	expect(screen.output()).toContain('\u001b[?25h');
	expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(home);
});
