import { EngineError } from '../engine/errors.ts';
import type { Instant } from '../engine/model.ts';
import type { LabelFilter } from './policy.ts';

/** What the `--filter` options of a prune verb say. */
export interface PruneFilters {
	readonly until: Instant | undefined;
	readonly labels: readonly LabelFilter[];
}

/**
 * Reads `until=24h`, `until=2026-11-01T12:00:00Z`, `until=1762000000`, `label=key[=value]` and `label!=key[=value]`.
 * Dates without a zone are the machine's local time, as with Docker.
 * @throws EngineError invalid-argument
 */
export function parsePruneFilters(texts: readonly string[], now: Instant): PruneFilters {
	let until: Instant | undefined;
	const labels: LabelFilter[] = [];
	for (const text of texts) {
		const [, name, sign, value = ''] = /^([a-z]+)(!?=)(.*)$/s.exec(text) ?? [];
		if (name === 'label' && value !== '') labels.push(parseLabel(value, sign === '!='));
		else if (name === 'until' && sign === '=') {
			if (until !== undefined) throw invalid(text, 'until can be given only once');
			until = parseUntil(value, now);
			if (until === undefined) throw invalid(text, 'until wants a duration such as 24h, a date or seconds since 1970');
		} else throw invalid(text, 'a prune filter is until=…, label=… or label!=…');
	}
	return { until, labels };
}

function parseLabel(text: string, negated: boolean): LabelFilter {
	const equals = text.indexOf('=');
	if (equals === -1) return { key: text, value: undefined, negated };
	return { key: text.slice(0, equals), value: text.slice(equals + 1), negated };
}

/** Spec: docker/cli docs/reference/commandline/image_prune.md#filter */
function parseUntil(text: string, now: Instant): Instant | undefined {
	if (/^\d+(\.\d+)?$/.test(text)) return Math.floor(Number(text) * 1000);
	const duration = parseGoDuration(text);
	if (duration !== undefined) return now - duration;
	if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.test(text)) return undefined;
	// JavaScript reads a bare date as UTC; with a time and no zone it reads local time.
	const withTime = text.includes('T') ? text : text.replace(/^.{10}/, '$&T00:00:00');
	const at = Date.parse(withTime);
	return Number.isNaN(at) ? undefined : at;
}

const unitMs: Readonly<Record<string, number>> = {
	ns: 1e-6,
	us: 1e-3,
	µs: 1e-3,
	μs: 1e-3,
	ms: 1,
	s: 1000,
	m: 60_000,
	h: 3_600_000,
};

/** Spec: pkg.go.dev/time#ParseDuration */
function parseGoDuration(text: string): number | undefined {
	if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
	let sum = 0;
	for (const [, number, , unit = ''] of text.matchAll(/(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
		sum += Number(number) * (unitMs[unit] ?? 0);
	}
	return sum;
}

function invalid(text: string, why: string): EngineError<'invalid-argument'> {
	// It was typed, and goes to a terminal.
	const shown = text.slice(0, 100).replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
	return new EngineError('invalid-argument', { argument: `--filter ${shown}`, why });
}
