import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unlinkTree } from '../src/engine/embedded/layers/unlink-tree.ts';
import { startDockerDaemon } from '../test/support/docker-daemon.ts';
import { must } from './rounds.ts';

/** The same verbs, three programs: each call is one process, as a user starts it. */
export interface Peer {
	readonly name: 'tonnage' | 'docker' | 'podman';
	run(args: readonly string[], input?: Buffer): string;
}

/** tonnage, docker and podman with private stores below one directory; `stop` ends the daemon and removes everything. */
export async function startPeers(): Promise<{
	readonly directory: string;
	readonly peers: readonly Peer[];
	stop(): Promise<void>;
}> {
	const home = mkdtempSync(join(tmpdir(), 'tonnage-bench-'));
	const directory = mountFreshDisk(home);
	const daemon = await startDockerDaemon(join(directory, 'docker'));
	const program = fileURLToPath(new URL('../bin/tonnage.js', import.meta.url));
	const podman = join(directory, 'podman');
	const configuration = join(directory, 'containers.conf');
	// This machine may not raise rlimits, and podman would.
	writeFileSync(
		configuration,
		'[containers]\ndefault_ulimits = []\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\nruntime = "runc"\n',
	);
	const withInput = (input: Buffer | undefined) => (input === undefined ? {} : { input });
	const tonnage = (args: readonly string[], input?: Buffer) =>
		must(process.execPath, [program, '--root', join(directory, 'tonnage'), ...args], withInput(input));
	const peers: readonly Peer[] = [
		{ name: 'tonnage', run: tonnage },
		{
			name: 'docker',
			run: (args, input) =>
				must('docker', args, { env: { ...process.env, DOCKER_HOST: daemon.host }, ...withInput(input) }),
		},
		{
			name: 'podman',
			run: (args, input) =>
				must(
					'podman',
					['--root', join(podman, 'root'), '--runroot', join(podman, 'run'), '--storage-driver', 'overlay', ...args],
					{
						env: { ...process.env, CONTAINERS_CONF: configuration },
						...withInput(input),
					},
				),
		},
	];
	return {
		directory,
		peers,
		stop: async () => {
			await daemon.stop();
			// What a peer leaves mounted below goes with the disk.
			must('umount', ['--recursive', directory]);
			unlinkTree(home);
		},
	};
}

/**
 * A filesystem of our own, the same for all three: on one that others use, creating a file can take ten times as long
 * for as long as ext4 steps over what was deleted near it a moment ago.
 */
function mountFreshDisk(home: string): string {
	const [image, directory] = [join(home, 'disk.img'), join(home, 'disk')];
	must('truncate', ['--size', '12G', image]);
	must('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', '-N', '400000', image]);
	mkdirSync(directory);
	must('mount', ['-o', 'loop', image, directory]);
	return directory;
}
