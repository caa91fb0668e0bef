/** The dashboard in a real pty at 120x40: first full frame, bytes for each key press, bytes while it only watches. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../test/support/terminal-driver.ts';
import { median } from './rounds.ts';

const program = fileURLToPath(new URL('../bin/tonnage.js', import.meta.url));
const keyCount = 20;
const watchSeconds = 10;

/** Prints medians. The store below `directory` must hold an image; a container of it runs meanwhile. */
export async function benchScreen(directory: string, roundCount: number): Promise<void> {
	const root = join(directory, 'tonnage');
	const firstFrames: number[] = [];
	const keyBytes: number[] = [];
	let watchBytes = Number.NaN;
	for (let round = 0; round < roundCount; round++) {
		const start = performance.now();
		const screen = startProgram(process.execPath, [program, '--root', root], { columns: 120, rows: 40 });
		await screen.waitFor('bench-sleeper', 20_000);
		firstFrames.push(performance.now() - start);
		screen.press('2');
		await pause(1500);
		for (let key = 0; key < keyCount; key++) {
			const before = screen.bytesReceived();
			screen.press(key % 2 === 0 ? 'j' : 'k');
			await pause(120);
			keyBytes.push(screen.bytesReceived() - before);
		}
		if (round === 0) {
			const before = screen.bytesReceived();
			await pause(watchSeconds * 1000);
			watchBytes = (screen.bytesReceived() - before) / watchSeconds;
		}
		screen.press('q');
		await screen.ended();
		await screen.close();
	}
	console.log('\ndashboard, 120x40, two containers running');
	console.log(`  first full frame   ${median(firstFrames).toFixed(0).padStart(9)} ms`);
	console.log(`  one key press      ${median(keyBytes).toFixed(0).padStart(9)} bytes`);
	console.log(`  watching           ${watchBytes.toFixed(0).padStart(9)} bytes/s (figures tick once a second)`);
}
