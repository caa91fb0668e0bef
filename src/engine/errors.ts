import type { ContainerStatus, ResourceKey } from './model.ts';

/** What each failure carries. The keys of this table are the whole taxonomy. */
export interface EngineErrorData {
	'invalid-reference': { readonly text: string; readonly why: string };
	'invalid-argument': { readonly argument: string; readonly why: string };
	'not-found': { readonly what: string; readonly id: string };
	/** A short id or a digest prefix that fits several things. */
	ambiguous: { readonly what: string; readonly id: string; readonly matches: readonly string[] };
	'already-exists': { readonly what: string; readonly name: string; readonly holder: string };
	/** Refused because something still refers to it. `by` holds texts for people, e.g. `container web (running)`. */
	'in-use': { readonly what: string; readonly id: string; readonly by: readonly string[] };
	/** Refused because the thing is no longer what the caller saw. */
	changed: { readonly key: ResourceKey };
	'wrong-status': {
		readonly container: string;
		readonly operation: string;
		readonly status: ContainerStatus;
	};
	'digest-mismatch': {
		readonly what: string;
		readonly expected: string;
		readonly found: string;
		readonly bytesRead: number;
	};
	'size-mismatch': { readonly what: string; readonly expectedBytes: number; readonly foundBytes: number };
	/** A document, archive or stored file that is not what it must be. `where` is a path or an entry name. */
	corrupt: { readonly what: string; readonly where: string; readonly why: string };
	/** A file of policies that says something else than policies. Both count from 1. */
	'invalid-policy': { readonly file: string; readonly line: number; readonly column: number; readonly why: string };
	/** An archive or layer that asks for something no honest one does. */
	unsafe: { readonly what: string; readonly entry: string; readonly why: string };
	/** A bound on what untrusted input may cost. */
	'limit-exceeded': { readonly what: string; readonly limit: string };
	'unsupported-media-type': { readonly mediaType: string; readonly where: string };
	unsupported: { readonly operation: string; readonly why: string };
	'out-of-space': { readonly path: string; readonly resource: 'bytes' | 'inodes' };
	'permission-denied': { readonly operation: string; readonly path: string };
	'store-version': { readonly path: string; readonly found: number; readonly supported: number };
	'network-filesystem': { readonly path: string; readonly filesystem: string };
	/** A program or kernel feature of the host that is not there. `packages` are Debian's names. */
	'missing-component': {
		readonly component: string;
		readonly neededFor: string;
		readonly packages: readonly string[];
	};
	locked: { readonly path: string; readonly holderPid: number | undefined };
	/** The OCI runtime or its monitor refused. `output` is its last words, one line. */
	'runtime-failed': { readonly operation: string; readonly container: string; readonly output: string };
	/** The command could not be executed in the container: exit code 126 or 127. */
	'command-failed': { readonly command: string; readonly why: string; readonly exitCode: 126 | 127 };
	timeout: { readonly operation: string; readonly afterMs: number };
	'no-terminal': { readonly stream: string };
	'io-failed': { readonly operation: string; readonly path: string; readonly code: string };
	/** A registry wants a login, or a better one. `detail` is its own words, cleaned; often empty. */
	unauthorized: {
		readonly registry: string;
		readonly what: string;
		readonly hadLogin: boolean;
		readonly detail: string;
	};
	/** A registry knows who asks and says no. */
	denied: { readonly registry: string; readonly what: string; readonly detail: string };
	/** A registry wants to be asked later; undefined where it does not say when. */
	'rate-limited': { readonly registry: string; readonly retryAfterMs: number | undefined };
	/** A registry cannot be reached, or fails by itself again and again. */
	unavailable: { readonly registry: string; readonly why: string };
	/** A registry said something that must not be followed or cannot be true. */
	'bad-answer': { readonly registry: string; readonly why: string };
	/** A registry refused for a reason of its own. */
	'registry-refused': {
		readonly registry: string;
		readonly what: string;
		readonly status: number;
		readonly detail: string;
	};
}

export type EngineErrorCode = keyof EngineErrorData;

type Sentence<Code extends EngineErrorCode> = (data: EngineErrorData[Code]) => { message: string; hint?: string };

