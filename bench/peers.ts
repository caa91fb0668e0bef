import { mkdtempSync, writeFileSync } from 'node:fs';
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
	const directory = mkdtempSync(join(tmpdir(), 'tonnage-bench-'));
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
			unlinkTree(directory);
		},
	};
}
