import type { EngineEvent, ReferenceText } from '../engine/model.ts';
import { familiarReference } from '../engine/reference.ts';
import { type Filters, parseFilters } from './filters.ts';
import { unescapeFormat } from './listing.ts';
import { parseInstant } from './option-values.ts';
import { printable } from './printable.ts';
import { parseTemplate } from './template.ts';
import { dictionary } from './template-values.ts';
import { localRfc3339 } from './timestamps.ts';
import type { VerbCall } from './verb.ts';

/** Keys of `events --filter`. */
export const eventFilterKeys = ['container', 'event', 'image', 'type', 'volume'] as const;

/** An event with Docker's field names. */
interface DockerEvent {
	readonly status?: string;
	readonly id?: string;
	readonly from?: string;
	readonly Type: string;
	readonly Action: string;
	readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
	readonly scope: 'local';
	readonly time: number;
	readonly timeNano: number;
}

/** `tonnage events`: one line each, until interrupted or `--until`. */
export async function showEvents({ context, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const filters = parseFilters(options.texts('filter'), eventFilterKeys);
	const since = options.text('since');
	const until = options.text('until');
	const line = lineFrom(options.text('format'));
	const engine = await context.engine();
	const signal = AbortSignal.any([host.interrupted, host.outputGone]);
	const events = engine.events({
		signal,
		sinceAt: since === undefined ? undefined : parseInstant(since, '--since', host.now()),
		untilAt: until === undefined ? undefined : parseInstant(until, '--until', host.now()),
	});
	for await (const event of events) {
		const shown = dockerEvent(event);
		if (fits(shown, filters)) host.stdout.write(`${line(shown, event.at)}\n`);
	}
	return undefined;
}

function lineFrom(format: string | undefined): (event: DockerEvent, at: number) => string {
	if (format === 'json') return (event) => JSON.stringify(event);
	if (format !== undefined) {
		const template = parseTemplate(unescapeFormat(format));
		return (event) => printable(template(event), { keepNewlines: true });
	}
	return ({ Type, Action, Actor }, at) => {
		const attributes = Object.entries(Actor.Attributes)
			.map(([key, value]) => `${key}=${value}`)
			.sort();
		const told = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`;
		return printable(`${localRfc3339(at)} ${Type} ${Action} ${Actor.ID}${told}`);
	};
}

/** A tag is something that happens to an image, for Docker. */
function dockerEvent({ action, key, at, attributes }: EngineEvent): DockerEvent {
	const isTag = key.kind === 'tag';
	const type = isTag ? 'image' : key.kind;
	const id = isTag ? (attributes.image ?? key.id) : key.id;
	const told = isTag ? { name: familiarOrSame(key.id) } : attributes;
	return {
		...(type === 'container' || type === 'image' ? { status: action, id } : {}),
		...(type === 'container' && attributes.image !== undefined ? { from: attributes.image } : {}),
		Type: type,
		Action: action,
		Actor: { ID: id, Attributes: dictionary(Object.entries(told)) as Readonly<Record<string, string>> },
		scope: 'local',
		time: Math.floor(at / 1000),
		timeNano: at * 1e6,
	};
}

/** Values of one key are alternatives; keys must all fit. */
function fits({ Type, Action, Actor }: DockerEvent, filters: Filters): boolean {
	const { name = '', image = '' } = Actor.Attributes;
	const isMeant = (type: string, wanted: string) => Type === type && (Actor.ID.startsWith(wanted) || name === wanted);
	const tests: Readonly<Record<(typeof eventFilterKeys)[number], (wanted: string) => boolean>> = {
		container: (wanted) => isMeant('container', wanted),
		event: (wanted) => Action === wanted || Action.startsWith(`${wanted}:`),
		image: (wanted) =>
			[image, ...(Type === 'image' ? [Actor.ID, name] : [])].some(
				(text) => text === wanted || text.split(':')[0] === wanted,
			),
		type: (wanted) => Type === wanted,
		volume: (wanted) => isMeant('volume', wanted),
	};
	return eventFilterKeys.every((key) => filters.get(key)?.some(tests[key]) ?? true);
}

function familiarOrSame(text: string): string {
	try {
		return familiarReference(text as ReferenceText);
	} catch {
		return text;
	}
}
