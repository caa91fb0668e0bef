import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { cliDocument } from '../../scripts/generate-cli-doc.ts';
import { verbGroups } from '../../src/cli/run-cli.ts';
import { EngineError } from '../../src/engine/errors.ts';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import { cliOn } from '../support/cli.ts';

const cli = cliOn(createMemoryEngine());

describe('help', () => {
	const commands = verbGroups.flatMap(({ noun, verbs }) =>
		verbs.flatMap((verb) => [
			...(noun === undefined ? [] : [{ words: `${noun} ${verb.name}`, verb }]),
			...(verb.shortcut === undefined ? [] : [{ words: verb.shortcut, verb }]),
		]),
	);

	test.each(commands)('of "$words" shows its arguments, its options and an example', async ({ words, verb }) => {
		const { exitCode, stdout, stderr } = await cli(`${words} --help`);
		expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
		expect(stdout).toMatch(new RegExp(`^Usage: tonnage ${words} ?`));
		for (const { name } of verb.operands) expect(stdout).toContain(name);
		for (const { flags } of verb.options) expect(stdout).toContain(flags);
		expect(verb.examples.length).toBeGreaterThan(0);
		for (const example of verb.examples) expect(stdout).toContain(`\n  ${example}\n`);
		for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
	});

	test('of the whole names every command and not the monitor’s', async () => {
		const { exitCode, stdout } = await cli('--help');
		expect(exitCode).toBe(0);
		for (const { noun, verbs } of verbGroups) {
			if (noun !== undefined) expect(stdout).toMatch(new RegExp(`\n {2}${noun} `));
			for (const { shortcut } of verbs) if (shortcut) expect(stdout).toMatch(new RegExp(`\n {2}${shortcut} `));
		}
		expect(stdout).not.toContain('container-exited');
		expect((await cli('help images')).stdout).toBe((await cli('images --help')).stdout);
	});

	test('docs/cli.md says what the program says; "npm run docs" writes it anew', async () => {
		const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
		expect(page).toBe(cliDocument());
	});
});

describe('what is not understood', () => {
	test.each([
		['imgaes', 'There is no command "tonnage imgaes".', 'Did you mean "tonnage images"'],
		['image lss', 'There is no command "tonnage image lss".', 'Did you mean "tonnage image ls"?'],
		['--root /nowhere image lss', 'There is no command "tonnage image lss".', 'Did you mean "tonnage image ls"?'],
		['wibble --x', 'There is no command "tonnage wibble".', 'See "tonnage --help".'],
		['image', '"tonnage image" needs a COMMAND.', 'See "tonnage image --help".'],
		['images --digest', '"tonnage images" has no option "--digest".', 'Did you mean --digests?'],
		['images -Z', '"tonnage images" has no option "-Z".', 'See "tonnage images --help".'],
		['--rot /x images', '"tonnage" has no option "--rot".', 'Did you mean --root?'],
		['images --root /x', '"--root" must stand before the command.', 'Like this: tonnage --root … images'],
		['images --filter', '"tonnage images": the option -f, --filter <filter> needs a value.', 'See'],
		['tag redis:8', '"tonnage tag" needs TARGET_IMAGE[:TAG].', 'See "tonnage tag --help".'],
		['images a b', '"tonnage images" takes at most 1 argument; "b" is too much.', 'See'],
		['system df x', '"tonnage system df" takes no arguments; "x" is too much.', 'See'],
		['--engine docker images', 'There is no engine "docker".', 'The engine is "embedded".'],
		['--print 80 ', '--print: "80" is not a size.', 'A size looks like 120x40.'],
	])('%s', async (words, sentence, hint) => {
		const { exitCode, stdout, stderr } = await cli(words);
		expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
		const [first, second, ...rest] = stderr.split('\n');
		expect(first).toBe(`tonnage: ${sentence}`);
		expect(second).toContain(hint);
		expect(rest).toEqual(['']);
	});
});

test('without a command the dashboard opens, and --print prints one frame of it', async () => {
	expect((await cli('')).stdout).toBe('the dashboard\n');
	expect((await cli('--root /x')).stdout).toBe('the dashboard\n');
	expect((await cli('--print 90x30')).stdout).toBe('a frame of 90x30\n');
	expect((await cli('--print')).stdout).toBe('a frame of 120x40\n');
	expect((await cli('--version')).stdout).toBe('tonnage 1.2.3\n');
});

test('the engine gets the root that was asked for, and is closed whatever happens', async () => {
	const seen: string[] = [];
	const engine = createMemoryEngine();
	const host = {
		openEngine: async ({ root }: { readonly root: string }) => {
			seen.push(`open ${root}`);
			return { ...engine, close: async () => void seen.push('close') };
		},
	};
	await cliOn(engine, { host })('--root /x images');
	await cliOn(engine, { host, environment: { TONNAGE_ROOT: '/y' } })('rmi missing');
	await cliOn(engine, { host })('images --help');
	expect(seen).toEqual(['open /x', 'close', 'open /y', 'close']);
});

describe('failures', () => {
	const failing = (error: unknown) =>
		cliOn(createMemoryEngine(), {
			host: {
				openEngine: async () => {
					throw error;
				},
			},
		});

	test('are one sentence and a hint, without control characters', async () => {
		const error = new EngineError('corrupt', { what: 'layer', where: '\u001b[2Jx\ny', why: 'it is cut short' });
		expect(await failing(error)('images')).toEqual({
			exitCode: 1,
			stdout: '',
			stderr:
				'tonnage: Layer x y cannot be read: it is cut short.\n' +
				'It is damaged, cut short or something else; get it again from where it came from.\n',
		});
	});

	test('that nobody expected bring their stack', async () => {
		const { exitCode, stderr } = await failing(new TypeError('x is not a function'))('images');
		expect(exitCode).toBe(1);
		expect(stderr).toMatch(/defect in tonnage.*TypeError: x is not a function\n +at /s);
	});
});
