import { expect, test } from 'vitest';
import { resolveUser } from '../../../../src/engine/embedded/containers/user.ts';
import { isEngineError } from '../../../../src/engine/errors.ts';

const files = {
	passwd: `# accounts
root:x:0:0:root:/root:/bin/sh
sailor:x:1000:1001:Sailor:/home/sailor:/bin/sh
homeless:x:1002:1002:::
broken:x:notanumber:0::/:
1234:x:77:78::/odd:
`,
	group: `root:x:0:
crew:x:1001:
deck:x:2000:sailor,other
galley:x:2001:other,sailor
numbers:x:notanumber:sailor
`,
};

const rows: readonly { readonly text: string; readonly is: readonly [number, number, readonly number[], string] }[] = [
	{ text: '', is: [0, 0, [0], '/root'] },
	{ text: 'root', is: [0, 0, [0], '/root'] },
	{ text: 'sailor', is: [1000, 1001, [1001, 2000, 2001], '/home/sailor'] },
	{ text: '1000', is: [1000, 1001, [1001, 2000, 2001], '/home/sailor'] },
	{ text: 'sailor:deck', is: [1000, 2000, [2000], '/home/sailor'] },
	{ text: 'sailor:5', is: [1000, 5, [5], '/home/sailor'] },
	{ text: '42', is: [42, 0, [0], '/'] },
	{ text: '42:crew', is: [42, 1001, [1001], '/'] },
	{ text: ':deck', is: [0, 2000, [2000], '/root'] },
	{ text: 'homeless', is: [1002, 1002, [1002], '/'] },
	{ text: '1234', is: [77, 78, [78], '/odd'] },
	{ text: '2147483647', is: [2147483647, 0, [0], '/'] },
];

test.each(rows)('"$text" is $is', ({ text, is: [uid, gid, additionalGids, home] }) => {
	expect(resolveUser(text, files)).toEqual({ uid, gid, additionalGids, home });
});

test('numbers do without any files', () => {
	expect(resolveUser('7:8', { passwd: undefined, group: undefined })).toEqual({
		uid: 7,
		gid: 8,
		additionalGids: [8],
		home: '/',
	});
});

test.each(['nobody', 'broken', 'sailor:nogroup', '2147483648', '-1', '1e3', '0:-1', '0:99999999999', 'a:b:c'])(
	'"%s" is nobody',
	(text) => {
		expect(() => resolveUser(text, files)).toThrow(
			expect.toSatisfy((error: unknown) => isEngineError(error, 'invalid-argument')),
		);
	},
);
