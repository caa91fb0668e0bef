/** `run --rm IMAGE true`: create, start, wait, remove, as one command. */
import type { Peer } from './peers.ts';
import { medians, report } from './rounds.ts';

/** Prints the medians. The image must be loaded under that name everywhere. */
export async function benchRun(peers: readonly Peer[], image: string, roundCount: number): Promise<void> {
	const contenders = peers.map((peer) => ({
		name: peer.name,
		run: () => void peer.run(['run', '--rm', '--network', 'none', image, '/bin/busybox', 'true']),
	}));
	// The first start of each pays for caches that all later ones find warm.
	for (const { run } of contenders) run();
	report('run --rm IMAGE true, network none', await medians(contenders, roundCount));
}
