import { UsageError } from './failure.ts';

const binaryFactors: Readonly<Record<string, number>> = {
	'': 1,
	b: 1,
	k: 1024,
	m: 1024 ** 2,
	g: 1024 ** 3,
	t: 1024 ** 4,
	p: 1024 ** 5,
};

/** Docker's sizes for memory: `512m`, `1.5g`, `64KiB`, plain bytes. Units are binary. @throws UsageError */
export function parseByteSize(text: string, option: string): number {
	const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
	if (match === null)
		throw new UsageError(`${option}: "${text}" is not a size.`, 'A size looks like 512m, 1.5g or 1073741824.');
	return Math.floor(Number(match[1]) * (binaryFactors[(match[2] ?? '').toLowerCase()] ?? 1));
}

/** A number of CPUs such as 0.5. @throws UsageError */
export function parseCpus(text: string): number {
	const cpus = Number(text);
	if (!/^\d*\.?\d+$/.test(text) || cpus <= 0) throw new UsageError(`--cpus: "${text}" is not a number above 0.`);
	return cpus;
}

/** A whole number. @throws UsageError */
export function parseWholeNumber(text: string, option: string): number {
	if (!/^-?\d+$/.test(text)) throw new UsageError(`${option}: "${text}" is not a whole number.`);
	return Number(text);
}

const durationUnits: Readonly<Record<string, number>> = {
	ms: 1,
	s: 1000,
	m: 60_000,
	h: 3_600_000,
	d: 86_400_000,
	w: 7 * 86_400_000,
};

/**
 * An instant, as `--since` and `until=` take it: a length of time before now (`90m`, `1h30m`, `7d`), Unix seconds,
 * a date, or an RFC 3339 time; one without a zone is local. @throws UsageError
 */
export function parseInstant(text: string, option: string, now: number): number {
	if (/^(\d+(?:\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) {
		let ms = 0;
		for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
			ms += Number(amount) * (durationUnits[unit ?? ''] ?? 0);
		}
		return now - ms;
	}
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	if (/^\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2}){0,2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) {
		const local = text.length === 10 ? `${text}T00:00:00` : text.replace(/^(.{13})(Z|[+-].*)?$/, '$1:00$2');
		const at = Date.parse(local);
		if (!Number.isNaN(at)) return at;
	}
	throw new UsageError(
		`${option}: "${text}" is not a time.`,
		'A time looks like 24h, 1h30m, 7d, 2026-11-20, 2026-11-20T18:00:00Z or 1795201200.',
	);
}
