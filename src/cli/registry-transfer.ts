import type { Platform } from '../engine/model.ts';
import { canonicalReference, familiarReference, parseReference } from '../engine/reference.ts';
import { UsageError } from './failure.ts';
import { parseWholeNumber } from './option-values.ts';
import { printable } from './printable.ts';
import { accessFrom, accessOptions, registryOf } from './registry-access.ts';
import { transferBoard } from './transfer-board.ts';
import type { Verb, VerbCall } from './verb.ts';

const defaultParallel = 3;
const mostParallel = 32;

/** `tonnage pull`. */
export const pullVerb: Verb = {
	name: 'pull',
	shortcut: 'pull',
	summary: 'Take in an image from a registry',
	details:
		'Without a registry in its name an image comes from Docker Hub. Only layers that are not there travel. An image that is pulled by digest gets no name; tag it, or "image prune" may take it.',
	operands: [{ name: 'NAME[:TAG|@DIGEST]', description: 'Which image' }],
	options: [
		{ flags: '--platform <platform>', description: 'For another platform than this host’s, e.g. linux/arm64' },
		{ flags: '--parallel <n>', description: `Layers that travel at a time (${defaultParallel})` },
		{ flags: '-q, --quiet', description: 'No progress' },
		...accessOptions,
	],
	examples: [
		'tonnage pull alpine:3.20',
		'tonnage pull --platform linux/arm64 registry.example:5000/team/app:1',
		'tonnage pull --ca-file ca.pem registry.example/app@sha256:… # by digest',
	],
	run: pullImage,
};

/** `tonnage push`. */
export const pushVerb: Verb = {
	name: 'push',
	shortcut: 'push',
	summary: 'Send an image to the registry in its name',
	details:
		'Only layers that the registry does not have travel. Those that must be compressed anew change the manifest’s digest, which is told beforehand; image ID and diffIDs stay.',
	operands: [{ name: 'NAME[:TAG]', description: 'A name of the image, with its registry' }],
	options: [{ flags: '-q, --quiet', description: 'No progress' }, ...accessOptions],
	examples: ['tonnage tag app:1 registry.example:5000/team/app:1', 'tonnage push registry.example:5000/team/app:1'],
	run: pushImage,
};

async function pullImage({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const [name = ''] = operands;
	const access = accessFrom(context, options);
	const canonical = canonicalReference(name);
	const platform = platformFrom(options.text('platform'));
	const parallel = parallelFrom(options.text('parallel'));
	const registry = await registryOf(context);
	const quiet = options.flag('quiet');
	const board = transferBoard(host.stderr, { now: host.now, quiet });
	if (!quiet) {
		const { repository, tag, digest } = parseReference(canonical);
		host.stderr.write(`${tag ?? digest}: Pulling from ${repository}\n`);
	}
	try {
		const pulled = await registry.pull(name, {
			...access,
			platform,
			parallel,
			onProgress: board.onProgress,
			onStep: board.onStep,
		});
		board.end();
		if (!quiet) {
			const familiar = printable(familiarReference(pulled.reference));
			const status = pulled.changed ? 'Downloaded newer image for' : 'Image is up to date for';
			host.stderr.write(`Digest: ${pulled.digest}\nStatus: ${status} ${familiar}\n`);
		}
		host.stdout.write(`${printable(pulled.reference)}\n`);
	} catch (error) {
		board.end();
		throw error;
	}
	return undefined;
}

async function pushImage({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const [name = ''] = operands;
	const access = accessFrom(context, options);
	const canonical = canonicalReference(name);
	const registry = await registryOf(context);
	const quiet = options.flag('quiet');
	const board = transferBoard(host.stderr, { now: host.now, quiet });
	const { registry: server, repository, tag } = parseReference(canonical);
	if (!quiet) host.stderr.write(`The push refers to repository [${server}/${repository}]\n`);
	try {
		const pushed = await registry.push(name, { ...access, onProgress: board.onProgress, onStep: board.onStep });
		board.end();
		if (!quiet) host.stderr.write(`${tag}: digest: ${pushed.digest} size: ${pushed.manifestBytes}\n`);
		host.stdout.write(`${printable(pushed.reference)}\n`);
	} catch (error) {
		board.end();
		throw error;
	}
	return undefined;
}

/** `os/architecture` or `os/architecture/variant`; `arm64` alone is one of Linux. */
function platformFrom(text: string | undefined): Platform | undefined {
	if (text === undefined) return undefined;
	const parts = text.split('/');
	const [os = '', architecture = '', variant] = parts.length === 1 ? ['linux', text] : parts;
	const isRight = parts.length <= 3 && [os, architecture, variant ?? 'v'].every((part) => /^[a-z0-9_.-]+$/.test(part));
	if (isRight) return { os, architecture, ...(variant === undefined ? {} : { variant }) };
	throw new UsageError(
		`--platform: "${text}" is not a platform.`,
		'A platform looks like linux/amd64 or linux/arm/v7.',
	);
}

function parallelFrom(text: string | undefined): number {
	if (text === undefined) return defaultParallel;
	const count = parseWholeNumber(text, '--parallel');
	if (count >= 1 && count <= mostParallel) return count;
	throw new UsageError(`--parallel: ${count} is not between 1 and ${mostParallel}.`);
}
