import { familiarReference } from '../../engine/reference.ts';
import { fitText, wrapWords } from '../components/fit-text.ts';
import { sparkline } from '../components/sparkline.ts';
import type { BarSegment } from '../components/stacked-bar.tsx';
import type { Tone } from '../components/tone.ts';
import { cleanText, formatAge, formatBytes, formatNumberOf, formatPercent, shortId } from '../format.ts';
import { type AppState, runningContainers } from '../state.ts';
import type { Summary, Tally } from '../summary.ts';
import { imageName } from './image-list.ts';
import { type Line, lineWidth, span } from './lines.ts';

/** One gauge: how full something is. */
export interface GaugeView {
	readonly label: string;
	readonly ratio: number;
	readonly text: string;
	readonly tone: Tone;
}

/** The overview as data; every line at most as wide as it was asked for. */
export interface OverviewView {
	readonly stored: readonly Line[];
	readonly gauges: readonly GaugeView[];
	readonly reclaimable: readonly Line[];
	readonly segments: readonly BarSegment[];
	readonly totalBytes: number;
	readonly legend: readonly Line[];
	readonly running: readonly Line[];
	readonly runningCount: string;
	readonly events: readonly Line[];
}

/** How the parts of the account are called and coloured, in the order of the bar. */
const accountParts = [
	['live', 'liveBytes', 'good'],
	['reclaimable', 'reclaimableBytes', 'warning'],
	['hidden', 'hiddenBytes', 'accent'],
	['leased', 'leasedBytes', 'plain'],
	['orphan', 'orphanBytes', 'bad'],
	['trash', 'trashBytes', 'muted'],
	['metadata', 'metadataBytes', 'muted'],
] as const satisfies readonly (readonly [string, keyof Summary['account'], Tone])[];

/** The overview for a body of `width` columns whose lower half has `rows` lines. `fills` are the glyphs of the bar. */
export function overviewView(
	state: AppState,
	{ width, rows, fills }: { readonly width: number; readonly rows: number; readonly fills: readonly string[] },
): OverviewView | undefined {
	const { world, summary } = state;
	if (world === undefined || summary === undefined) return undefined;
	const half = columnWidth(width);
	const parts = accountParts.filter(([, figure]) => summary.account[figure] > 0);
	return {
		stored: [
			storedLine('Images', summary.images, half),
			storedLine('Layers', summary.layers, half),
			storedLine('Containers', summary.containers, half),
			storedLine('Volumes', summary.volumes, half),
		],
		gauges: gauges(state, summary, half),
		reclaimable: [
			reclaimLine('Could free', 'dangling', summary.dangling, half),
			reclaimLine('', 'unused', summary.unused, half),
		],
		segments: parts.map(([id, figure, tone]) => ({ id, value: summary.account[figure], tone })),
		totalBytes: summary.account.totalBytes,
		legend: legend(summary, parts, { width, fills }),
		running: runningLines(state, half, rows),
		runningCount: `${runningContainers(state).length} of ${world.containers.length}`,
		events: eventLines(state, half).slice(0, rows),
	};
}

/** The width of one of the two columns of the overview. */
export function columnWidth(width: number): number {
	return Math.floor((width - 2) / 2);
}

function storedLine(label: string, { count, bytes }: Tally, width: number): Line {
	const figures = `${fitText(String(count), 6, { align: 'right' })}  ${fitText(formatBytes(bytes), 7, { align: 'right' })}`;
	return [span(fitText(label, Math.min(12, width - 15)), 'muted'), figures];
}

function reclaimLine(label: string, what: string, { count, bytes }: Tally, width: number): Line {
	const figure = fitText(formatBytes(bytes), 7, { align: 'right' });
	const things = span(` ${what}${width >= 40 && count > 0 ? `, ${formatNumberOf(count, 'thing')}` : ''}`, 'muted');
	return [span(fitText(label, 12), 'muted'), span(figure, bytes > 0 ? 'warning' : 'plain'), things];
}

function gauges(state: AppState, { account }: Summary, width: number): readonly GaugeView[] {
	const space = state.world?.inventory.filesystem;
	if (space === undefined || space.capacityBytes === 0) {
		return [{ label: 'This store', ratio: 0, text: formatBytes(account.totalBytes), tone: 'accent' }];
	}
	const used = 1 - space.availableBytes / space.capacityBytes;
	const wide = width >= 48;
	const text = wide
		? `${formatBytes(space.availableBytes)} free of ${formatBytes(space.capacityBytes)}`
		: `${Math.round(used * 100)}%`;
	const share = account.totalBytes / space.capacityBytes;
	return [
		{ label: 'In use', ratio: used, text, tone: used > 0.95 ? 'bad' : used > 0.85 ? 'warning' : 'good' },
		{
			label: 'This store',
			ratio: share,
			text: wide
				? `${formatBytes(account.totalBytes)}, ${formatPercent(share * 100)}`
				: formatBytes(account.totalBytes),
			tone: 'accent',
		},
	];
}

