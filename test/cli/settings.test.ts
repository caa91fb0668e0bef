import { expect, test } from 'vitest';
import { frameSizeFrom, settingsFrom } from '../../src/cli/settings.ts';

const host = { environment: {}, isRoot: true, workingDirectory: '/home/me' };

test.each([
	[{ root: '/a' }, { ...host, environment: { TONNAGE_ROOT: '/b' } }, '/a'],
	[{ root: 'demo' }, host, '/home/me/demo'],
	[{}, { ...host, environment: { TONNAGE_ROOT: '/b' } }, '/b'],
	[{}, { ...host, environment: { TONNAGE_ROOT: '' } }, '/var/lib/tonnage'],
	[{}, host, '/var/lib/tonnage'],
	[{}, { ...host, isRoot: false, environment: { HOME: '/home/me' } }, '/home/me/.local/share/tonnage'],
	[{}, { ...host, isRoot: false, environment: { HOME: '/home/me', XDG_DATA_HOME: '/data' } }, '/data/tonnage'],
])('%j in %j: the store is %s', (options, world, root) => {
	expect(settingsFrom(options, world).root).toBe(root);
});

test('an empty root is refused, because it would mean this directory', () => {
	expect(() => settingsFrom({ root: '' }, host)).toThrow('--root needs a directory');
});

test('a frame is as large as asked for, else as the terminal, else 120x40', () => {
	expect(frameSizeFrom('80x24', { columns: 200, rows: 50 })).toEqual({ columns: 80, rows: 24 });
	expect(frameSizeFrom(true, { columns: 200, rows: 50 })).toEqual({ columns: 200, rows: 50 });
	expect(frameSizeFrom(true, {})).toEqual({ columns: 120, rows: 40 });
	for (const text of ['80', '80x', 'x24', '0x0', '99999x1']) {
		expect(() => frameSizeFrom(text, {})).toThrow('is not a size');
	}
});
