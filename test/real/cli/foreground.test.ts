import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtProgram } from '../../support/built-program.ts';
import { type ContainerWorld, openWorld, strays } from '../../support/container-world.ts';
import { startProgram } from '../../support/terminal-driver.ts';

const [node, program] = builtProgram();
let world: ContainerWorld;

beforeAll(async () => {
	world = await openWorld();
});

afterAll(async () => {
	try {
		expect(strays(world.root)).toEqual([]);
	} finally {
		await world.close();
	}
});

const words = (...args: readonly string[]) => [program, '--root', world.root, ...args];
const tonnage = (args: readonly string[], input = '') => {
	const { status, stdout, stderr } = spawnSync(node, words(...args), { encoding: 'utf8', input });
	return { status, stdout, stderr };
};

describe('run without a terminal', () => {
	test('keeps the two outputs apart, hands input over, and ends with the container’s exit code', () => {
		expect(
			tonnage(['run', '--rm', '-i', '--network', 'none', 'box', 'sh', '-c', 'cat; echo no >&2; exit 9'], 'in\n'),
		).toEqual({ status: 9, stdout: 'in\n', stderr: 'no\n' });
		expect(tonnage(['ps', '-aq']).stdout).toBe('');
	});

	test('says in one line that there is no network', () => {
		expect(tonnage(['run', '--rm', 'box', 'true'])).toEqual({
			status: 0,
			stdout: '',
			stderr: 'No --network was given: the container has none but its own loopback, as with --network none.\n',
		});
	});

	test.each([
		[['box', 'nosuch'], 127],
		[['box', '/etc'], 126],
		[['missing:1'], 125],
		[['--bogus', 'box'], 125],
	])('%j: exit code %d', (args, code) => {
		const { status, stdout, stderr } = tonnage(['run', '--rm', '--network', 'none', ...args]);
		expect({ status, stdout }).toEqual({ status: code, stdout: '' });
		expect(stderr).toMatch(/^tonnage: .*\.\n/);
		expect(tonnage(['ps', '-aq']).stdout).toBe('');
	});

	test('hands an interrupt on to the container', async () => {
		const script = 'trap "echo caught; exit 4" INT; echo ready; while :; do sleep 0.05; done';
		const child = spawn(node, words('run', '--rm', '--network', 'none', 'box', 'sh', '-c', script));
		await once(child.stdout, 'data');
		const rest = once(child.stdout, 'data');
		child.kill('SIGINT');
		expect(String((await rest)[0])).toBe('caught\n');
		expect((await once(child, 'close'))[0]).toBe(4);
	});

	test('lets go at the third interrupt, and the container goes on', async () => {
		const child = spawn(
			node,
			words('run', '--name', 'deaf', '--network', 'none', 'box', 'sh', '-c', 'echo ready; exec sleep 60'),
		);
		await once(child.stdout, 'data');
		let stderr = '';
		child.stderr.on('data', (chunk) => {
			stderr += chunk;
		});
		const closed = once(child, 'close');
		while (child.exitCode === null && child.signalCode === null) {
			child.kill('SIGINT');
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		expect((await closed)[1]).toBe('SIGINT');
		expect(stderr).toBe('The container does not react; it goes on without this command.\n');
		expect(tonnage(['ps', '--format', '{{.Names}} {{.State}}']).stdout).toBe('deaf running\n');
		expect(tonnage(['rm', '-f', 'deaf']).stdout).toBe('deaf\n');
	});
});

describe('run and exec with a terminal', () => {
	test('the container has the terminal, its size and its keys; the shell’s exit code comes back', async () => {
		const terminal = startProgram(node, words('run', '--rm', '-it', '--network', 'none', 'box', 'sh'), {
			columns: 90,
			rows: 30,
		});
		try {
			await terminal.waitFor('#');
			terminal.type('stty size; echo $((6*7))\r');
			await terminal.waitFor(/^30 90/m);
			await terminal.waitFor(/^42/m);
			terminal.resize(100, 35);
			await terminal.waitForQuiet();
			terminal.type('stty size\r');
			await terminal.waitFor(/^35 100/m);
			terminal.type('sleep 60\r');
			await terminal.waitForQuiet();
			terminal.press('ctrl-c');
			terminal.type('exit 7\r');
			expect(await terminal.ended()).toMatchObject({ exitCode: 7 });
		} finally {
			await terminal.close();
		}
	});

	test('the detach keys let go of it and leave it running; attach takes it over again, and its end', async () => {
		const first = startProgram(node, words('run', '-it', '--name', 'term', '--network', 'none', 'box', 'sh'));
		await first.waitFor('#');
		first.type('echo before=$((6*7))\r');
		await first.waitFor(/^before=42/m);
		first.press('ctrl-p');
		first.press('ctrl-q');
		expect(await first.ended()).toMatchObject({ exitCode: 0 });
		expect(tonnage(['ps', '--format', '{{.Names}} {{.State}}']).stdout).toBe('term running\n');
		const second = startProgram(node, words('attach', '--detach-keys', 'ctrl-a,x', 'term'), { columns: 90, rows: 30 });
		await second.waitFor('#');
		await second.waitForQuiet(400);
		second.type('stty size\r');
		await second.waitFor(/^30 90/m);
		// The beginning of the keys is the container's where the rest does not follow: the shell goes to the line's start.
		second.type('after=$((6*7))\u0001echo \r');
		await second.waitFor(/^after=42/m);
		second.type('\u0001x');
		expect(await second.ended()).toMatchObject({ exitCode: 1 });
		expect(second.output()).toContain('read escape sequence');
		const third = startProgram(node, words('attach', 'term'));
		await third.waitFor('#');
		third.type('exit 6\r');
		expect(await third.ended()).toMatchObject({ exitCode: 6 });
		const again = startProgram(node, words('start', '-ai', 'term'));
		await again.waitFor('#');
		again.press('ctrl-p', 'ctrl-q');
		expect(await again.ended()).toMatchObject({ exitCode: 0 });
		expect(tonnage(['rm', '-f', 'term']).stdout).toBe('term\n');
	});

	test('exec -it is a shell in a container that runs already', async () => {
		tonnage(['run', '-d', '--name', 'host', '--network', 'none', 'box', 'sleep', '600']);
		const terminal = startProgram(node, words('exec', '-it', '-e', 'WHO=me', 'host', 'sh'));
		try {
			await terminal.waitFor('#');
			terminal.type('echo I am $WHO\r');
			await terminal.waitFor(/^I am me/m);
			terminal.type('exit 3\r');
			expect(await terminal.ended()).toMatchObject({ exitCode: 3 });
		} finally {
			await terminal.close();
			tonnage(['rm', '-f', 'host']);
		}
	});
});

describe('attach without a terminal', () => {
	const script = 'trap "echo caught; exit 5" TERM; while :; do echo tick; sleep 0.05; done';

	test('shows what is written from then on, hands signals on, and ends with the container’s code', async () => {
		tonnage(['run', '-d', '--name', 'ticker', '--network', 'none', 'box', 'sh', '-c', script]);
		const child = spawn(node, words('attach', 'ticker'));
		let stdout = '';
		child.stdout.on('data', (chunk) => {
			stdout += chunk;
		});
		await once(child.stdout, 'data');
		child.kill('SIGTERM');
		expect((await once(child, 'close'))[0]).toBe(5);
		expect(stdout).toMatch(/^tick\n(.*\n)*caught\n$/);
		expect(tonnage(['attach', 'ticker'])).toMatchObject({
			status: 1,
			stderr: expect.stringContaining('Cannot attach to container ticker: it is exited.'),
		});
		tonnage(['rm', 'ticker']);
	});

	test('with --sig-proxy=false a signal ends the command only', async () => {
		tonnage(['run', '-d', '--name', 'ticker', '--network', 'none', 'box', 'sh', '-c', script]);
		const child = spawn(node, words('attach', '--sig-proxy=false', '--no-stdin', 'ticker'));
		await once(child.stdout, 'data');
		child.kill('SIGINT');
		expect((await once(child, 'close'))[0]).toBe(130);
		expect(tonnage(['ps', '--format', '{{.Names}} {{.State}}']).stdout).toBe('ticker running\n');
		tonnage(['pause', 'ticker']);
		expect(tonnage(['attach', 'ticker']).stderr).toContain('Cannot attach to container ticker: it is paused.');
		expect(tonnage(['rm', '-f', 'ticker']).stdout).toBe('ticker\n');
	});

	test('input goes to one that was started with -d -i, and its end too', () => {
		tonnage(['run', '-d', '-i', '--name', 'reader', '--network', 'none', 'box', 'sh', '-c', 'cat; exit 9']);
		expect(tonnage(['attach', 'reader'], 'read me\n')).toEqual({ status: 9, stdout: 'read me\n', stderr: '' });
		tonnage(['rm', 'reader']);
	});
});

test('prune shows its plan and asks on a terminal; the answer is heard', async () => {
	tonnage(['create', '--name', 'old', '--network', 'none', 'box']);
	const refusing = startProgram(node, words('container', 'prune'), { columns: 110 });
	await refusing.waitFor('[y/N]');
	refusing.type('\r');
	expect(await refusing.ended()).toMatchObject({ exitCode: 1 });
	expect(tonnage(['ps', '-a', '--format', '{{.Names}}']).stdout).toBe('old\n');
	const agreeing = startProgram(node, words('container', 'prune'), { columns: 110 });
	await agreeing.waitFor('[y/N]');
	agreeing.type('y\r');
	expect(await agreeing.ended()).toMatchObject({ exitCode: 0 });
	expect(tonnage(['ps', '-aq']).stdout).toBe('');
	const [, planned, freed] = /planned ([\d,]+) B, freed ([\d,]+) B/.exec(agreeing.output()) ?? [];
	expect(freed).toBe(planned);
});

test('a log that nobody reads any more ends quietly', async () => {
	tonnage(['run', '-d', '--name', 'loud', '--network', 'none', 'box', 'sh', '-c', 'while :; do echo line; done']);
	const child = spawn(node, words('logs', '-f', 'loud'));
	await once(child.stdout, 'data');
	let stderr = '';
	child.stderr.on('data', (chunk) => {
		stderr += chunk;
	});
	child.stdout.destroy();
	expect(await once(child, 'close')).toEqual([0, null]);
	expect(stderr).toBe('');
	tonnage(['rm', '-f', 'loud']);
});
