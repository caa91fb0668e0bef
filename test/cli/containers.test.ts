import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryEngine, type MemoryControls } from '../../src/engine/memory/open.ts';
import { sampleNow, sampleWorld } from '../../src/engine/memory/sample.ts';
import type { Engine } from '../../src/engine/port.ts';
import { type CliRun, cliOn } from '../support/cli.ts';

let engine: Engine & MemoryControls;
let cli: (words: string | readonly string[]) => Promise<CliRun>;

beforeEach(() => {
	engine = createMemoryEngine(sampleWorld());
	cli = cliOn(engine, { now: sampleNow });
});

const linesOf = (text: string) => text.split('\n').filter(Boolean);
const objectsOf = (text: string): Record<string, unknown>[] => linesOf(text).map((line) => JSON.parse(line));

describe('tonnage ps', () => {
	test('has Docker’s columns and shows what is alive', async () => {
		const { stdout } = await cli('ps');
		const [header, ...rows] = linesOf(stdout);
		expect(header?.split(/ {2,}/)).toEqual(['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES']);
		expect(rows.join('\n')).toContain('Up 2 weeks (Paused)');
		expect(rows.join('\n')).not.toContain('Exited');
	});

	test('-a shows all, -s with their sizes', async () => {
		const { stdout } = await cli('ps -a -s');
		expect(linesOf(stdout)).toHaveLength(16);
		expect(stdout).toMatch(/pilot-old +22\.3MB \(virtual 464MB\)\n/);
	});

	test('shows an image’s ID where its name has gone or means another image now', async () => {
		const { stdout } = await cli(['ps', '-a', '--filter', 'name=cargo', '--format', '{{.Image}}']);
		expect(stdout).toMatch(/^[0-9a-f]{12}\n$/);
	});

	test.each([
		['-l', ['soundings-run-18']],
		['-n 2', ['soundings-run-18', 'dry-dock']],
		['--filter status=paused', ['lamp-keeper']],
		['--filter status=created --filter status=dead', ['dry-dock', 'fog-horn']],
		['--filter name=pilot', ['pilot-1', 'pilot-2']],
		['-a --filter name=^pilot-', ['pilot-1', 'pilot-2', 'pilot-old']],
		['--filter exited=137', ['soundings-run-17']],
		['--filter ancestor=redis:8', ['berth-cache']],
		['--filter ancestor=node:24-slim', ['pilot-1', 'pilot-2']],
		['--filter volume=logbook-db', ['logbook-db']],
		['--filter label=missing', []],
		['-a --filter since=soundings-run-17', ['soundings-run-18', 'dry-dock']],
		['-a --filter before=logbook-db', []],
	])('%s', async (words, names) => {
		const { stdout } = await cli([...`ps ${words}`.split(' '), '--format', '{{.Names}}']);
		expect(linesOf(stdout)).toEqual(names);
	});

	test('gives Docker’s fields in JSON, exact bytes and when they were measured', async () => {
		const [row] = objectsOf((await cli('ps -a --filter name=pilot-old --format json')).stdout);
		expect(row).toMatchObject({
			Names: 'pilot-old',
			Image: 'harbor/pilot:1.4',
			State: 'exited',
			Status: 'Exited (143) 4 days ago',
			Command: '"sleep infinity"',
			RunningFor: '2 weeks ago',
			Ports: '',
			Networks: 'none',
			LocalVolumes: '0',
			Size: '22.3MB (virtual 464MB)',
			SizeBytes: 22_300_000,
			ExitCode: 143,
		});
		expect(row?.MeasuredAt).toMatch(/^2026-11-\d\dT[\d:.]+Z$/);
	});

	test('refuses a status that there is not', async () => {
		const { exitCode, stderr } = await cli('ps --filter status=asleep');
		expect(exitCode).toBe(2);
		expect(stderr).toContain('There is no status "asleep".\nA status is one of created,');
	});
});

