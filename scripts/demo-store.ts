/** Fills the demo's store through the command line, as a user would, or removes it: `demo-store.ts HOME [--clean]`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DemoImage, fileLayer, packageLayer, writeLayout } from './demo-images.ts';

const home = process.argv[2] ?? '';
const clean = process.argv[3] === '--clean';
const store = join(home, 'store');
const cache = join(home, 'packages');
const program = fileURLToPath(new URL('../bin/tonnage.js', import.meta.url));
const day = 24 * 3600_000;

function tonnage(...args: readonly string[]): { readonly status: number; readonly output: string } {
	const result = spawnSync(process.execPath, [program, '--root', store, ...args], { encoding: 'utf8' });
	return { status: result.status ?? 1, output: `${result.stdout}${result.stderr}` };
}

function mustRun(...args: readonly string[]): string {
	const { status, output } = tonnage(...args);
	if (status === 0) return output;
	process.stderr.write(`tonnage ${args.join(' ')} failed:\n${output}`);
	process.exit(1);
}

function removeStore(): void {
	if (existsSync(store)) {
		const containers = mustRun('ps', '-aq').split('\n').filter(Boolean);
		if (containers.length > 0) mustRun('rm', '-f', '-v', ...containers);
	}
	const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.filter((line) => (line.split(' ')[4] ?? '').startsWith(`${home}/`));
	if (mounts.length > 0) {
		process.stderr.write(`Still mounted, so nothing was deleted:\n${mounts.join('\n')}\n`);
		process.exit(1);
	}
	rmSync(home, { recursive: true, force: true });
}

/** Small, real, and sharing what real images share: a base, packages on it, an application on top. */
function demoImages(): { readonly first: readonly DemoImage[]; readonly second: readonly DemoImage[] } {
	const now = Date.now();
	const base = packageLayer(cache, ['busybox-static', 'base-files', 'netbase']);
	const applets = [
		'sh',
		'sleep',
		'date',
		'echo',
		'cat',
		'ls',
		'dd',
		'httpd',
		'true',
		'wc',
		'ps',
		'top',
		'id',
		'df',
		'vi',
		'find',
		'rm',
	];
	const shell = fileLayer(cache, 'RUN busybox --install', {
		...Object.fromEntries(applets.map((name) => [`usr/bin/${name}`, '-> /bin/busybox'])),
		'bin/sh': '-> busybox',
		'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/srv:/bin/sh\n',
		'etc/group': 'root:x:0:\napp:x:1000:\n',
	});
	const zones = packageLayer(cache, ['tzdata']);
	const certificates = packageLayer(cache, ['ca-certificates', 'openssl', 'libssl3']);
	const libc = packageLayer(cache, ['libc6', 'libgcc-s1', 'zlib1g']);
	const lua = packageLayer(cache, ['lua5.4', 'liblua5.4-0', 'libreadline8', 'libtinfo6']);
	const sqlite = packageLayer(cache, ['sqlite3', 'libsqlite3-0', 'libreadline8', 'libtinfo6']);
	const site = (version: number) =>
		fileLayer(cache, 'COPY site /srv/www', {
			'srv/www/index.html': `<h1>Harbour ${version}</h1>\n`,
			'srv/www/chart.bin': Buffer.alloc(3_000_000 + version * 400_000, version),
		});
	const log = 'while :; do echo "tide $(date +%T)"; sleep 1; done';
	const write =
		'i=0; while :; do i=$((i+1)); dd if=/dev/zero of=/var/chart.$((i%8)) bs=64k count=4 2>/dev/null; sleep 2; done';
	const image = (
		name: string,
		layers: DemoImage['layers'],
		command: readonly string[],
		ageDays: number,
	): DemoImage => ({
		name,
		layers,
		command,
		createdAt: new Date(Math.floor(now / day) * day - ageDays * day),
	});
	return {
		first: [
			image('base:12', [base, shell], ['/bin/sh'], 60),
			image(
				'harbour/web:latest',
				[base, shell, certificates, site(1)],
				['httpd', '-f', '-p', '8080', '-h', '/srv/www'],
				30,
			),
			image('harbour/zones:2026', [base, shell, zones], ['sh', '-c', log], 21),
		],
		second: [
			image(
				'harbour/web:latest',
				[base, shell, certificates, site(2)],
				['httpd', '-f', '-p', '8080', '-h', '/srv/www'],
				2,
			),
			image('harbour/web:2', [base, shell, certificates, site(2)], ['httpd', '-f', '-p', '8080', '-h', '/srv/www'], 2),
			image('harbour/pilot:1.4', [base, shell, libc, lua], ['lua5.4', '-v'], 12),
			{ ...image('harbour/ledger:3', [base, shell, libc, sqlite], ['sh', '-c', write], 9), volumes: ['/data'] },
		],
	};
}

/** One container, unless it is there: running the demo twice is harmless. */
function container(name: string, ...args: readonly string[]): void {
	if (tonnage('inspect', name).status === 0) {
		if (args.includes('-d')) tonnage('start', name);
		return;
	}
	// Two of them fail on purpose: their exit code is what there is to see.
	const { status, output } = tonnage(...args.slice(0, 1), '--name', name, '--network', 'none', ...args.slice(1));
	if (status >= 125) process.stderr.write(`demo container ${name}: ${output}`);
}

/** False where the packages cannot be had: then the dashboard opens on an empty store, and says how to fill it. */
function loadImages(): boolean {
	process.stderr.write('Making the demo images from Debian packages …\n');
	let images: ReturnType<typeof demoImages>;
	try {
		images = demoImages();
	} catch (error) {
		const [line] = String(error instanceof Error ? error.message : error).split('\n');
		process.stderr.write(`The packages for the demo could not be had, so its store stays empty: ${line}\n`);
		return false;
	}
	for (const batch of [images.first, images.second]) {
		const layout = join(home, 'layout');
		writeLayout(layout, batch);
		mustRun('load', '-q', '-i', layout);
		rmSync(layout, { recursive: true });
	}
	return true;
}

function fillStore(): void {
	mkdirSync(cache, { recursive: true });
	if ((!existsSync(join(store, 'metadata.db')) || mustRun('images', '-q') === '') && !loadImages()) return;
	process.stderr.write('Starting the demo containers …\n');
	container('web', 'run', '-d', '--memory', '64m', 'harbour/web:latest');
	container('tide', 'run', '-d', 'harbour/zones:2026');
	container('ledger', 'run', '-d', '--cpus', '0.5', 'harbour/ledger:3');
	container('busy', 'run', '-d', '--cpus', '0.2', 'base:12', 'sh', '-c', 'while :; do :; done');
	container('survey', 'run', 'harbour/pilot:1.4');
	container('wreck', 'run', 'base:12', 'sh', '-c', 'dd if=/dev/zero of=/root/cargo bs=1M count=6 2>/dev/null; exit 3');
	container('draft', 'create', 'harbour/web:2');
	if (tonnage('inspect', 'moored').status !== 0) {
		container('moored', 'run', '-d', 'base:12', 'sleep', '86400');
		tonnage('stop', '-t', '0', 'moored');
	}
}

if (home === '') {
	process.stderr.write('usage: demo-store.ts HOME [--clean]\n');
	process.exit(2);
}
if (clean) removeStore();
else fillStore();
