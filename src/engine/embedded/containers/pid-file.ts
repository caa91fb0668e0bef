import { readFileSync } from 'node:fs';
import { identifyProcess, type ProcessIdentity } from '../system/process-identity.ts';

/**
 * Whom a pid file names, if that process lives. With `mentioning`, only where its command line holds that text: a
 * file may be older than the process that has its number now.
 */
export function identifyFromPidFile(path: string, mentioning?: string): ProcessIdentity | undefined {
	try {
		const identity = identifyProcess(Number(readFileSync(path, 'latin1')));
		if (identity === undefined || mentioning === undefined) return identity;
		const commandLine = readFileSync(`/proc/${identity.pid}/cmdline`, 'latin1');
		return commandLine.includes(mentioning) ? identity : undefined;
	} catch {
		return undefined;
	}
}
