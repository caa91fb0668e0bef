import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { EngineError } from '../engine/errors.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './failure.ts';
import type { OptionValues } from './verb.ts';

/** Where a container's ID is to be written. */
export interface IdFile {
	/** Writes what `create` gives; where that fails, the file goes again. */
	write<Id extends string>(create: () => Promise<Id>): Promise<Id>;
}

/** `--cidfile`: claimed before anything is made, so that no container comes to be whose ID nobody has. @throws UsageError, EngineError io-failed */
export function claimIdFile({ host }: CliContext, options: OptionValues): IdFile {
	const text = options.text('cidfile');
	if (text === undefined) return { write: (create) => create() };
	const path = resolve(host.workingDirectory, text);
	const file = openNew(path);
	return {
		write: async (create) => {
			try {
				const id = await create();
				writeSync(file, id);
				return id;
			} catch (error) {
				unlinkSync(path);
				throw error;
			} finally {
				closeSync(file);
			}
		},
	};
}

function openNew(path: string): number {
	try {
		return openSync(path, 'wx', 0o644);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (code === 'EEXIST') {
			throw new UsageError(
				`--cidfile: ${path} exists already.`,
				'Make sure that no container needs it, and remove it.',
			);
		}
		throw new EngineError('io-failed', { operation: 'write', path, code }, { cause: error });
	}
}
