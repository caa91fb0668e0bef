import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const directory = fileURLToPath(new URL('../frames/', import.meta.url));

/**
 * Compares a frame with `test/frames/<name>.golden.txt`, line by line. A frame that is missing there fails; UPDATE_FRAMES=1
 * writes what it got instead, to be read before it is committed.
 */
export function expectFrame(name: string, lines: readonly string[]): void {
	const path = `${directory}${name}.golden.txt`;
	const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
	if (process.env.UPDATE_FRAMES === '1') {
		mkdirSync(directory, { recursive: true });
		writeFileSync(path, text);
		return;
	}
	if (!existsSync(path)) throw new Error(`There is no frame "${name}" yet; UPDATE_FRAMES=1 writes it:\n${text}`);
	expect(text).toBe(readFileSync(path, 'utf8'));
}
