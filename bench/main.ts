/** `npm run bench [-- load run df screen]`: figures beside docker and podman, in one run, as ratios. Needs root. */

import { benchDiskUsage } from './disk-usage.ts';
import { benchLoad, makeArchive } from './load.ts';
import { startPeers } from './peers.ts';
import { benchRun } from './run-rm.ts';
import { benchScreen } from './screen.ts';

const wanted = process.argv.slice(2);
const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
const asked = (name: string) => wanted.length === 0 || wanted.includes(name);
const image = 'localhost/bench:1';

const world = await startPeers();
try {
	const archive = makeArchive(world.directory, image);
	for (const peer of world.peers) peer.run(['load', '-i', archive]);
	if (asked('load')) await benchLoad(world.peers, archive, Math.min(rounds, 5));
	if (asked('run')) await benchRun(world.peers, image, rounds);
	if (asked('df')) await benchDiskUsage(world.peers, rounds);
	if (asked('screen')) {
		for (const name of ['bench-sleeper', 'bench-watch']) {
			world.peers[0]?.run(['run', '-d', '--network', 'none', '--name', name, image, '/bin/busybox', 'sleep', '3600']);
		}
		await benchScreen(world.directory, rounds);
		world.peers[0]?.run(['rm', '-f', 'bench-sleeper', 'bench-watch']);
	}
} finally {
	await world.stop();
}
