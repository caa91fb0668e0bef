import { expect, test } from 'vitest';
import { type CopyTarget, planCopy } from '../../../../src/engine/embedded/containers/copy-plan.ts';
import { isEngineError } from '../../../../src/engine/errors.ts';

const outcome = (source: Parameters<typeof planCopy>[0], target: CopyTarget) => {
	try {
		const { directory, name } = planCopy(source, target);
		return `${directory} + ${name}`;
	} catch (error) {
		return isEngineError(error) ? error.message : String(error);
	}
};

test.each<[string, boolean, string, CopyTarget['kind'], string]>([
	['/src/f', false, '/dst', 'missing', '/ + dst'],
	['/src/f', false, '/a/dst', 'other', '/a + dst'],
	['/src/f', false, '/a', 'directory', '/a + f'],
	['/src/f', false, '/a/', 'directory', '/a/ + f'],
	['/src/f', false, '/a/', 'missing', 'the destination /a/: there is no such directory.'],
	['/src/f', false, '/a/', 'other', 'the destination /a/: it is not a directory.'],
	['/src/d', true, '/a/new', 'missing', '/a + new'],
	['/src/d/.', true, '/a/new', 'missing', '/a + new'],
	['/src/d', true, '/a/new/', 'missing', '/a + new'],
	['/src/d', true, '/a', 'directory', '/a + d'],
	['/src/d/', true, '/a', 'directory', '/a + d'],
	['/src/d/.', true, '/a', 'directory', '/a + '],
	['/', true, '/a', 'directory', '/a + '],
	['/src/d', true, '/f', 'other', 'the destination /f: a directory cannot be copied over a file.'],
])('%s (directory: %s) to %s (%s): %s', (from, isDirectory, path, kind, expected) => {
	expect(outcome({ path: from, isDirectory }, { path, kind })).toBe(expected);
});
