/** `system df` on the same images, and what each says beside what the disk says. */
import type { Peer } from './peers.ts';
import { medians, report } from './rounds.ts';

/** Prints the medians of whole commands, Node's own start included. */
export async function benchDiskUsage(peers: readonly Peer[], roundCount: number): Promise<void> {
	for (const args of [['system', 'df'], ['images'], ['ps', '-a']]) {
		const contenders = peers.map((peer) => ({ name: peer.name, run: () => void peer.run(args) }));
		report(args.join(' '), await medians(contenders, roundCount));
	}
}