const sentences: { readonly [Code in EngineErrorCode]: Sentence<Code> } = {
	'invalid-reference': ({ text, why }) => ({
		message: `"${text}" is not an image reference: ${why}.`,
		hint: 'A reference looks like name, name:tag or registry.example:5000/path/name:tag.',
	}),
	'invalid-argument': ({ argument, why }) => ({ message: `${argument}: ${why}.` }),
	'not-found': ({ what, id }) => ({
		message: `No ${what} is called "${id}".`,
		hint: notFoundHints[what] ?? `List what there is with "tonnage ${what} ls".`,
	}),
	ambiguous: ({ what, id, matches }) => ({
		message: `"${id}" fits ${matches.length} ${what}s: ${listed(matches)}.`,
		hint: 'Type more characters of the id.',
	}),
	'already-exists': ({ what, name, holder }) => ({
		message: `The ${what} name "${name}" is taken by ${holder}.`,
		hint: `Choose another name, or remove or rename that ${what} first.`,
	}),
	'in-use': ({ what, id, by }) => ({
		message: `${capital(what)} ${id} is in use by ${listed(by)}.`,
		hint:
			what === 'image'
				? 'Remove those first, or untag the image with "tonnage rmi -f".'
				: 'Stop or remove those first.',
	}),
	changed: ({ key }) => ({
		message: `${capital(key.kind)} ${key.id} has changed since it was looked at, so it was left alone.`,
		hint: 'Run the command again to see the new state.',
	}),
	'wrong-status': ({ container, operation, status }) => ({
		message: `Cannot ${operation} container ${container}: it is ${status}.`,
		hint:
			statusHints[`${operation}:${status}`] ??
			(status === 'running'
				? `Stop it first: tonnage stop ${container}`
				: `Start it first: tonnage start ${container}`),
	}),
	'digest-mismatch': ({ what, expected, found, bytesRead }) => ({
		message: `${capital(what)} is not what its digest says: expected ${expected}, found ${found} after ${bytesRead.toLocaleString('en')} bytes.`,
		hint: 'The source is damaged or was tampered with; get it again.',
	}),
	'size-mismatch': ({ what, expectedBytes, foundBytes }) => ({
		message: `${capital(what)} should have ${expectedBytes.toLocaleString('en')} bytes but has ${foundBytes.toLocaleString('en')}.`,
		hint: 'The source is cut short or was tampered with; get it again.',
	}),
	'invalid-policy': ({ file, line, column, why }) => ({
		message: `${file}:${line}:${column}: ${why}.`,
		hint: 'docs/collecting.md has every field and an example. Nothing was removed.',
	}),
	corrupt: ({ what, where, why }) => ({
		message: `${capital(what)} ${where} cannot be read: ${why}.`,
		hint: corruptHints[what] ?? 'It is damaged, cut short or something else; get it again from where it came from.',
	}),
	unsafe: ({ what, entry, why }) => ({
		message: `${capital(what)} was refused: entry "${entry}" ${why}.`,
		hint: 'Nothing of it was kept. Do not trust the source of this image.',
	}),
	'limit-exceeded': ({ what, limit }) => ({ message: `${capital(what)} is over the limit: ${limit}.` }),
	'unsupported-media-type': ({ mediaType, where }) => ({
		message: `${capital(where)} has the media type "${mediaType}", which is not one that an image can be made of.`,
	}),
	unsupported: ({ operation, why }) => ({ message: `${capital(operation)} is not possible here: ${why}.` }),
	'out-of-space': ({ path, resource }) => ({
		message: `No ${resource === 'bytes' ? 'space' : 'inodes'} left on the filesystem of ${path}.`,
		hint: 'Free some with "tonnage system prune", or use a --root on another disk.',
	}),
	'permission-denied': ({ operation, path }) => ({
		message: `No permission to ${operation} ${path}.`,
		hint: 'Run as root, or choose a store of your own with --root.',
	}),
	'store-version': ({ path, found, supported }) => ({
		message: `The store ${path} has format ${found}, but this tonnage knows formats up to ${supported}.`,
		hint: 'Update tonnage; nothing was changed.',
	}),
	'network-filesystem': ({ path, filesystem }) => ({
		message: `The store ${path} is on ${filesystem}, a network filesystem, where its locks do not hold.`,
		hint: 'Choose a directory on a local disk with --root.',
	}),
	'missing-component': ({ component, neededFor, packages }) => ({
		message: `${component} is missing; it is needed ${neededFor}.`,
		...(packages.length > 0 ? { hint: `Install it: apt-get install ${packages.join(' ')}` } : {}),
	}),
	locked: ({ path, holderPid }) => ({
		message: `${path} is held by another process${holderPid === undefined ? '' : ` (pid ${holderPid})`}.`,
		hint: 'Wait for it to finish and try again.',
	}),
	'runtime-failed': ({ operation, container, output }) => ({
		message: `Could not ${operation} container ${container}: ${output || 'the runtime gave no reason'}`,
	}),
	'command-failed': ({ command, why }) => ({ message: `Cannot run "${command}" in the container: ${why}.` }),
	timeout: ({ operation, afterMs }) => ({
		message: `${capital(operation)} did not finish within ${afterMs / 1000} s.`,
	}),
	'no-terminal': ({ stream }) => ({
		message: `The dashboard needs a terminal, but ${stream} is not one.`,
		hint: 'For scripts use the commands: tonnage images, tonnage ps -a, tonnage system df (see tonnage --help).',
	}),
	'io-failed': ({ operation, path, code }) => ({ message: `Could not ${operation} ${path}: ${code}.` }),
	unauthorized: ({ registry, what, hadLogin, detail }) => ({
		message: hadLogin
			? `${registry} does not accept the login that is kept for it, to ${what}${because(detail)}.`
			: `${registry} wants a login to ${what}, or does not have it${because(detail)}.`,
		hint: `Log in with "tonnage login ${registry}", or check the name.`,
	}),
	denied: ({ registry, what, detail }) => ({
		message: `${registry} does not let you ${what}${because(detail)}.`,
		hint: 'Check the name, or log in as somebody who may.',
	}),
	'rate-limited': ({ registry, retryAfterMs }) => ({
		message: `${registry} takes no more requests for now.`,
		hint:
			retryAfterMs === undefined
				? 'Try again later; who is logged in may often ask more.'
				: `Try again in ${Math.ceil(retryAfterMs / 1000)} s; who is logged in may often ask more.`,
	}),
	unavailable: ({ registry, why }) => ({ message: `${registry} cannot be used: ${why}.` }),
	'bad-answer': ({ registry, why }) => ({ message: `${registry} gave an answer that was not taken: ${why}.` }),
	'registry-refused': ({ registry, what, status, detail }) => ({
		message: `${registry} refused to ${what}, with status ${status}${because(detail)}.`,
	}),
};

