import type { ContainerDetail, ContainerMount, ContainerSummary } from '../../engine/model.ts';
import { cleanText, formatAgo, formatBytes, formatSpan, shortId, UNKNOWN } from '../format.ts';
import type { ContainerFigures } from '../rates.ts';
import type { AppState } from '../state.ts';
import { type ContainerRow, virtualBytes } from './container-list.ts';
import { exitWords } from './exit-words.ts';
import { factLines, type Line, span } from './lines.ts';
import { selectedContainer } from './lists.ts';

/** What is known of the container under the cursor, as lines of at most `width` columns. */
export function containerLines(state: AppState, width: number): readonly Line[] {
	const row = selectedContainer(state);
	if (row === undefined) return [];
	const { container } = row;
	const detail = state.details.containers.get(container.id);
	const fact = (label: string, text: string) => factLines(label, text, width);
	return [
		...fact('Status', statusWords(row, detail)),
		...fact('Image', `${row.image} (${shortId(container.imageId)})`),
		...fact('Command', commandText(container, detail)),
		...fact('Size', sizeWords(container, state.now)),
		...fact('Limits', limitWords(detail)),
		...fact('Network', container.network === 'none' ? 'none' : "the host's"),
		...mountLines(container.mounts, width),
		...fact('Id', shortId(container.id)),
		...fact('Created', formatAgo(container.createdAt, state.now)),
		...(Object.keys(container.labels).length === 0 ? [] : fact('Labels', labelWords(container.labels))),
	];
}

/** The two charts of a container, as series and the figures that stand over them; undefined where nothing was measured. */
export interface ContainerCharts {
	readonly cpu: ChartView;
	readonly memory: ChartView;
}

/** One chart: its title line, its values (oldest first, the newest at the right edge) and the labels below. */
export interface ChartView {
	readonly title: Line;
	readonly values: readonly (number | undefined)[];
	readonly labels: readonly string[];
}

/** Charts of CPU and memory over the last samples; `width` columns each. */
export function containerCharts(figures: ContainerFigures | undefined, width: number): ContainerCharts | undefined {
	if (figures === undefined) return undefined;
	// Two dots for each column, less what the axis takes.
	const count = Math.max(20, Math.min(120, 2 * (width - 6)));
	const unit = memoryUnit(Math.max(0, ...figures.memoryHistory));
	const limited = figures.memoryLimitBytes > 0 ? ` of ${formatBytes(figures.memoryLimitBytes)}` : '';
	return {
		cpu: {
			title: [span('CPU ', 'strong'), span('% of one', 'muted')],
			values: padded(figures.cpuHistory, count),
			labels: timeLabels(count),
		},
		memory: {
			title: [span('MEM ', 'strong'), span(`${unit.name}${limited}`, 'muted')],
			values: padded(
				figures.memoryHistory.map((bytes) => bytes / unit.bytes),
				count,
			),
			labels: timeLabels(count),
		},
	};
}

function statusWords({ container, status }: ContainerRow, detail: ContainerDetail | undefined): string {
	const error = detail?.error === undefined ? '' : `: ${cleanText(detail.error)}`;
	switch (container.status) {
		case 'running':
		case 'paused':
		case 'restarting':
			return `${status.text.replace(/^\S+ /, '')}${container.pid === undefined ? '' : `, pid ${container.pid}`}${error}`;
		case 'created':
			return `created, never started${error}`;
		default: {
			const { startedAt, finishedAt } = container;
			const ran =
				startedAt === undefined || finishedAt === undefined ? '' : ` after ${formatSpan(finishedAt - startedAt)}`;
			return `${exitWords(container.exitCode, container.outOfMemory)}${ran}${error}`;
		}
	}
}

function commandText(container: ContainerSummary, detail: ContainerDetail | undefined): string {
	const parts = detail === undefined ? container.command : [...detail.run.entrypoint, ...detail.run.command];
	const words = parts.length === 0 ? container.command : parts;
	return words.length === 0
		? UNKNOWN
		: cleanText(words.map((word) => (/[\s"']/.test(word) ? JSON.stringify(word) : word)).join(' '));
}

function sizeWords(container: ContainerSummary, now: number): string {
	if (container.writableBytes === undefined) return 'not measured yet';
	const measured = container.measuredAt === undefined ? '' : `, measured ${formatAgo(container.measuredAt, now)}`;
	const disk = container.diskBytes === undefined ? '' : `, ${formatBytes(container.diskBytes)} on disk`;
	return `${formatBytes(container.writableBytes)} written${disk}${measured}; ${formatBytes(virtualBytes(container))} with the image`;
}

function limitWords(detail: ContainerDetail | undefined): string {
	if (detail === undefined) return '…';
	const { memoryBytes, cpus, pidsLimit } = detail.limits;
	const words = [
		...(memoryBytes === undefined ? [] : [`memory ${formatBytes(memoryBytes)}`]),
		...(cpus === undefined ? [] : [`${cpus} CPUs`]),
		...(pidsLimit === undefined ? [] : [`${pidsLimit} processes`]),
	];
	return words.length === 0 ? 'none' : words.join(', ');
}

function mountLines(mounts: readonly ContainerMount[], width: number): readonly Line[] {
	if (mounts.length === 0) return factLines('Mounts', 'none', width);
	return mounts.flatMap(({ type, source, target, readOnly }, index) => {
		const from = type === 'tmpfs' ? 'memory' : type === 'volume' ? `volume ${source}` : source;
		const text = cleanText(`${target} ← ${from}${readOnly ? ' (read-only)' : ''}`);
		return factLines(index === 0 ? 'Mounts' : '', text, width);
	});
}

function labelWords(labels: Readonly<Record<string, string>>): string {
	return cleanText(
		Object.entries(labels)
			.map(([key, value]) => `${key}=${value}`)
			.join(' '),
	);
}

function padded(history: readonly number[], count: number): readonly (number | undefined)[] {
	const shown = history.slice(-count);
	return [...new Array<undefined>(count - shown.length).fill(undefined), ...shown];
}

function timeLabels(count: number): readonly string[] {
	return Array.from({ length: count }, (_, index) => (index === count - 1 ? 'now' : `-${count - 1 - index}s`));
}

function memoryUnit(bytes: number): { readonly name: string; readonly bytes: number } {
	if (bytes >= 1e9) return { name: 'GB', bytes: 1e9 };
	if (bytes >= 1e6) return { name: 'MB', bytes: 1e6 };
	return { name: 'kB', bytes: 1e3 };
}
