import { expect, test } from 'vitest';
import { isKeysDocumentFresh } from '../../scripts/generate-keys-doc.ts';
import { type CommandId, commandIds, commandOf } from '../../src/ui/commands.ts';
import { bindingsIn, type KeyContext, keymap } from '../../src/ui/keymap.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { chordsOf, keyContext, type PressedKey, resolveKey } from '../../src/ui/resolve-key.ts';
import { type AppState, topOverlay } from '../../src/ui/state.ts';
import { contextTitles, groupsFor, helpGroups } from '../../src/ui/views/help.ts';
import { loadedState } from '../support/loaded-state.ts';

const contexts = Object.keys(contextTitles) as KeyContext[];

test('every command has a key, a title of its own family, and a short word', () => {
	for (const id of commandIds) {
		expect(
			keymap.some(({ command }) => command === id),
			id,
		).toBe(true);
		expect(commandOf(id).title, id).toMatch(/^[A-Z]/);
		expect(commandOf(id).short, id).not.toBe('');
	}
});

test.each(contexts)('no two commands share a key in %s', (context) => {
	const chords = bindingsIn(context).flatMap(({ keys }) => keys);
	expect(new Set(chords).size).toBe(chords.length);
});

test.each(contexts)('the help of %s lists every key of it', (context) => {
	const listed = groupsFor(context).flatMap(({ entries }) => entries);
	expect(listed).toHaveLength(bindingsIn(context).length);
});

test.each(contexts)('one can leave %s', (context) => {
	const ways: readonly CommandId[] = ['app.quit', 'app.back', 'dialog.no', 'text.cancel'];
	expect(ways.some((command) => bindingsIn(context).some((binding) => binding.command === command))).toBe(true);
	expect(resolveKey(context, 'ctrl-c')).toEqual({ type: 'command', command: 'app.quit' });
});

test('the help over a screen has every key of the screen, of logs, of questions and of text', async () => {
	const state = await loadedState();
	const open = reduce({ ...state, tab: 'containers' }, { type: 'commanded', command: 'app.help' });
	const titles = helpGroups(open).flatMap(({ entries }) => entries.map(({ title }) => title));
	for (const { command } of bindingsIn('containers')) expect(titles).toContain(commandOf(command).title);
	for (const command of ['logs.follow', 'dialog.switch', 'text.clear'] as const) {
		expect(titles).toContain(commandOf(command).title);
	}
});

const dangers = commandIds.filter((id) => commandOf(id).danger);

test('stopping, removing and collecting are dangers', () => {
	expect([...dangers].sort()).toEqual([
		'collect.execute',
		'container.remove',
		'container.restart',
		'container.stop',
		'image.remove',
	]);
});

test.each(dangers)('%s opens a question whose answer is no unless chosen otherwise', async (command) => {
	const tab = command === 'collect.execute' ? 'collect' : command === 'image.remove' ? 'images' : 'containers';
	const state = await loadedState();
	const opened = reduce(reduce(state, { type: 'commanded', command: `screen.${tab}` }), { type: 'commanded', command });
	expect(topOverlay(opened)).toMatchObject({ type: 'confirm', choice: 'no' });
});

test('docs/keys.md says what the keymap says (scripts/generate-keys-doc.ts writes it)', () => {
	expect(isKeysDocumentFresh()).toBe(true);
});

const noKey: PressedKey = {
	upArrow: false,
	downArrow: false,
	leftArrow: false,
	rightArrow: false,
	pageDown: false,
	pageUp: false,
	home: false,
	end: false,
	return: false,
	escape: false,
	ctrl: false,
	shift: false,
	tab: false,
	backspace: false,
	delete: false,
	meta: false,
};

test.each<[string, string, Partial<PressedKey>, string[]]>([
	['a letter', 'j', {}, ['j']],
	['a capital', 'G', { shift: true }, ['G']],
	['a key held down', 'jjj', {}, ['j', 'j', 'j']],
	['control', 'd', { ctrl: true }, ['ctrl-d']],
	['an arrow', '', { downArrow: true }, ['down']],
	['shift-tab', '', { tab: true, shift: true }, ['shift-tab']],
	['space', ' ', {}, ['space']],
	['enter', '\r', { return: true }, ['enter']],
	['escape', '', { escape: true }, ['escape']],
	['a pasted line', 'a b\r', {}, ['a', 'space', 'b', 'enter']],
	['a key of another world', '', {}, []],
	['meta', 'x', { meta: true }, []],
	['letters beyond ASCII', 'ñ泊', {}, ['ñ', '泊']],
	['a control character in a paste', '\u0001', {}, []],
])('%s is read as chords', (_, input, key, chords) => {
	expect(chordsOf(input, { ...noKey, ...key })).toEqual(chords);
});

test.each<[KeyContext, string, unknown]>([
	['containers', 's', { type: 'command', command: 'container.stop' }],
	['containers', 'S', { type: 'command', command: 'container.start' }],
	['images', 's', undefined],
	['collect', 'd', { type: 'command', command: 'collect.execute' }],
	['logs', '/', { type: 'command', command: 'list.filter' }],
	['confirm', 'enter', { type: 'command', command: 'dialog.accept' }],
	['confirm', '3', undefined],
	['filter', 'q', { type: 'text', text: 'q' }],
	['filter', 'space', { type: 'text', text: ' ' }],
	['filter', 'enter', { type: 'command', command: 'text.accept' }],
	['filter', 'down', { type: 'command', command: 'move.down' }],
	['filter', 'page-down', undefined],
	['help', 'q', { type: 'command', command: 'app.back' }],
	['overview', 'q', { type: 'command', command: 'app.quit' }],
])('in %s the key %s means its command', (context, chord, meaning) => {
	expect(resolveKey(context, chord)).toEqual(meaning);
});

test('what lies on top has the keys', async () => {
	let state: AppState = await loadedState();
	expect(keyContext(state)).toBe('overview');
	for (const [command, context] of [
		['screen.images', 'images'],
		['list.details', 'detail'],
		['app.help', 'help'],
		['app.back', 'detail'],
		['app.back', 'images'],
		['list.filter', 'filter'],
	] as const) {
		state = reduce(state, { type: 'commanded', command });
		expect(keyContext(state)).toBe(context);
	}
});
