import { beforeEach, expect, test } from 'vitest';
import { createMemoryEngine, type MemoryControls } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Engine } from '../../src/engine/port.ts';
import { type CliRun, cliOn } from '../support/cli.ts';

let engine: Engine & MemoryControls;
let cli: (words: string | readonly string[]) => Promise<CliRun>;

beforeEach(() => {
	engine = createMemoryEngine(sampleWorld());
	// Closing would end the events of the calls that follow.
	const host = { openEngine: async () => ({ ...engine, close: async () => {} }) };
	cli = cliOn(engine, { now: sampleNow, host });
});

const cells = (line: string | undefined) => line?.split(/ {2,}/);

test('rename is silent, and refuses a name that is taken', async () => {
	expect(await cli('rename gangway plank')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
	expect((await engine.containers.inspect('plank')).status).toBe('running');
	const { exitCode, stderr } = await cli('container rename plank pilot-1');
	expect({ exitCode, taken: stderr.includes('The container name "pilot-1" is taken by container') }).toEqual({
		exitCode: 1,
		taken: true,
	});
});

test('top has the columns of ps -ef', async () => {
	const { stdout } = await cli('top pilot-1');
	const [header, row] = stdout.trimEnd().split('\n');
	expect(cells(header)).toEqual(['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD']);
	expect(cells(row)?.at(-1)).toBe('sleep infinity');
	expect((await cli('top pilot-1 -ef')).stdout).toBe(stdout);
	expect(await cli('top pilot-1 aux')).toMatchObject({ exitCode: 2, stdout: '' });
	expect((await cli('top pilot-old')).stderr).toContain(
		'Cannot show the processes of container pilot-old: it is exited.',
	);
});

test('update changes what is given, and wants something', async () => {
	expect(await cli('update --memory 64m --cpus 0.5 pilot-1')).toEqual({ exitCode: 0, stdout: 'pilot-1\n', stderr: '' });
	const { pidsLimit } = (await engine.containers.inspect('pilot-1')).limits;
	await cli('update --memory 0 --pids-limit 7 pilot-1');
	expect((await engine.containers.inspect('pilot-1')).limits).toEqual({
		memoryBytes: undefined,
		cpus: 0.5,
		pidsLimit: 7,
	});
	expect(pidsLimit).not.toBe(7);
	expect(await cli('update pilot-1')).toMatchObject({ exitCode: 2, stdout: '' });
});

test('stats --no-stream has Docker’s columns and one line for each container that runs', async () => {
	const { stdout } = await cli('stats --no-stream pilot-1');
	const [header, row, ...rest] = stdout.trimEnd().split('\n');
	expect(cells(header)).toEqual([
		...['CONTAINER ID', 'NAME', 'CPU %', 'MEM USAGE / LIMIT', 'MEM %', 'NET I/O', 'BLOCK I/O', 'PIDS'],
	]);
	expect(row).toMatch(/^[0-9a-f]{12} +pilot-1 +-- +[\d.]+MiB \/ 512MiB +[\d.]+% +0B \/ 0B +0B \/ 0B +\d+$/);
	expect(rest).toEqual([]);
});

test('stats gives JSON and templates, and knows what does not run', async () => {
	const json = JSON.parse((await cli('stats --no-stream --format json pilot-1')).stdout);
	expect(Object.keys(json).sort()).toEqual(
		['BlockIO', 'CPUPerc', 'Container', 'ID', 'MemPerc', 'MemUsage', 'Name', 'NetIO', 'PIDs'].sort(),
	);
	expect(json.Container).toBe('pilot-1');
	const named = await cli(['stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'pilot-old']);
	expect(named.stdout).toBe('pilot-old --\n');
	expect(await cli('stats --no-stream missing')).toMatchObject({ exitCode: 1, stdout: '' });
});

test('stats on a terminal draws over itself until it is interrupted', async () => {
	const ending = new AbortController();
	const drawing = cliOn(engine, { now: sampleNow, isTerminal: true, interrupted: ending.signal })('stats pilot-1');
	setTimeout(() => {
		engine.advance(500);
	}, 500);
	setTimeout(() => ending.abort(), 1500);
	const { exitCode, stdout } = await drawing;
	expect(exitCode).toBe(0);
	expect(stdout.split('\u001b[2J\u001b[H').length).toBe(2);
	expect(stdout).toMatch(/pilot-1 +\d+\.\d\d%/);
});

test('events come in Docker’s form, chosen by filters, up to an instant', async () => {
	engine.advance(1000);
	await engine.containers.pause('gangway');
	const { id } = await engine.containers.inspect('gangway');
	const until = String(engine.world.now / 1000);
	const past = `--since ${(engine.world.now - 1) / 1000} --until ${until}`;
	const { exitCode, stdout } = await cli(`events ${past}`);
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(new RegExp(`^\\S+T\\S+0{6}\\S* container pause ${id} \\(name=gangway\\)\n$`));
	const json = JSON.parse((await cli(`events ${past} --format json`)).stdout);
	expect(json).toEqual({
		status: 'pause',
		id,
		Type: 'container',
		Action: 'pause',
		Actor: { ID: id, Attributes: { name: 'gangway' } },
		scope: 'local',
		time: Math.floor(engine.world.now / 1000),
		timeNano: engine.world.now * 1e6,
	});
	const chosen = (filter: string) => cli(['events', ...past.split(' '), '--filter', filter, '--format', '{{.Action}}']);
	for (const filter of ['event=pause', 'container=gangway', `container=${id.slice(0, 8)}`, 'type=container']) {
		expect((await chosen(filter)).stdout).toBe('pause\n');
	}
	for (const filter of ['event=die', 'container=pilot-1', 'type=image', 'image=redis', 'volume=gangway']) {
		expect((await chosen(filter)).stdout).toBe('');
	}
});
