import { expect, test } from 'vitest';
import { parseDetachKeys } from '../../src/cli/detach-keys.ts';
import { UsageError } from '../../src/cli/failure.ts';

test.each([
	['ctrl-p,ctrl-q', [16, 17]],
	['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
	['a,Z,DEL', [97, 90, 127]],
	['', []],
])('%j is %j', (text, bytes) => {
	expect([...parseDetachKeys(text)]).toEqual(bytes);
});

test.each(['ctrl-', 'ctrl-P', 'ctrl-pp', 'ab', 'ctrl-p,', 'é'])('%j is refused', (text) => {
	expect(() => parseDetachKeys(text)).toThrow(UsageError);
});
