import type { ContainerStatus, ContainerSummary, ImageId } from '../engine/model.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './failure.ts';
import { type Filters, hasLabels } from './filters.ts';
import { parseWholeNumber } from './option-values.ts';

/** Keys of `ps --filter`. */
export const containerFilterKeys = [
	'status',
	'name',
	'id',
	'label',
	'ancestor',
	'exited',
	'volume',
	'network',
	'before',
	'since',
] as const;

const statuses: readonly ContainerStatus[] = ['created', 'running', 'paused', 'restarting', 'exited', 'dead'];

/**
 * A test for all filters together: values of one key are alternatives, but labels must all fit.
 * @throws UsageError, EngineError not-found for a container that `before` or `since` names
 */
export async function containerTest(
	context: CliContext,
	filters: Filters,
): Promise<(container: ContainerSummary) => boolean> {
	const values = (key: (typeof containerFilterKeys)[number]) => filters.get(key) ?? [];
	for (const status of values('status')) {
		if (!statuses.some((known) => known === status)) {
			throw new UsageError(`There is no status "${status}".`, `A status is one of ${statuses.join(', ')}.`);
		}
	}
	const exited = values('exited').map((text) => parseWholeNumber(text, 'exited'));
	const names = values('name').map(patternFrom);
	const ancestors = await descendantsOf(context, values('ancestor'));
	const before = await createdAt(context, values('before'));
	const since = await createdAt(context, values('since'));
	const any = <Value>(wanted: readonly Value[], fits: (value: Value) => boolean) =>
		wanted.length === 0 || wanted.some(fits);
	return (container) =>
		any(values('status'), (status) => container.status === status) &&
		any(names, (pattern) => pattern.test(container.name) || pattern.test(`/${container.name}`)) &&
		any(values('id'), (id) => container.id.startsWith(id)) &&
		any(exited, (code) => container.status === 'exited' && container.exitCode === code) &&
		any(values('network'), (network) => container.network === network) &&
		any(values('volume'), (volume) =>
			container.mounts.some(({ source, target }) => source === volume || target === volume),
		) &&
		hasLabels(container.labels, values('label')) &&
		(ancestors === undefined || ancestors.has(container.imageId)) &&
		before.every((at) => container.createdAt < at) &&
		since.every((at) => container.createdAt > at);
}

function patternFrom(text: string): RegExp {
	try {
		return new RegExp(text);
	} catch {
		throw new UsageError(`The name filter "${text}" is not a regular expression.`);
	}
}

async function createdAt(context: CliContext, names: readonly string[]): Promise<readonly number[]> {
	if (names.length === 0) return [];
	const { containers } = await context.engine();
	return Promise.all(names.map(async (name) => (await containers.inspect(name)).createdAt));
}

/** The images named, and all that are built on their layers; undefined where none was named. */
async function descendantsOf(context: CliContext, names: readonly string[]): Promise<ReadonlySet<ImageId> | undefined> {
	if (names.length === 0) return undefined;
	const { images } = await context.engine();
	const bases = await Promise.all(names.map((name) => images.inspect(name)));
	const ids = new Set<ImageId>(bases.map(({ id }) => id));
	const tops = new Set(bases.map(({ layers }) => layers.at(-1)?.chainId));
	for (const { id } of await images.list()) {
		if (ids.has(id)) continue;
		const { layers } = await images.inspect(id);
		if (layers.some(({ chainId }) => tops.has(chainId))) ids.add(id);
	}
	return ids;
}
