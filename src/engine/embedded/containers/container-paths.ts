import { join } from 'node:path';
import type { StorePaths } from '../paths.ts';

/** Every place that one container has. What lies in `directory` lasts; what lies in `bundle` is worth nothing once it has ended. */
export interface ContainerPaths {
	readonly directory: string;
	/** flock'ed while a verb changes the container. */
	readonly lock: string;
	/** The writable layer. */
	readonly upper: string;
	readonly work: string;
	/** A lower layer of our own under the writable one: mount points that every container has, so that `diff` does not show them. */
	readonly init: string;
	/** Where the root is mounted while it runs. */
	readonly merged: string;
	readonly log: string;
	readonly hosts: string;
	readonly hostname: string;
	readonly resolvConf: string;
	/** What the runtime and the monitor work in: config.json, sockets, pid files. flock'ed while somebody attends the container. */
	readonly bundle: string;
	readonly config: string;
	readonly pidFile: string;
	readonly monitorPidFile: string;
	readonly monitorLog: string;
	readonly attachSocket: string;
	/** FIFO for the terminal's size. */
	readonly control: string;
	/** There once the kernel has killed for memory. */
	readonly memoryKill: string;
	/** Written by the monitor: the exit code as text. */
	readonly exitFile: string;
	/** The runtime's own record of it. */
	readonly runtimeState: string;
}

/** Where the runtime keeps its records (`--root`). */
export function runtimeRoot(paths: StorePaths): string {
	return join(paths.run, 'runtime');
}

/** Where monitors leave the exit codes; worth watching. */
export function exitDirectory(paths: StorePaths): string {
	return join(paths.run, 'exits');
}

/** The layout of one container's places. */
export function containerPaths(paths: StorePaths, id: string): ContainerPaths {
	const directory = join(paths.containers, id);
	const bundle = join(paths.run, id);
	return {
		directory,
		lock: join(directory, 'lock'),
		upper: join(directory, 'upper'),
		work: join(directory, 'work'),
		init: join(directory, 'init'),
		merged: join(directory, 'merged'),
		log: join(directory, 'ctr.log'),
		hosts: join(directory, 'hosts'),
		hostname: join(directory, 'hostname'),
		resolvConf: join(directory, 'resolv.conf'),
		bundle,
		config: join(bundle, 'config.json'),
		pidFile: join(bundle, 'pid'),
		monitorPidFile: join(bundle, 'monitor.pid'),
		monitorLog: join(bundle, 'monitor.log'),
		attachSocket: join(bundle, 'attach'),
		control: join(bundle, 'ctl'),
		memoryKill: join(bundle, 'oom'),
		exitFile: join(exitDirectory(paths), id),
		runtimeState: join(runtimeRoot(paths), id),
	};
}

/** Absolute path of what is stored for one container. */
export function containerDirectory(store: { readonly paths: StorePaths }, id: string): string {
	return containerPaths(store.paths, id).directory;
}