describe('the life of a container', () => {
	test('create, start, stop, start again, kill, remove: each prints its name', async () => {
		const created = await cli('create --name job --network none redis:8');
		expect(created.stdout).toMatch(/^[0-9a-f]{64}\n$/);
		expect(created.stderr).toBe('');
		for (const verb of ['start', 'stop', 'start', 'kill', 'rm']) {
			expect(await cli(`${verb} job`)).toEqual({ exitCode: 0, stdout: 'job\n', stderr: '' });
		}
		expect((await cli('inspect job')).exitCode).toBe(1);
	});

	test('pause and unpause print names, and the status says it', async () => {
		expect(await cli('pause gangway missing')).toMatchObject({ exitCode: 3, stdout: 'gangway\n' });
		expect((await cli('ps --filter name=gangway --format {{.Status}}')).stdout).toMatch(/\(Paused\)\n$/);
		expect((await cli('pause gangway')).stderr).toContain('Cannot pause container gangway: it is paused.');
		expect(await cli('container unpause gangway')).toEqual({ exitCode: 0, stdout: 'gangway\n', stderr: '' });
		expect((await cli('unpause gangway')).stderr).toContain('Cannot unpause container gangway: it is running.');
	});

	test('says in one line that there is no network, unless the network was chosen', async () => {
		const { stderr } = await cli('create redis:8');
		expect(linesOf(stderr)).toHaveLength(1);
		expect(stderr).toContain('--network none');
		expect((await cli('create --network none redis:8')).stderr).toBe('');
	});

	test('run -d prints the ID of what runs', async () => {
		const { exitCode, stdout } = await cli('run -d --name job --network none redis:8');
		expect(exitCode).toBe(0);
		expect((await engine.containers.inspect('job')).id).toBe(stdout.trim());
		expect((await engine.containers.inspect('job')).status).toBe('running');
	});

	test('wait prints exit codes', async () => {
		const waiting = cli('wait gangway pilot-old');
		engine.exit('gangway', 42);
		expect(await waiting).toEqual({ exitCode: 0, stdout: '42\n143\n', stderr: '' });
	});

	test('rm refuses what runs, and says how', async () => {
		const { exitCode, stderr } = await cli('rm gangway');
		expect(exitCode).toBe(1);
		expect(stderr).toContain('Cannot remove container gangway: it is running.');
		expect(stderr).toContain('tonnage rm -f');
		expect(await cli('rm -f gangway missing')).toMatchObject({ exitCode: 0, stdout: 'gangway\n' });
	});

	test('some of several that fail make exit code 3', async () => {
		expect(await cli('stop missing gangway')).toMatchObject({ exitCode: 3, stdout: 'gangway\n' });
	});
});

describe('exit codes of run and exec', () => {
	test.each([
		['run --bogus redis:8', 125, '"tonnage run" has no option "--bogus".'],
		['run', 125, '"tonnage run" needs IMAGE.'],
		['run --network none -it redis:8', 125, '-i and -t together need a terminal'],
		['exec', 125, '"tonnage exec" needs CONTAINER.'],
		['exec gangway', 125, '"tonnage exec" needs COMMAND.'],
		['run --network none redis:8', 125, 'To run in the foreground is not possible here'],
	])('%s: %d', async (words, code, sentence) => {
		const { exitCode, stdout, stderr } = await cli(words);
		expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
		expect(stderr).toContain(sentence);
	});
});

test('diff lists changes by their letters', async () => {
	const { stdout } = await cli('diff pilot-1');
	expect(linesOf(stdout)).toContain('A /app/cache');
	expect(linesOf(stdout)).toContain('C /tmp');
	expect(linesOf(stdout)).toContain('D /app/README.md');
});

test('commit makes an image and prints its ID', async () => {
	const { exitCode, stdout } = await cli(['commit', '-m', 'a fix', '-c', 'CMD ["x"]', 'pilot-1', 'harbor/pilot:fix']);
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
	expect((await cli(['image', 'inspect', '-f', '{{.Config.Cmd}}', 'harbor/pilot:fix'])).stdout).toBe('[x]\n');
});

