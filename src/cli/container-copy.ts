import { once } from 'node:events';
import { resolve } from 'node:path';
import { EngineError } from '../engine/errors.ts';
import type { ContainerFiles } from '../engine/port-containers.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './failure.ts';
import type { VerbCall } from './verb.ts';

/** One side of a copy. */
type Place = { readonly container: string; readonly path: string } | { readonly path: string };

/** `tonnage cp`. */
export async function copyFiles({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const [source, target] = operands.map(placeFrom);
	const archive = options.flag('archive');
	const followLink = options.flag('follow-link');
	if (source === undefined || target === undefined) throw new UsageError('"tonnage cp" needs two paths.');
	const onHost = (path: string) =>
		`${resolve(host.workingDirectory, path)}${/(^|\/)\.$/.test(path) ? '/.' : path.endsWith('/') ? '/' : ''}`;
	if ('container' in source && 'container' in target) {
		throw new UsageError('Nothing is copied between containers.', 'Copy it here first, or through a pipe with "-".');
	}
	if ('container' in source) {
		const files = await filesOf(context);
		const { container, path } = source;
		if (target.path !== '-') {
			await files.copyOut(container, path, onHost(target.path), { followLink, keepOwners: archive });
			return undefined;
		}
		if (host.stdout.isTTY) throw new UsageError('A tar is no text for a terminal.', 'Redirect the output, or pipe it.');
		await files.readArchive(container, path, { followLink, write: (bytes) => writeAll(host.stdout, bytes) });
	} else if ('container' in target) {
		const files = await filesOf(context);
		const { container, path } = target;
		const into = { asUser: archive };
		if (source.path === '-') await files.writeArchive(chunksOf(host.stdin), container, path, into);
		else await files.copyIn(onHost(source.path), container, path, { ...into, followLink });
	} else throw new UsageError('Neither path is in a container.', 'A path in a container looks like CONTAINER:PATH.');
	return undefined;
}

/** As Docker: what begins with "/" or "." is a path, colons or not. */
function placeFrom(text: string): Place {
	const cut = text.indexOf(':');
	if (/^[/.]/.test(text) || cut <= 0) return { path: text };
	return { container: text.slice(0, cut), path: text.slice(cut + 1) };
}

async function filesOf(context: CliContext): Promise<ContainerFiles> {
	const { containers, identity } = await context.engine();
	if (containers.files !== undefined) return containers.files;
	throw new EngineError('unsupported', { operation: 'to copy files', why: `the ${identity.kind} engine has none` });
}

async function* chunksOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
	for await (const chunk of stream) yield Buffer.from(chunk);
}

async function writeAll(stream: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
	if (!stream.write(bytes)) await once(stream, 'drain');
}
