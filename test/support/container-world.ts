import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { createContainers } from '../../src/engine/embedded/containers/containers.ts';
import { createImages } from '../../src/engine/embedded/images/images.ts';
import { mountsBelow, unmountOverlay } from '../../src/engine/embedded/layers/overlay.ts';
import { type OpenedStore, openStore } from '../../src/engine/embedded/open.ts';
import { probeRuntime } from '../../src/engine/embedded/system/runtime-probe.ts';
import { createVolumes } from '../../src/engine/embedded/volumes/volumes.ts';
import type { Images, Volumes } from '../../src/engine/port.ts';
import type { ContainerRequest, Containers, ProcessStreams } from '../../src/engine/port-containers.ts';
import { canonicalReference } from '../../src/engine/reference.ts';

/** A store of its own with a busybox image called `box`, and real containers. Close it, whatever happened. */
export interface ContainerWorld {
	readonly root: string;
	readonly store: OpenedStore;
	readonly images: Images;
	readonly containers: Containers;
	readonly volumes: Volumes;
	/** Lets go of the store and opens it again, as the next command would. */
	reopen(): ContainerWorld;
	/** Ends what still runs and removes everything. Gives what a clean engine would not have left: see `strays`. */
	close(): Promise<void>;
}

/** How the monitors of these containers call for their end. */
export const exitedCommand: readonly string[] = [process.execPath, resolve('test/support/container-exited.ts')];

/** Everything of a request that a test does not care about. */
export function request(part: Partial<ContainerRequest> = {}): ContainerRequest {
	return {
		image: 'box',
		name: undefined,
		command: undefined,
		entrypoint: undefined,
		environment: [],
		workingDirectory: undefined,
		user: undefined,
		hostname: undefined,
		mounts: [],
		network: 'none',
		limits: { memoryBytes: undefined, cpus: undefined, pidsLimit: undefined },
		labels: {},
		tty: false,
		stdinOpen: false,
		autoRemove: false,
		stopSignal: undefined,
		...part,
	};
}

/** Makes the store and the image. `changes` are Dockerfile instructions. */
export async function openWorld(changes: readonly string[] = ['CMD ["sh"]']): Promise<ContainerWorld> {
	const directory = mkdtempSync(join(tmpdir(), 'tonnage-containers-'));
	const world = worldAt(join(directory, 'store'), directory);
	await importRoot(world.images, directory, { name: 'box', changes });
	return world;
}

/** One more image from a busybox root; `prepare` may change that root before. */
export async function importRoot(
	images: Images,
	directory: string,
	image: { readonly name: string; readonly changes?: readonly string[]; readonly prepare?: (root: string) => void },
): Promise<void> {
	const root = mkdtempSync(join(directory, 'root-'));
	const archive = `${root}.tar`;
	makeBusyboxRoot(root);
	image.prepare?.(root);
	execFileSync('tar', ['-C', root, '-cf', archive, '.']);
	await images.import(
		{ type: 'path', path: archive },
		{ reference: canonicalReference(image.name), message: 'busybox', changes: image.changes ?? ['CMD ["sh"]'] },
	);
	rmSync(root, { recursive: true });
	rmSync(archive);
}

function makeBusyboxRoot(root: string): void {
	for (const name of ['bin', 'etc', 'tmp', 'root', 'home']) mkdirSync(join(root, name));
	chmodSync(root, 0o755);
	chmodSync(join(root, 'tmp'), 0o1777);
	execFileSync('cp', ['/bin/busybox', join(root, 'bin/busybox')]);
	const applets =
		'sh cat ls echo id pwd env sleep true false kill dd stty hostname mount touch rm mkdir head wc sha256sum ln ps stat yes grep';
	for (const applet of applets.split(' ')) symlinkSync('busybox', join(root, 'bin', applet));
	writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nsailor:x:1000:1001:Sailor:/home:/bin/sh\n');
	writeFileSync(join(root, 'etc/group'), 'root:x:0:\ncrew:x:1001:\ndeck:x:1002:sailor\n');
}

function worldAt(root: string, directory: string): ContainerWorld {
	const store = openStore({ root });
	const containers = createContainers(store, { runtime: probeRuntime(), selfCommand: exitedCommand });
	const world: ContainerWorld = {
		root,
		store,
		images: createImages(store),
		containers,
		volumes: createVolumes(store),
		reopen: () => {
			store.close();
			return worldAt(root, directory);
		},
		close: async () => {
			try {
				for (const { id } of await containers.list()) await containers.remove(id, { force: true, volumes: true });
			} finally {
				store.close();
				// A monitor's call for an end that was seen to already may still be under way, and would meet a half-removed store.
				for (let tries = 0; tries < 200 && processesOf(root).length > 0; tries++) await pause(50);
				for (const mount of mountsBelow(directory)) unmountOverlay(mount);
				rmSync(directory, { recursive: true, force: true });
			}
		},
	};
	return world;
}

/** Streams into memory; `stdin` is what the container reads. */
export interface Captured {
	readonly streams: ProcessStreams;
	stdout(): Buffer;
	stderr(): Buffer;
}

/** Streams that remember what was written to them. */
export function capture(stdin?: Readable, terminal?: ProcessStreams['terminal']): Captured {
	const collect = () => {
		const chunks: Buffer[] = [];
		const stream = new PassThrough();
		stream.on('data', (chunk: Buffer) => chunks.push(chunk));
		return { stream, bytes: () => Buffer.concat(chunks) };
	};
	const stdout = collect();
	const stderr = collect();
	return {
		streams: { stdin, stdout: stdout.stream, stderr: stderr.stream, terminal },
		stdout: stdout.bytes,
		stderr: stderr.bytes,
	};
}

/** What one run gave. */
export interface RunResult {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** `run --rm` with its output caught. */
export async function run(world: ContainerWorld, part: Partial<ContainerRequest>): Promise<RunResult> {
	const id = await world.containers.create(request({ autoRemove: true, ...part }));
	const captured = capture();
	const exitCode = await foreground(world).run(id, captured.streams);
	return { exitCode, stdout: captured.stdout().toString(), stderr: captured.stderr().toString() };
}

/** The capability, which this engine has. */
export function foreground(world: ContainerWorld): NonNullable<Containers['foreground']> {
	if (world.containers.foreground === undefined) throw new Error('the embedded engine has no foreground');
	return world.containers.foreground;
}

/** Mounts, control groups, processes and runtime records that mention this store or these containers. */
export function strays(root: string, ids: readonly string[] = []): readonly string[] {
	const mounts = mountsBelow(root).map((mount) => `mount ${mount}`);
	const groups = readdirSync('/sys/fs/cgroup').flatMap((controller) =>
		readdirSync(join('/sys/fs/cgroup', controller))
			.filter((name) => ids.some((id) => name === `tonnage-${id}`))
			.map((name) => `cgroup ${controller}/${name}`),
	);
	const processes = processesOf(root).map((pid) => `process ${pid}`);
	const bundles = readdirSync(join(root, 'run'))
		.filter((name) => /^[0-9a-f]{64}$/.test(name))
		.map((name) => `bundle ${name}`);
	return [...mounts, ...groups, ...processes, ...bundles];
}

/** Processes besides this one whose command line mentions a store. */
function processesOf(root: string): readonly string[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter((pid) => {
			try {
				return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(root);
			} catch {
				return false;
			}
		});
}
