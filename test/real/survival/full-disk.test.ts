import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unlinkTree } from '../../../src/engine/embedded/layers/unlink-tree.ts';
import { auditStore } from '../../support/audit-store.ts';
import { run } from '../../support/commands.ts';
import { archiveOf, dockerMembers, makeImage } from '../../support/image-archives.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';

let directory: string;
let disk: string;
let world: SurvivalWorld;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'tonnage-disk-'));
	disk = join(directory, 'disk');
	mkdirSync(disk);
});

afterEach(async () => {
	// What fills the disk up must not keep the containers from going.
	for (const name of readdirSync(disk)) if (name.startsWith('filler')) rmSync(join(disk, name));
	await world.close();
	run('umount', [disk]);
	unlinkTree(directory);
});

/** A small disk with a store on it: an image that a stopped container uses, and a dangling one. */
async function openDisk(megabytes: number, inodeCount?: number): Promise<void> {
	const file = join(directory, 'disk.ext4');
	run('truncate', ['--size', `${megabytes}M`, file]);
	run('mkfs.ext4', ['-q', '-m', '0', ...(inodeCount === undefined ? [] : ['-N', String(inodeCount)]), file]);
	run('mount', ['-o', 'loop', file, disk]);
	world = await openSurvivalWorld({ root: join(disk, 'store') });
	await world.expectDone(['load', '-i', world.archives.box]);
	await world.expectDone(['import', world.archives.root]);
	await world.expectDone('run --name idle box touch /file');
}

/** To the last block, with what is nobody's of ours. */
function fillBytes(): void {
	run('sh', [
		'-c',
		'dd if=/dev/zero of="$1/filler" bs=64k 2>&1; dd if=/dev/zero of="$1/filler-end" bs=512 2>&1; sync',
		'-',
		disk,
	]);
	expect(Number(run('df', ['--block-size=1', '--output=avail', disk]).split('\n')[1])).toBeLessThan(64 * 1024);
}

function fillInodes(): void {
	for (let index = 0; ; index++) {
		try {
			writeFileSync(join(disk, `filler-${index}`), '');
		} catch {
			return;
		}
	}
}

async function expectNoRoom(words: readonly string[], resource: 'space' | 'inodes'): Promise<void> {
	const before = readdirSync(world.root, { recursive: true }).length;
	const { exitCode, stderr } = await world.tonnage(words);
	expect(stderr).toBe(
		`tonnage: No ${resource} left on the filesystem of ${world.root}.\nFree some with "tonnage system prune", or use a --root on another disk.\n`,
	);
	expect(exitCode).toBe(1);
	expect(await auditStore(world.root)).toEqual([]);
	expect(readdirSync(world.root, { recursive: true })).toHaveLength(before);
}

/** Whoever looks may look, and what is taken away gives its bytes back, to the last one. */
async function expectToFree(): Promise<void> {
	for (const words of ['images -a', 'ps -a', 'system df', 'image prune --dry-run', 'inspect idle', 'save box']) {
		expect(await world.tonnage(words)).toMatchObject({ exitCode: 0, stderr: '' });
	}
	for (const words of ['image prune -f', 'rm idle', 'rmi box']) {
		expect(await world.tonnage(words)).toMatchObject({ exitCode: 0 });
		expect(await auditStore(world.root)).toEqual([]);
	}
	expect(await world.expectDone('system prune -a -f')).toContain('GOES: nothing');
	expect(readdirSync(join(world.root, 'layers'))).toEqual([]);
}

function archive(name: string, files: Readonly<Record<string, string>>): string {
	const path = join(world.directory, name);
	writeFileSync(path, archiveOf(dockerMembers([{ image: makeImage([{ small: 'x' }, files]), tags: ['big:1'] }])));
	return path;
}

test('an image that is larger than the disk is refused whole, and what is there can still go', async () => {
	await openDisk(16);
	await expectNoRoom(['load', '-i', archive('one.tar', { file: 'x'.repeat(30_000_000) })], 'space');
	const many = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`f${index}`, 'y'.repeat(20_000)]));
	await expectNoRoom(['load', '-i', archive('many.tar', many)], 'space');
	await expectToFree();
});

test('a disk that is full to the last byte is freed by its own means, and keeps its reserve through every look', async () => {
	await openDisk(100);
	const { size } = statSync(join(world.root, 'reserve'));
	expect(size).toBe(4 * 1024 * 1024);
	fillBytes();
	for (let looks = 0; looks < 3; looks++) {
		await world.expectDone('images');
		expect(statSync(join(world.root, 'reserve')).size).toBeGreaterThan(0.9 * size);
	}
	await expectNoRoom(['load', '-i', archive('one.tar', { file: 'x'.repeat(6_000_000) })], 'space');
	await expectToFree();
});

test('a small disk has a small reserve', async () => {
	await openDisk(24);
	fillBytes();
	await expectToFree();
});

test('a disk without inodes is freed by its own means', async () => {
	await openDisk(24, 700);
	fillInodes();
	await expectNoRoom(['load', '-i', world.archives.app], 'inodes');
	await expectNoRoom(
		[
			'create',
			'--network',
			'none',
			'-v',
			'/a',
			'-v',
			'/b',
			'-v',
			'/c',
			'-v',
			'/d',
			'-v',
			'/e',
			'-v',
			'/f',
			'-v',
			'/g',
			'box',
		],
		'inodes',
	);
	await expectToFree();
});

test('what a killed command has filled the disk with goes before the database is opened', async () => {
	await openDisk(24);
	// There never was a reserve, and nothing else is left to give.
	rmSync(join(world.root, 'reserve'));
	writeFileSync(join(world.root, 'ingest', '0123456789.0'), '');
	writeFileSync(join(world.root, 'trash', 'layer-012345'), Buffer.alloc(1_000_000));
	fillBytes();
	run('sh', [
		'-c',
		'rm "$1/filler"; dd if=/dev/zero of="$2/ingest/0123456789.0" bs=64k 2>&1; sync',
		'-',
		disk,
		world.root,
	]);
	expect(await world.tonnage('images')).toMatchObject({ exitCode: 0, stderr: '' });
	expect(existsSync(join(world.root, 'ingest', '0123456789.0'))).toBe(false);
	expect(await auditStore(world.root)).toEqual([]);
	await expectToFree();
});
