import { expect, test } from 'vitest';
import { printable, printableOutput } from '../../src/cli/printable.ts';

test.each([
	['plain', 'plain'],
	['two\nlines\tand a tab', 'two lines and a tab'],
	['\u001b[31mred\u001b[0m', 'red'],
	['\u001b]52;c;c3RlYWw=\u0007clip', 'clip'],
	['\u001b]0;title\u001b\\after', 'after'],
	['over\rwritten\u0008', 'overwritten'],
	['c1 \u009b2J csi', 'c1 2J csi'],
	['right\u202eleft', 'rightleft'],
	['\u001bc reset', ' reset'],
	['unfinished \u001b[', 'unfinished '],
	['日本 é', '日本 é'],
])('%j is shown as %j', (text, shown) => {
	expect(printable(text)).toBe(shown);
});

test('a container’s output keeps its colours and lines on a terminal, and nothing that commands it', () => {
	const text = '\u001b[1;32mok\u001b[0m\tdone\n\u001b[2J\u001b]0;mine\u0007\u001b[5Abye\r\n';
	expect(printableOutput(text)).toBe('\u001b[1;32mok\u001b[0m\tdone\nbye\n');
});
