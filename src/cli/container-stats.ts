import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerId, ContainerStats, ContainerSummary } from '../engine/model.ts';
import type { Containers } from '../engine/port-containers.ts';
import { humanMemory, humanSize } from './human-size.ts';
import { type ListingFields, renderListing } from './listing.ts';
import { shownId } from './shorten.ts';
import type { VerbCall } from './verb.ts';

const intervalMs = 1_000;
/** To the top left, and away with what was there. Spec: ECMA-48 8.3.21, 8.3.39 */
const clearScreen = '\u001b[2J\u001b[H';

/** One line of `stats`. */
interface StatsRow {
	readonly container: ContainerSummary;
	/** As typed, or its short ID. */
	readonly asked: string;
	/** undefined where it does not run. */
	readonly figures: ContainerStats | undefined;
	/** Of one CPU; undefined before there are two readings. */
	readonly cpuPercent: number | undefined;
}

/** `tonnage stats`: a new table each second, or one with `--no-stream`. */
export async function showStats({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const { containers } = await context.engine();
	const wanted = await Promise.all(operands.map(async (name) => ({ name, id: (await containers.inspect(name)).id })));
	const names = new Map(wanted.map(({ id, name }) => [id, name]));
	const all = options.flag('all');
	const stream = !options.flag('no-stream');
	const ended = AbortSignal.any([host.interrupted, host.outputGone]);
	let before = await readings(containers);
	do {
		await pause(intervalMs, undefined, { signal: ended }).catch(() => {});
		if (ended.aborted) break;
		const now = await readings(containers);
		const rows = (await containers.list()).flatMap((container): StatsRow[] => {
			const figures = now.get(container.id);
			const isWanted = names.size > 0 ? names.has(container.id) : all || figures !== undefined;
			if (!isWanted) return [];
			const asked = names.get(container.id) ?? container.id.slice(0, 12);
			return [{ container, asked, figures, cpuPercent: percentBetween(before.get(container.id), figures) }];
		});
		const text = tableOf(rows, { format: options.text('format'), full: options.flag('no-trunc') });
		host.stdout.write(stream && host.stdout.isTTY ? `${clearScreen}${text}` : text);
		before = now;
		if (names.size > 0 && rows.length === 0) break;
	} while (stream);
	return undefined;
}

async function readings(containers: Containers): Promise<ReadonlyMap<ContainerId, ContainerStats>> {
	return new Map((await containers.stats()).map((figures) => [figures.id, figures]));
}

function percentBetween(before: ContainerStats | undefined, now: ContainerStats | undefined): number | undefined {
	if (before === undefined || now === undefined || now.takenAt <= before.takenAt) return undefined;
	return Math.max(0, (now.cpuNs - before.cpuNs) / ((now.takenAt - before.takenAt) * 1e4));
}

function tableOf(
	rows: readonly StatsRow[],
	{ format, full }: { readonly format: string | undefined; readonly full: boolean },
): string {
	return renderListing({
		fields: statsFields(full),
		columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
		rows,
		format,
	});
}

/** Docker's names and forms. */
function statsFields(full: boolean): ListingFields<StatsRow> {
	const pair = (one: number | undefined, other: number | undefined) =>
		`${humanSize(one ?? 0)} / ${humanSize(other ?? 0)}`;
	return {
		Container: { header: 'CONTAINER', value: ({ asked }) => asked },
		ID: { header: 'CONTAINER ID', value: ({ container }) => shownId(container.id, full) },
		Name: { header: 'NAME', value: ({ container }) => container.name },
		CPUPerc: { header: 'CPU %', value: ({ cpuPercent }) => (cpuPercent === undefined ? '--' : percent(cpuPercent)) },
		MemUsage: {
			header: 'MEM USAGE / LIMIT',
			value: ({ figures }) =>
				figures === undefined
					? '-- / --'
					: `${humanMemory(figures.memoryBytes)} / ${humanMemory(figures.memoryLimitBytes)}`,
		},
		MemPerc: {
			header: 'MEM %',
			value: ({ figures }) =>
				figures === undefined ? '--' : percent((figures.memoryBytes / figures.memoryLimitBytes) * 100),
		},
		// There are no networks of a container's own yet: nothing goes in or out that is not the host's.
		NetIO: { header: 'NET I/O', value: ({ figures }) => (figures === undefined ? '--' : pair(0, 0)) },
		BlockIO: {
			header: 'BLOCK I/O',
			value: ({ figures }) => (figures === undefined ? '--' : pair(figures.blockReadBytes, figures.blockWrittenBytes)),
		},
		PIDs: { header: 'PIDS', value: ({ figures }) => (figures === undefined ? '--' : String(figures.pidCount)) },
	};
}

function percent(value: number): string {
	return `${value.toFixed(2)}%`;
}
