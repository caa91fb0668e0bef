import type { FileChange, Instant } from '../model.ts';
import type { MemoryWorld } from './world.ts';
import { WorldBuilder } from './world-builder.ts';

/** When the sample world is looked at. */
export const sampleNow: Instant = Date.UTC(2026, 10, 20, 12);

const base = 'ADD debian-trixie-slim.tar / 74.8MB';
const tools = 'RUN apt-get install -y --no-install-recommends ca-certificates curl 18.3MB';
const node = 'COPY node-24.11.0-linux-x64 /usr/local 131.6MB';

/**
 * A harbour's small server: fourteen images that share layers, fifteen containers in every state, volumes, one
 * image hidden behind a stopped container, and what two crashes have left. Always the same.
 */
export function sampleWorld(): MemoryWorld {
	const builder = new WorldBuilder(sampleNow);
	addImages(builder);
	addServices(builder);
	addStopped(builder);
	return builder
		.hide('harbor/cargo-import:0.9')
		.leftover('orphan', 'layers/b81c64f0', '6.4MB')
		.leftover('ingest', 'ingest/9d40c1.2', '21.7MB')
		.build();
}

function addImages(builder: WorldBuilder): void {
	const maintained = { 'org.opencontainers.image.vendor': 'harbor office' };
	builder
		.image('debian:trixie-slim', [base], { age: '61d', built: '63d', run: { command: ['bash'] } })
		.image('busybox:1.37', ['ADD busybox.tar / 4.3MB'], { age: '58d', built: 'unknown', run: { command: ['sh'] } })
		.image(
			'postgres:17',
			[base, 'RUN apt-get install -y postgresql-17 312.4MB', 'COPY docker-entrypoint.sh / 14.2kB'],
			{
				age: '40d',
				built: '44d',
				run: {
					command: ['postgres'],
					volumes: ['/var/lib/postgresql/data'],
					exposedPorts: ['5432/tcp'],
					stopSignal: 'SIGINT',
				},
			},
		)
		.image('redis:8', [base, 'RUN make install redis-8.2 41.9MB'], {
			age: '40d',
			built: '47d',
			run: { command: ['redis-server'], volumes: ['/data'], exposedPorts: ['6379/tcp'] },
		})
		.image('caddy:2.10', ['ADD alpine-minirootfs.tar / 8.3MB', 'COPY caddy /usr/bin/caddy 46.1MB'], {
			age: '33d',
			built: '35d',
			run: { command: ['caddy', 'run'], exposedPorts: ['80/tcp', '443/tcp'] },
		})
		.image('node:24-slim', [base, tools, node], { age: '30d', built: '31d', run: { command: ['node'] } })
		.image('harbor/cargo-import:0.9', [base, tools, 'COPY import /opt/import 88.5MB'], {
			age: '29d',
			labels: maintained,
		})
		.image(
			'harbor/pilot:1.4',
			[base, tools, node, 'COPY package.json node_modules /app/ 212.7MB', 'COPY pilot-1.4 /app 3.9MB'],
			{
				age: '18d',
				labels: maintained,
				run: { command: ['node', 'pilot.js'] },
			},
		)
		.image('harbor/tides:2026.10', [base, tools, 'RUN pip install numpy 164.0MB', 'COPY tides-10 /srv/tides 27.1MB'], {
			age: '12d',
			labels: maintained,
		})
		.image(
			undefined,
			[base, tools, node, 'COPY package.json node_modules /app/ 214.1MB', 'COPY pilot-1.5-rc1 /app 4.0MB'],
			{
				age: '6d',
				labels: maintained,
			},
		)
		.image(
			undefined,
			[base, tools, node, 'COPY package.json node_modules /app/ 214.1MB', 'COPY pilot-1.5-rc2 /app 4.0MB'],
			{
				age: '5d',
				labels: maintained,
			},
		)
		.image(
			'harbor/pilot:1.5',
			[base, tools, node, 'COPY package.json node_modules /app/ 214.1MB', 'COPY pilot-1.5 /app 4.0MB'],
			{
				age: '4d',
				labels: maintained,
				run: { command: ['node', 'pilot.js'] },
			},
		)
		.image(
			'harbor/pilot:latest',
			[base, tools, node, 'COPY package.json node_modules /app/ 214.1MB', 'COPY pilot-1.5 /app 4.0MB'],
			{
				age: '4d',
				labels: maintained,
				run: { command: ['node', 'pilot.js'] },
			},
		)
		.image(
			'harbor/lighthouse:2.2',
			['ADD alpine-minirootfs.tar / 8.3MB', 'COPY lighthouse /usr/bin/lighthouse 19.6MB'],
			{
				age: '25d',
				labels: maintained,
			},
		)
		.image('harbor/soundings:nightly', [base, tools, 'RUN pip install numpy 164.0MB', 'COPY soundings /srv 71.2MB'], {
			age: '1d',
		});
}

