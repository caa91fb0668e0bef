import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bundlePlugins } from '../../../scripts/bundle-plugins.ts';
import { type ProgramOptions, startProgram, type TerminalDriver } from '../../support/terminal-driver.ts';

let directory: string;
let bundle: string;
const running: TerminalDriver[] = [];

beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'tonnage-session-'));
	bundle = join(directory, 'board.mjs');
	await build({
		entryPoints: [fileURLToPath(new URL('fixtures/board.tsx', import.meta.url))],
		bundle: true,
		outfile: bundle,
		format: 'esm',
		platform: 'node',
		jsx: 'automatic',
		define: { 'process.env.NODE_ENV': '"production"' },
		banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
		plugins: [...bundlePlugins],
	});
});

afterEach(async () => {
	for (const program of running.splice(0)) await program.close();
});

afterAll(async () => {
	await rm(directory, { recursive: true, force: true });
});

async function start(options: ProgramOptions = {}): Promise<TerminalDriver> {
	const program = startProgram(process.execPath, [bundle], {
		columns: 80,
		rows: 24,
		...options,
		environment: { FORCE_COLOR: '3', ...options.environment },
	});
	running.push(program);
	await program.waitFor('bottom');
	return program;
}

/** The terminal as it has to be after any end: normal screen, cursor shown, no mode left on. */
async function expectRestored(program: TerminalDriver): Promise<void> {
	expect(await program.isAlternateScreen()).toBe(false);
	const output = program.output();
	expect(output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.lastIndexOf('\x1b[?25l'));
	expect(output.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(output.lastIndexOf('\x1b[?1049h'));
	expect(output.lastIndexOf('\x1b[?2026l')).toBeGreaterThanOrEqual(output.lastIndexOf('\x1b[?2026h'));
}

test('the screen is drawn, follows keys and stays small on the wire', async () => {
	const program = await start();
	const first = await program.waitForQuiet();
	expect(first[0]).toBe('board 80x24 tick 0');
	expect(first.at(-2)).toBe('bottom');
	const before = program.bytesReceived();
	program.press('j');
	await program.waitFor('keys: j');
	await program.waitForQuiet();
	// Two whole rows of 79 cells change their style.
	expect(program.bytesReceived() - before).toBeLessThan(260);
	expect((await program.styledScreen())[3]).toContain('inverse');
});

test('keys that arrive in one read are taken one by one, and function keys are told apart', async () => {
	const program = await start();
	program.type('jjj\x1b[B\x1b[15~\x1bOPü');
	await program.waitFor('keys: j j j Down F5 F1 ü');
	program.press('Escape');
	await program.waitFor('ü Escape');
});

test('a resize repaints at the new size', async () => {
	const program = await start();
	for (const [columns, rows] of [
		[60, 20],
		[100, 30],
		[80, 10],
	] as const) {
		program.resize(columns, rows);
		await program.waitFor(`board ${columns}x${rows}`);
		// A look may come between two reads of one write; a blank at the end may be written or not.
		const first = 'row 0 '.padEnd(columns - 1, '.');
		await program.waitFor(
			(shown) => shown.length === rows && shown.at(-2) === 'bottom' && shown[2]?.trimEnd() === first,
		);
	}
});

test('Ctrl-L takes away what something else wrote onto the screen', async () => {
	const program = await start();
	program.press('w');
	await program.waitFor('FOREIGN');
	program.press('ctrl-l');
	await program.waitFor((lines) => !lines.join('').includes('FOREIGN'));
	expect((await program.waitForQuiet()).at(-2)).toBe('bottom');
});

test('a stalled reader gets whole frames only, and the newest one in the end', async () => {
	const program = await start();
	program.press('t');
	await program.waitFor(/tick [1-9]/);
	program.pauseReading();
	const before = program.output().length;
	await new Promise((resolve) => setTimeout(resolve, 1500));
	program.press('t');
	await new Promise((resolve) => setTimeout(resolve, 200));
	program.resumeReading();
	await program.waitFor('keys: t t');
	const lines = await program.waitForQuiet();
	const tick = Number(/tick (\d+)/.exec(lines[0] ?? '')?.[1]);
	expect(tick).toBeGreaterThan(20);
	expect(lines.at(-2)).toBe('bottom');
	expect(lines[2]).toBe('row 0 '.padEnd(79, '.'));
	const caughtUp = program.output().slice(before);
	// A frame is 1,600 bytes, and the pause lasted for 45 of them: what was sent is what the pipe could hold.
	expect(caughtUp.length).toBeLessThan(30 * 1600);
	expect(caughtUp.match(/\x1b\[\?2026h/g)?.length).toBe(caughtUp.match(/\x1b\[\?2026l/g)?.length);
});

test('leaving gives the terminal back and the end is told on the normal screen', async () => {
	const program = await start();
	program.press('q');
	expect(await program.ended()).toEqual({ exitCode: 0, signal: undefined });
	await expectRestored(program);
	expect((await program.screen()).join('\n')).toContain('goodbye');
});

test.each([
	['an error in a component', 'c', { exitCode: 1, signal: undefined }, 'crashed: the board broke'],
	['an error outside of React', 'C', { exitCode: 1, signal: undefined }, 'outside of React'],
	['a plain process.exit', 'x', { exitCode: 3, signal: undefined }, ''],
])('after %s the terminal is given back', async (_name, key, end, said) => {
	const program = await start();
	program.press(key);
	expect(await program.ended()).toEqual(end);
	await expectRestored(program);
	expect((await program.screen()).join('\n')).toContain(said);
	expect((await program.screen()).join('\n')).not.toContain('bottom');
});

test.each([
	['SIGTERM', 15],
	['SIGHUP', 1],
	['SIGINT', 2],
])('after %s the terminal is given back and the process ends by that signal', async (name, signal) => {
	const program = await start();
	program.kill(name);
	expect(await program.ended()).toMatchObject({ signal });
	await expectRestored(program);
});

test('another program gets terminal and keys while the dashboard is suspended', async () => {
	const program = await start();
	program.press('s');
	await program.waitFor('the other program');
	expect(await program.isAlternateScreen()).toBe(false);
	program.type('hello\r');
	await program.waitFor('it read "hello\\n"');
	await program.waitFor('bottom');
	expect(await program.isAlternateScreen()).toBe(true);
	program.press('j');
	await program.waitFor('keys: s j');
	expect((await program.screen()).join('')).not.toContain('the other program');
});

test('stopped and continued by the shell, the screen comes back', async () => {
	const program = await start();
	program.kill('SIGTSTP');
	await program.waitFor((lines) => !lines.join('').includes('bottom'));
	expect(await program.isAlternateScreen()).toBe(false);
	program.kill('SIGCONT');
	await program.waitFor('bottom');
	program.press('j');
	await program.waitFor('keys: j');
});

test('with NO_COLOR no colour leaves, and the cursor is still inverted', async () => {
	const program = await start({ environment: { NO_COLOR: '1' } });
	program.press('j');
	await program.waitFor('keys: j');
	await program.waitForQuiet();
	const parameters = [...program.output().matchAll(/\x1b\[([\d;:]*)m/g)].flatMap(([, list]) =>
		(list ?? '').split(/[;:]/),
	);
	expect(parameters.filter((code) => Number(code) >= 30)).toEqual([]);
	expect((await program.styledScreen())[3]).toMatch(/^\[inverse:row 1 /);
});
