import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../engine/errors.ts';
import type { ImageSource } from '../engine/port.ts';
import { canonicalReference, familiarReference } from '../engine/reference.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './failure.ts';
import { printable } from './printable.ts';
import { progressLine } from './progress.ts';
import type { VerbCall } from './verb.ts';

/** `tonnage load`: every image of an archive or a layout directory. */
export async function loadImages({ context, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const source = sourceFrom(context, options.text('input') ?? '-', 'load');
	const { images } = await context.engine();
	const progress = progressLine(host.stderr, 'Loading', host.now);
	try {
		const loaded = await images.load(source, {
			signal: host.interrupted,
			...(options.flag('quiet') ? {} : { onProgress: progress.show }),
		});
		progress.end();
		for (const { id, references } of loaded) {
			const lines = references.map((reference) => `Loaded image: ${printable(familiarReference(reference))}\n`);
			host.stdout.write(lines.length > 0 ? lines.join('') : `Loaded image ID: ${id}\n`);
		}
	} catch (error) {
		progress.end();
		throw error;
	}
	return undefined;
}

/** `tonnage import`: one layer from a root filesystem's tar. */
export async function importImage({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const [file = '-', name] = operands;
	if (/^https?:\/\//.test(file)) throw new UsageError('"tonnage import" reads a file or "-", not a URL.');
	const source = sourceFrom(context, file, 'import');
	const reference = name === undefined ? undefined : canonicalReference(name);
	const { images } = await context.engine();
	const progress = progressLine(host.stderr, 'Importing', host.now);
	try {
		const id = await images.import(source, {
			reference,
			message: options.text('message') ?? '',
			changes: options.texts('change'),
			signal: host.interrupted,
			onProgress: progress.show,
		});
		progress.end();
		host.stdout.write(`${id}\n`);
	} catch (error) {
		progress.end();
		throw error;
	}
	return undefined;
}

/** `tonnage save`: one archive to a file, whole or not at all, or to a pipe. */
export async function saveImages({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const output = options.text('output');
	if (output === undefined && host.stdout.isTTY) {
		throw new UsageError('An archive is not for a terminal.', 'Name a file with -o, or send the output into one.');
	}
	const { images } = await context.engine();
	const archive = images.save(operands, { signal: host.interrupted });
	if (output === undefined) await writeToPipe(context, archive);
	else await writeToFile(resolve(host.workingDirectory, output), archive);
	return undefined;
}

function sourceFrom({ host }: CliContext, file: string, verb: string): ImageSource {
	if (file !== '-') return { type: 'path', path: resolve(host.workingDirectory, file) };
	if (host.stdin.isTTY) {
		throw new UsageError(
			`"tonnage ${verb}" would read standard input, but that is a terminal.`,
			verb === 'load' ? 'Name a file with -i, or pipe one in.' : 'Name a file, or pipe one in.',
		);
	}
	return { type: 'stream', stream: host.stdin as AsyncIterable<Uint8Array>, label: 'standard input' };
}

async function writeToPipe({ host }: CliContext, archive: AsyncIterable<Uint8Array>): Promise<void> {
	await pipeline(Readable.from(archive, { objectMode: false }), host.stdout, {
		end: false,
		signal: AbortSignal.any([host.interrupted, host.outputGone]),
	});
}

async function writeToFile(path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
	const present = await stat(path).catch(() => undefined);
	if (present !== undefined && !present.isFile()) {
		// A device or a pipe cannot be replaced by a rename; it gets the bytes as they come.
		if (present.isDirectory())
			throw new EngineError('io-failed', { operation: 'write', path, code: 'it is a directory' });
		await pipeline(archive, createWriteStream(path));
		return;
	}
	const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
	try {
		// Opened before the first byte is asked for: an archive that fails at once must find a file to take away.
		const file = await open(unfinished, 'wx');
		await pipeline(archive, file.createWriteStream({ flush: true }));
		await rename(unfinished, path);
		await syncDirectory(dirname(path));
	} catch (error) {
		await rm(unfinished, { force: true });
		throw writingError(error, path);
	}
}

async function syncDirectory(path: string): Promise<void> {
	const directory = await open(path);
	try {
		await directory.sync();
	} finally {
		await directory.close();
	}
}

function writingError(error: unknown, path: string): unknown {
	if (error instanceof EngineError || !(error instanceof Error) || !('code' in error)) return error;
	const options = { cause: error };
	switch (error.code) {
		case 'ABORT_ERR':
			return error;
		case 'ENOSPC':
		case 'EDQUOT':
			return new EngineError('out-of-space', { path, resource: 'bytes' }, options);
		case 'EACCES':
		case 'EPERM':
		case 'EROFS':
			return new EngineError(
				'permission-denied',
				{ operation: 'write', path },
				{ ...options, hint: 'Choose another file.' },
			);
		default:
			return new EngineError('io-failed', { operation: 'write', path, code: String(error.code) }, options);
	}
}