function addServices(builder: WorldBuilder): void {
	builder
		.volume('logbook-db', '486MB', { age: '40d' })
		.volume('chart-cache', '1.2GB', { age: '38d' })
		.volume('old-manifests', '93MB', { age: '90d' })
		.container('logbook-db', {
			image: 'postgres:17',
			age: '40d',
			started: '9d',
			mounts: ['logbook-db:/var/lib/postgresql/data'],
			writable: '63.2kB',
			cpus: 0.06,
			memory: '312MB',
			limits: { memoryBytes: 1_073_741_824 },
			logs: ['database system is ready to accept connections', 'checkpoint complete: wrote 418 buffers (2.6%)'],
		})
		.container('berth-cache', {
			image: 'redis:8',
			age: '38d',
			started: '9d',
			writable: '4kB',
			cpus: 0.02,
			memory: '58MB',
		})
		.container('gangway', {
			image: 'caddy:2.10',
			age: '33d',
			started: '9d',
			mounts: ['/etc/caddy:/etc/caddy'],
			writable: '1.1MB',
			cpus: 0.04,
			memory: '37MB',
			logs: ['serving initial configuration', 'GET /berths 200 3.1ms', 'GET /tides/today 200 8.4ms'],
		})
		.container('pilot-1', {
			image: 'harbor/pilot:1.5',
			age: '4d',
			writable: '18.7MB',
			cpus: 0.41,
			memory: '188MB',
			limits: { cpus: 1.5, memoryBytes: 536_870_912 },
			logs: ['listening on 8080', 'vessel MARY ROSE assigned to berth 4', 'vessel STELLA MARIS waiting for the tide'],
			changes: pilotChanges,
		})
		.container('pilot-2', { image: 'harbor/pilot:1.5', age: '4d', writable: '17.9MB', cpus: 0.38, memory: '181MB' })
		.container('tide-clock', {
			image: 'harbor/tides:2026.10',
			age: '12d',
			writable: '220kB',
			cpus: 0.12,
			memory: '96MB',
		})
		.container('lamp-keeper', {
			image: 'busybox:1.37',
			age: '20d',
			status: 'paused',
			command: ['sh', '-c', 'while :; do date; sleep 60; done'],
			writable: '0B',
			memory: '1MB',
		});
}

function addStopped(builder: WorldBuilder): void {
	builder
		.container('cargo-import-oct', {
			image: 'harbor/cargo-import:0.9',
			age: '28d',
			status: 'exited',
			ended: '27d',
			writable: '41.5MB',
			logs: ['imported 18204 bills of lading'],
		})
		.container('pilot-old', {
			image: 'harbor/pilot:1.4',
			age: '18d',
			status: 'exited',
			ended: '4d',
			exitCode: 143,
			writable: '22.3MB',
		})
		.container('soundings-run-17', {
			image: 'harbor/soundings:nightly',
			age: '1d',
			status: 'exited',
			ended: '0.9d',
			exitCode: 137,
			outOfMemory: true,
			writable: '310MB',
			limits: { memoryBytes: 268_435_456 },
			logs: ['reading survey 2026-11-19', 'gridding 48 of 96 tiles'],
		})
		.container('soundings-run-18', {
			image: 'harbor/soundings:nightly',
			age: '2h',
			status: 'exited',
			ended: '1.5h',
			exitCode: 1,
			writable: '12MB',
		})
		.container('schema-check', {
			image: 'postgres:17',
			age: '9d',
			status: 'exited',
			command: ['pg_dump', '--schema-only'],
			writable: '96kB',
		})
		.container('bilge-test', {
			image: 'debian:trixie-slim',
			age: '3d',
			status: 'exited',
			command: ['bash'],
			exitCode: 127,
			writable: '8kB',
		})
		.container('dry-dock', { image: 'node:24-slim', age: '6h', status: 'created', command: ['node', '--version'] })
		.container('fog-horn', { image: 'busybox:1.37', age: '11d', status: 'dead', exitCode: 255, writable: '3.4MB' });
}

const pilotChanges: readonly FileChange[] = [
	{ kind: 'changed', path: '/app' },
	{ kind: 'added', path: '/app/cache' },
	{ kind: 'added', path: '/app/cache/berths.json' },
	{ kind: 'changed', path: '/tmp' },
	{ kind: 'added', path: '/tmp/tides.bin' },
	{ kind: 'deleted', path: '/app/README.md' },
];
