import { readFileSync, realpathSync } from 'node:fs';

/** One line of mountinfo. Spec: proc_pid_mountinfo(5) */
interface Mount {
	readonly device: string;
	/** What of the filesystem is mounted. */
	readonly root: string;
	readonly point: string;
}

/**
 * Mount points, in this process's namespace, that use a directory: something is mounted in it, or it or a part of
 * it is mounted elsewhere. Empty where it is not there.
 */
export function mountsUsing(directory: string): readonly string[] {
	let path: string;
	try {
		path = realpathSync(directory);
	} catch {
		return [];
	}
	const mounts = readMounts();
	// The last one that contains it is the one on top.
	const home = mounts.filter(({ point }) => isWithin(path, point)).reduce(deeper, undefined);
	const inside =
		home === undefined ? undefined : joined(home.root, path.slice(home.point === '/' ? 0 : home.point.length));
	return mounts
		.filter(
			({ device, root, point }) =>
				isWithin(point, path) || (inside !== undefined && device === home?.device && isWithin(root, inside)),
		)
		.map(({ point }) => point);
}

function readMounts(): readonly Mount[] {
	return readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.flatMap((line) => {
			const [, , device, root, point] = line.split(' ');
			if (device === undefined || root === undefined || point === undefined) return [];
			return [{ device, root: unescaped(root), point: unescaped(point) }];
		});
}

function deeper(best: Mount | undefined, mount: Mount): Mount {
	return best === undefined || mount.point.length >= best.point.length ? mount : best;
}

function isWithin(path: string, directory: string): boolean {
	return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

function joined(root: string, rest: string): string {
	return root === '/' ? rest : root + rest;
}

/** Spaces, tabs, newlines and backslashes are written as octal. */
function unescaped(text: string): string {
	return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
