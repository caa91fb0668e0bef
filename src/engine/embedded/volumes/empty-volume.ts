import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StorePaths } from '../paths.ts';
import { isSystemError } from '../system/syscalls.ts';
import { volumeDataPath } from './volume-store.ts';

/** True for a volume's directory that holds nothing: all that a creation which failed can have left. */
export function isEmptyVolume(paths: StorePaths, name: string): boolean {
	try {
		const inside = readdirSync(join(paths.volumes, name));
		return inside.every((entry) => entry === '_data') && (inside.length === 0 || isEmpty(volumeDataPath(paths, name)));
	} catch (error) {
		if (isSystemError(error, 'ENOTDIR', 'ENOENT')) return false;
		throw error;
	}
}

/** Removes a volume's directory that holds nothing and has no row; touches no other. Only inside `database.write`. */
export function dropEmptyVolume(paths: StorePaths, name: string): void {
	for (const directory of [volumeDataPath(paths, name), join(paths.volumes, name)]) {
		try {
			rmdirSync(directory);
		} catch (error) {
			if (!isSystemError(error, 'ENOENT', 'ENOTEMPTY', 'ENOTDIR')) throw error;
		}
	}
}

function isEmpty(directory: string): boolean {
	return readdirSync(directory).length === 0;
}
