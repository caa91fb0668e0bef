import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { EngineError } from '../../errors.ts';
import type { MissingComponent } from '../../port.ts';
import { type CgroupLayout, detectCgroupLayout } from './cgroups.ts';

/** The programs of the host that hold containers. */
export interface RuntimeProbe {
	/** An OCI runtime that works here: absolute path of crun or runc. */
	readonly runtimePath: string | undefined;
	/** conmon, which outlives us beside each container. */
	readonly monitorPath: string | undefined;
	/** util-linux' flock, with which a monitor finds out whether somebody attends the container's end. */
	readonly flockPath: string | undefined;
	readonly missing: readonly MissingComponent[];
}

/** The programs, where none is missing. */
export interface RuntimePrograms {
	readonly runtime: string;
	readonly monitor: string;
	readonly flock: string | undefined;
}

/** Where the system's own programs lie, whatever PATH a login or cron gives. */
const systemDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** What the probe looks at; tests hand in another host. */
export interface ProbeHost {
	readonly layout: CgroupLayout;
	/** Absolute path of a program, if it is installed. */
	readonly find: (program: string) => string | undefined;
}

/** Looks for what containers need. Starts nothing: costs a dozen file look-ups. */
export function probeRuntime(host: ProbeHost = { layout: detectCgroupLayout(), find: findProgram }): RuntimeProbe {
	const runc = host.find('runc');
	const crun = host.find('crun');
	const monitorPath = host.find('conmon');
	// crun refuses to run where controllers are split between cgroup v1 and v2; where it works it is the faster one.
	const runtimePath = host.layout === 'hybrid' ? runc : (crun ?? runc);
	const missing: MissingComponent[] = [];
	if (runtimePath === undefined) {
		missing.push(
			host.layout === 'hybrid' && crun !== undefined
				? {
						component: 'runc',
						neededFor: 'to run containers, because crun does not work with this host’s hybrid cgroups',
						packages: ['runc'],
					}
				: {
						component: 'an OCI runtime (runc or crun)',
						neededFor: 'to run containers',
						packages: host.layout === 'hybrid' ? ['runc'] : ['crun', 'runc'],
					},
		);
	}
	if (monitorPath === undefined) {
		missing.push({ component: 'conmon', neededFor: 'to run containers', packages: ['conmon'] });
	}
	return { runtimePath, monitorPath, flockPath: host.find('flock'), missing };
}

/** @throws EngineError missing-component, naming the package */
export function requirePrograms(probe: RuntimeProbe): RuntimePrograms {
	const { runtimePath, monitorPath, missing } = probe;
	if (runtimePath === undefined || monitorPath === undefined) {
		const first = missing[0];
		throw new EngineError('missing-component', {
			component: first?.component ?? 'an OCI runtime',
			neededFor: first?.neededFor ?? 'to run containers',
			packages: missing.map(({ packages }) => packages[0] ?? ''),
		});
	}
	return { runtime: runtimePath, monitor: monitorPath, flock: probe.flockPath };
}

/** Absolute path of an executable in PATH or where the system keeps its own; undefined where there is none. */
export function findProgram(program: string): string | undefined {
	const directories = [
		...(process.env.PATH ?? '').split(':').filter((part) => part.startsWith('/')),
		...systemDirectories,
	];
	return directories
		.map((directory) => join(directory, program))
		.find((path) => {
			try {
				accessSync(path, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}
