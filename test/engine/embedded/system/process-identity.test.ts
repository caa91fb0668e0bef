import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import {
	identifyProcess,
	identityFromStat,
	isAlive,
	signalProcess,
} from '../../../../src/engine/embedded/system/process-identity.ts';

const tail = '1 10 10 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 4242 1000 10 18446744073709551615';

test('the start time is found behind any name a process gives itself', () => {
	expect(identityFromStat(7, `7 (sleep) S ${tail}`)).toEqual({ pid: 7, startTicks: '4242' });
	expect(identityFromStat(7, `7 (a) R 1 2 (b) S ${tail}`)).toEqual({ pid: 7, startTicks: '4242' });
	expect(identityFromStat(7, `7 (x) (y)) S ${tail}`)).toEqual({ pid: 7, startTicks: '4242' });
});

test('a zombie, a dead process and nonsense are nobody', () => {
	expect(identityFromStat(7, `7 (sleep) Z ${tail}`)).toBeUndefined();
	expect(identityFromStat(7, `7 (sleep) X ${tail}`)).toBeUndefined();
	expect(identityFromStat(7, '')).toBeUndefined();
	expect(identifyProcess(0)).toBeUndefined();
	expect(identifyProcess(Number.NaN)).toBeUndefined();
});

test('a process is the same while it lives, and another with its pid is not', async () => {
	const child = spawn('sleep', ['1000']);
	const identity = identifyProcess(child.pid ?? 0);
	expect(isAlive(identity)).toBe(true);
	const later = identity === undefined ? undefined : { ...identity, startTicks: '1' };
	expect(isAlive(later)).toBe(false);
	expect(signalProcess(later, 'SIGKILL')).toBe(false);
	expect(signalProcess(identity, 'SIGKILL')).toBe(true);
	await new Promise((done) => child.once('exit', done));
	expect(isAlive(identity)).toBe(false);
	expect(signalProcess(identity, 'SIGKILL')).toBe(false);
	expect(isAlive(undefined)).toBe(false);
});