function legend(
	{ account }: Summary,
	parts: readonly (typeof accountParts)[number][],
	{ width, fills }: { readonly width: number; readonly fills: readonly string[] },
): readonly Line[] {
	const lines: Line[] = [];
	let line: Line = [];
	for (const [index, [id, figure, tone]] of parts.entries()) {
		const item: Line = [span(fills[index % fills.length] ?? '', tone), ` ${id} ${formatBytes(account[figure])}`];
		if (line.length > 0 && lineWidth(line) + 3 + lineWidth(item) > width) {
			lines.push(line);
			line = [];
		}
		line = line.length === 0 ? item : [...line, '   ', ...item];
	}
	return line.length === 0 ? lines : [...lines, line];
}

/** Running containers, the busiest first: name, CPU with its recent course, memory. */
function runningLines(state: AppState, width: number, rows: number): readonly Line[] {
	const running = [...runningContainers(state)].sort(
		(one, other) => (state.figures.get(other.id)?.cpuPercent ?? -1) - (state.figures.get(one.id)?.cpuPercent ?? -1),
	);
	if (running.length === 0) return nothingRuns(state, width);
	const sparkWidth = Math.max(0, Math.min(24, width - 33));
	const nameWidth = Math.max(6, Math.min(28, width - sparkWidth - 17));
	const shown = running.length > rows - 1 ? running.slice(0, Math.max(0, rows - 2)) : running;
	const lines = shown.map(({ id, name, status }): Line => {
		const figures = state.figures.get(id);
		const cpu = status === 'paused' ? 'paused' : formatPercent(figures?.cpuPercent);
		// Against one whole CPU, so that an idle container does not look busy.
		const max = Math.max(100, ...(figures?.cpuHistory ?? []));
		return [
			fitText(cleanText(name), nameWidth),
			fitText(cpu, 7, { align: 'right' }),
			span(
				sparkWidth < 4
					? ''
					: `  ${sparkline(status === 'paused' ? [] : (figures?.cpuHistory ?? []), { width: sparkWidth - 2, max })}`,
				'accent',
			),
			fitText(formatBytes(figures?.memoryBytes), 8, { align: 'right' }),
		];
	});
	const titles = [
		fitText('NAME', nameWidth),
		fitText('CPU', 7, { align: 'right' }),
		' '.repeat(sparkWidth < 4 ? 0 : sparkWidth),
		fitText('MEM', 8, { align: 'right' }),
	];
	const rest = running.length - shown.length;
	lines.unshift([span(titles.join(''), 'muted')]);
	return rest > 0 ? [...lines, [span(`and ${rest} more: screen 2`, 'muted')]] : lines;
}

function nothingRuns({ identity }: AppState, width: number): readonly Line[] {
	const [missing] = identity.missing;
	if (missing === undefined) return [[span('Nothing runs.', 'muted')]];
	const sentence = `Nothing can run: ${missing.component} is missing, needed ${missing.neededFor}.`;
	return [
		...wrapWords(sentence, width).map((text): Line => [span(text, 'warning')]),
		...(missing.packages.length === 0 ? [] : [[span(`apt-get install ${missing.packages.join(' or ')}`, 'accent')]]),
	];
}

function eventLines(state: AppState, width: number): readonly Line[] {
	if (state.events.length === 0) return [[span('Nothing has changed since this opened.', 'muted')]];
	const images = new Map<string, string>(state.world?.images.map((image) => [image.id, imageName(image)]));
	const containers = new Map<string, string>(state.world?.containers.map(({ id, name }) => [id, cleanText(name)]));
	const newest = [...state.events].sort((one, other) => other.at - one.at || other.sequence - one.sequence);
	return newest.map(({ at, action, key, attributes }): Line => {
		const name = familiarReference(attributes.name ?? containers.get(key.id) ?? images.get(key.id) ?? key.id);
		const shown = /^(sha256:)?[0-9a-f]{64}$/.test(name) ? shortId(name) : cleanText(name);
		return [
			span(`${fitText(formatAge(at, state.now), 4, { align: 'right' })}  `, 'muted'),
			fitText(`${key.kind} ${shown} ${cleanText(action)}`, Math.max(4, width - 6)).trimEnd(),
		];
	});
}
