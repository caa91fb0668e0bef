import type { Plan } from '../../gc/model.ts';
import { wrapWords } from '../components/fit-text.ts';
import type { Tone } from '../components/tone.ts';
import type { Confirmation, ContainerTarget, ImageTarget, RemovalPreview } from '../confirmation.ts';
import { formatBytes, formatNumberOf } from '../format.ts';
import { type Span, span } from './lines.ts';

/** A question, ready to be placed: `yes` is the word on the button that does it. */
export interface DialogView {
	readonly title: string;
	readonly lines: readonly (string | Span)[];
	readonly yes: string;
	readonly tone: Tone;
}

// Names that are listed before the rest is counted.
const mostNames = 6;

/** The sentence of a question: what is done to what, how many bytes that frees, and what goes along. */
export function dialogView(confirmation: Confirmation, width: number): DialogView {
	const view = compose(confirmation);
	const lines = view.lines.flatMap((line): readonly Span[] => {
		const { text, tone } = typeof line === 'string' ? span(line, 'plain') : line;
		return wrapWords(text, width).map((part) => span(part, tone));
	});
	return { ...view, lines };
}

function compose(confirmation: Confirmation): DialogView {
	switch (confirmation.type) {
		case 'stop':
			return {
				title: `Stop ${subject(confirmation.targets)}?`,
				lines: [...namesOf(confirmation.targets), 'It gets 10 seconds to end by itself. Its files stay.'],
				yes: 'Stop',
				tone: 'warning',
			};
		case 'restart':
			return {
				title: `Restart ${subject(confirmation.targets)}?`,
				lines: [
					...namesOf(confirmation.targets),
					'It gets 10 seconds to end by itself, then starts again. Its files stay.',
				],
				yes: 'Restart',
				tone: 'warning',
			};
		case 'remove-containers':
			return {
				title: `Remove ${subject(confirmation.targets)}?`,
				lines: [
					...namesOf(confirmation.targets),
					`This frees ${formatBytes(confirmation.preview.freedBytes)} on disk. Files that only the container has are lost.`,
					...alsoGone(confirmation.preview),
				],
				yes: 'Remove',
				tone: 'bad',
			};
		case 'remove-images':
			return removeImages(confirmation.targets, confirmation.preview);
		case 'sweep':
			return sweep(confirmation.plan);
	}
}

function removeImages(targets: readonly ImageTarget[], preview: RemovalPreview): DialogView {
	const [first] = targets;
	const title =
		targets.length === 1 && first !== undefined
			? `Remove image ${first.label}?`
			: `Remove ${targets.length} image names?`;
	const hidden = targets.filter(({ hiddenFor }) => hiddenFor.length > 0);
	return {
		title,
		lines: [
			...(targets.length === 1 ? [] : listed(targets.map(({ label }) => label))),
			preview.freedBytes === 0
				? 'Only the name goes; this frees nothing.'
				: `This frees ${formatBytes(preview.freedBytes)} on disk.`,
			...hidden.map(
				({ label, hiddenFor }): Span => ({
					text: `${label} stays, hidden, until ${hiddenFor.join(', ')} ${hiddenFor.length === 1 ? 'is' : 'are'} removed.`,
					tone: 'warning',
				}),
			),
			...alsoGone(preview),
		],
		yes: 'Remove',
		tone: 'bad',
	};
}

/** The kinds that go by another name among people. */
const kindNouns: Readonly<Record<string, string>> = {
	tag: 'name',
	ingest: 'unfinished write',
	trash: 'thing in the trash',
};

function sweep(plan: Plan): DialogView {
	const kinds = Map.groupBy(plan.removals, ({ resource }) => resource.key.kind);
	const counts = [...kinds].map(([kind, { length }]) =>
		formatNumberOf(length, kindNouns[kind] ?? kind, kind === 'trash' ? 'things in the trash' : undefined),
	);
	const running = plan.kept.some(({ reason }) => reason.type === 'root' && reason.root === 'running');
	return {
		title: `Remove ${formatNumberOf(plan.removals.length, 'thing')} and free ${formatBytes(plan.reclaimableBytes)}?`,
		lines: [
			`${counts.join(', ')}: exactly what is marked, nothing else.`,
			...(running ? ['What running containers need stays.'] : []),
			{ text: 'This cannot be undone.', tone: 'warning' },
		],
		yes: 'Remove',
		tone: 'bad',
	};
}

function subject(targets: readonly ContainerTarget[]): string {
	const [first] = targets;
	return targets.length === 1 && first !== undefined ? `container ${first.name}` : `${targets.length} containers`;
}

function namesOf(targets: readonly ContainerTarget[]): readonly Span[] {
	return targets.length === 1 ? [] : listed(targets.map(({ name }) => name));
}

function listed(names: readonly string[]): readonly Span[] {
	const shown = names.slice(0, mostNames).map((text): Span => ({ text: `  ${text}`, tone: 'muted' }));
	const rest = names.length - shown.length;
	return rest > 0 ? [...shown, { text: `  and ${rest} more`, tone: 'muted' }] : shown;
}

function alsoGone({ alsoGone: names }: RemovalPreview): readonly Span[] {
	if (names.length === 0) return [];
	return [{ text: 'With it goes what nothing else needs:', tone: 'plain' }, ...listed(names)];
}