describe('tonnage logs', () => {
	test('prints what was written, or its end, or with times', async () => {
		expect(linesOf((await cli('logs pilot-1')).stdout)).toHaveLength(3);
		expect((await cli('logs --tail 1 pilot-1')).stdout).toBe('vessel STELLA MARIS waiting for the tide\n');
		expect((await cli('logs -n 0 pilot-1')).stdout).toBe('');
		expect((await cli('logs -t --tail 1 pilot-1')).stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z vessel STELLA/);
		expect((await cli('logs --since 1m pilot-1')).stdout).toBe('');
	});

	test('hands bytes on as they are, but keeps a terminal safe from them', async () => {
		engine.writeLog('gangway', '\u001b[32mok\u001b[0m\u001b]0;title\u0007\u001b[2J');
		expect((await cli('logs --tail 1 gangway')).stdout).toBe('\u001b[32mok\u001b[0m\u001b]0;title\u0007\u001b[2J\n');
		const terminal = cliOn(engine, { now: sampleNow, isTerminal: true });
		expect((await terminal('logs --tail 1 gangway')).stdout).toBe('\u001b[32mok\u001b[0m\n');
	});

	test('follows until the container ends', async () => {
		const following = cli('logs -f --tail 0 gangway');
		await new Promise((resolve) => setTimeout(resolve, 20));
		engine.writeLog('gangway', 'one more');
		engine.exit('gangway', 0);
		expect((await following).stdout).toBe('one more\n');
	});

	test('stops following when interrupted, with exit code 130 and no word', async () => {
		const stop = new AbortController();
		const following = cliOn(engine, { now: sampleNow, interrupted: stop.signal })('logs -f --tail 0 gangway');
		setTimeout(() => stop.abort(), 20);
		expect(await following).toEqual({ exitCode: 130, stdout: '', stderr: '' });
	});
});

describe('tonnage inspect', () => {
	test('is Docker’s JSON for a container', async () => {
		const [container] = JSON.parse((await cli('inspect soundings-run-17')).stdout);
		expect(container).toMatchObject({
			Name: '/soundings-run-17',
			Path: 'sleep',
			Args: ['infinity'],
			State: { Status: 'exited', Running: false, OOMKilled: true, ExitCode: 137, Pid: 0 },
			HostConfig: { Memory: 268_435_456, NetworkMode: 'none', AutoRemove: false },
			Config: { Image: 'harbor/soundings:nightly', Tty: false },
			SizeRw: 310_000_000,
		});
	});

	test('finds containers, images and volumes, and only what --type says', async () => {
		const names = async (...words: string[]) =>
			linesOf((await cli(['inspect', '-f', '{{if .Name}}{{.Name}}{{end}}', ...words])).stdout);
		expect(await names('gangway')).toEqual(['/gangway']);
		expect(await names('--type', 'volume', 'logbook-db')).toEqual(['logbook-db']);
		expect((await cli(['inspect', '-f', '{{.Os}}', 'redis:8'])).stdout).toBe('linux\n');
		const { exitCode, stderr } = await cli('inspect --type image gangway');
		expect(exitCode).toBe(1);
		expect(stderr).toContain('No image is called "gangway".');
		expect((await cli('inspect nothing')).stderr).toContain('No container, image or volume is called "nothing".');
		expect((await cli('inspect --type network x')).exitCode).toBe(2);
	});

	test('gives a volume its name and the place where its files are', async () => {
		const [volume] = (await engine.volumes.list()).filter(({ name }) => name === 'logbook-db');
		const { stdout } = await cli([
			'inspect',
			'-f',
			'{{range .Mounts}}{{.Name}} {{.Source}}{{end}}',
			'--type',
			'container',
			'logbook-db',
		]);
		expect(stdout).toBe(`logbook-db ${volume?.mountpoint}\n`);
	});

	test('answers the templates that scripts use', async () => {
		for (const [template, text] of [
			['{{.State.Status}} {{.State.ExitCode}}', 'running 0'],
			['{{range .Mounts}}{{.Type}} {{.Source}}->{{.Destination}}{{end}}', 'bind /etc/caddy->/etc/caddy'],
			['{{json .HostConfig.NetworkMode}}', '"none"'],
			['{{index .Config.Labels "nope"}}', ''],
		] as const) {
			expect((await cli(['inspect', '-f', template, 'gangway'])).stdout).toBe(`${text}\n`);
		}
	});
});

test('volume ls lists volumes, unused ones, or names', async () => {
	expect(linesOf((await cli('volume ls')).stdout)[0]).toBe('DRIVER    VOLUME NAME');
	expect((await cli('volume ls -q --filter dangling=true')).stdout).toBe('chart-cache\nold-manifests\n');
	expect(
		(await cli(['volume', 'ls', '--filter', 'name=logbook', '--format', '{{.Name}} {{.Size}} {{.Links}}'])).stdout,
	).toBe('logbook-db 486MB 1\n');
});
