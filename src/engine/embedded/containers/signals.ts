import { constants } from 'node:os';
import { EngineError } from '../../errors.ts';

/** Real-time signals as the C library numbers them. Spec: signal(7) */
const firstRealTime = 34;
const lastRealTime = 64;

/** The number of a signal: `SIGTERM`, `term`, `15`, `RTMIN+3`. @throws EngineError invalid-argument */
export function parseSignal(text: string): number {
	const bare = text.trim().toUpperCase().replace(/^SIG/, '');
	const number = numberOf(bare);
	if (number !== undefined && number >= 1 && number <= lastRealTime) return number;
	throw new EngineError('invalid-argument', {
		argument: `the signal "${text}"`,
		why: 'there is none of that name or number',
	});
}

function numberOf(bare: string): number | undefined {
	if (/^\d{1,2}$/.test(bare)) return Number(bare);
	const realTime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(bare);
	if (realTime !== null) {
		const number =
			(realTime[1] === 'MIN' ? firstRealTime : lastRealTime) + Number(`${realTime[2] ?? ''}${realTime[3] ?? 0}`);
		return number >= firstRealTime ? number : undefined;
	}
	return constants.signals[`SIG${bare}` as NodeJS.Signals];
}