function because(detail: string): string {
	return detail === '' ? '' : `: ${detail}`;
}

const notFoundHints: Readonly<Record<string, string>> = {
	image: 'List images with "tonnage images -a".',
	container: 'List containers with "tonnage ps -a".',
	volume: 'List volumes with "tonnage volume ls".',
	file: 'Check the path.',
	plan: 'List the saved plans with "tonnage gc show".',
	thing: 'See "tonnage gc why --help" for what can be named.',
};

const damagedLayerHint = 'Something of the store was changed on the disk. Remove the image and load it again.';
const corruptHints: Readonly<Record<string, string>> = {
	'the store': 'Choose another directory with --root.',
	'the store’s database': 'Restore it from a backup, or choose another store with --root.',
	'the layer stack': damagedLayerHint,
	'the skeleton': damagedLayerHint,
	'the stored file': damagedLayerHint,
	'the stored blob': damagedLayerHint,
	'the plan': 'Make a new one with "tonnage gc plan".',
};

const statusHints: Readonly<Record<string, string>> = {
	'remove:running': 'Stop it first with "tonnage stop", or remove it with "tonnage rm -f".',
	'remove:paused': 'Stop it first with "tonnage stop", or remove it with "tonnage rm -f".',
	'start:paused': 'Let it go on with "tonnage unpause".',
	'pause:paused': 'Let it go on with "tonnage unpause".',
	'exec in:paused': 'Let it go on first with "tonnage unpause".',
	'attach to:paused': 'Let it go on first with "tonnage unpause".',
	'unpause:running': 'Nothing is to be done: it runs.',
};

/** The one error that an engine throws on purpose. Everything else that is thrown is a defect or an abort. */
export class EngineError<Code extends EngineErrorCode = EngineErrorCode> extends Error {
	override readonly name = 'EngineError';
	readonly code: Code;
	readonly data: EngineErrorData[Code];
	/** What the person can do next; shown under the message. */
	readonly hint: string | undefined;

	constructor(code: Code, data: EngineErrorData[Code], options: { hint?: string; cause?: unknown } = {}) {
		const { message, hint } = messageFor(code, data);
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = code;
		this.data = data;
		this.hint = options.hint ?? hint;
	}
}

/** The one place where sentences are made: what happened to what, then the evidence, and the next step apart. */
export function messageFor<Code extends EngineErrorCode>(
	code: Code,
	data: EngineErrorData[Code],
): { message: string; hint?: string } {
	return sentences[code](data);
}

/** True for an `EngineError` with that code, or with any code where none is given. */
export function isEngineError<Code extends EngineErrorCode = EngineErrorCode>(
	value: unknown,
	code?: Code,
): value is EngineError<Code> {
	return value instanceof EngineError && (code === undefined || value.code === code);
}

function listed(items: readonly string[]): string {
	const shown = items.slice(0, 3);
	return items.length > 3 ? `${shown.join(', ')} and ${items.length - 3} more` : shown.join(', ');
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
