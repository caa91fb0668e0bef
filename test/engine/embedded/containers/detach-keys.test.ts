import { expect, test } from 'vitest';
import { DetachDetector } from '../../../../src/engine/embedded/containers/detach-keys.ts';

const typed = (keys: string, ...chunks: readonly string[]) => {
	const detector = new DetachDetector(Buffer.from(keys));
	return chunks.map((chunk) => {
		const { bytes, isComplete } = detector.push(Buffer.from(chunk));
		return `${bytes.toString()}${isComplete ? '!' : ''}`;
	});
};

test.each([
	['ab', ['ab'], ['!']],
	['ab', ['a', 'b'], ['', '!']],
	['ab', ['xa', 'by'], ['x', '!']],
	['ab', ['a', 'x'], ['', 'ax']],
	['ab', ['aab'], ['a!']],
	['ab', ['a', 'a', 'b'], ['', 'a', '!']],
	['aab', ['aaxab'], ['aaxab']],
	['a', ['xax'], ['x!']],
	['', ['ab'], ['ab']],
])('keys %j, typed %j: %j', (keys, chunks, expected) => {
	expect(typed(keys, ...chunks)).toEqual(expected);
});
