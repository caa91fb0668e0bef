import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Docker daemon of the test's own, beside any that the machine has. */
export interface DockerDaemon {
	/** For `docker -H`, `podman-remote` and our own adapter. */
	readonly host: string;
	/** The environment in which `docker` speaks to it. */
	readonly env: NodeJS.ProcessEnv;
	/** Ends it and waits; its directory stays. */
	stop(): Promise<void>;
}

const startLimitMs = 60_000;

/**
 * Starts dockerd with everything it has below `directory` (which should be short: a socket's path is), without
 * networks, and waits until it answers. Containers need `--network none`.
 */
export async function startDockerDaemon(directory: string): Promise<DockerDaemon> {
	mkdirSync(directory, { recursive: true });
	const host = `unix://${join(directory, 'docker.sock')}`;
	const logPath = join(directory, 'dockerd.log');
	const log = openSync(logPath, 'w');
	const daemon = spawn(
		'dockerd',
		[
			'--host',
			host,
			'--data-root',
			join(directory, 'data'),
			'--exec-root',
			join(directory, 'exec'),
			'--pidfile',
			join(directory, 'docker.pid'),
			'--storage-driver',
			'overlay2',
			'--iptables=false',
			'--ip6tables=false',
			'--bridge=none',
		],
		{ stdio: ['ignore', log, log] },
	);
	closeSync(log);
	const ended = new Promise<void>((resolve) => {
		daemon.once('exit', () => resolve());
		daemon.once('error', () => resolve());
	});
	const env = { ...process.env, DOCKER_HOST: host };
	const stop = async () => {
		if (daemon.exitCode === null && daemon.signalCode === null) daemon.kill('SIGTERM');
		await ended;
	};
	for (const deadline = Date.now() + startLimitMs; ; await sleep(100)) {
		if (answers(env)) return { host, env, stop };
		const isGone = daemon.pid === undefined || daemon.exitCode !== null || daemon.signalCode !== null;
		if (!isGone && Date.now() < deadline) continue;
		if (!isGone) await stop();
		throw new Error(`dockerd did not start; its last words:\n${readFileSync(logPath, 'utf8').slice(-2000)}`);
	}
}

function answers(env: NodeJS.ProcessEnv): boolean {
	try {
		execFileSync('docker', ['version'], { env, stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}
