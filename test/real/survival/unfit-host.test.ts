import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditStore } from '../../support/audit-store.ts';
import { expectFailure, type Failure } from '../../support/expect-failure.ts';
import { type ProgramWorld, runProgram } from '../../support/run-program.ts';
import { openSurvivalWorld, type SurvivalWorld } from '../../support/survival-world.ts';

let world: SurvivalWorld;

beforeAll(async () => {
	world = await openSurvivalWorld();
	await world.expectDone(['load', '-i', world.archives.box]);
	await world.expectDone('create --network none --name idle box true');
});

afterAll(async () => {
	await world.close();
});

describe('a host', () => {
	/** Runs the program in mounts of its own, where those programs are not there. */
	const without = (...programs: readonly string[]): ProgramWorld => ({
		prefix: [
			'unshare',
			'--mount',
			'sh',
			'-c',
			`for p in ${programs.join(' ')}; do for d in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do [ ! -e $d/$p ] || mount --bind /dev/null $d/$p; done; done; exec "$@"`,
			'-',
		],
	});

	test('without a runtime runs no container, and says which package to install; the rest works', async () => {
		const words = 'run --network none box true';
		expectFailure(await world.tonnage(words, without('runc', 'crun')), {
			exitCode: 125,
			says: /runc or crun.* is missing/,
			hint: /apt-get install/,
		});
		expectFailure(await world.tonnage(words, without('conmon')), {
			exitCode: 125,
			says: /conmon is missing/,
			hint: /apt-get install conmon/,
		});
		expect(await world.expectDone('ps -aq')).toMatch(/^\w{12}$/);
		for (const rest of ['images', 'ps -a', 'system df', 'image prune -f', 'history box', 'inspect idle']) {
			expect(await world.tonnage(rest, without('runc', 'crun', 'conmon'))).toMatchObject({
				exitCode: 0,
				stderr: expect.not.stringContaining('missing'),
			});
		}
	});

	test('whose overlay does not take the store’s filesystem runs no container, and says what to do', async () => {
		// An overlay cannot be the upper of another one: so it is inside of a container.
		const at = (name: string) => join(world.directory, 'inner', name);
		for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(at(name), { recursive: true });
		const mounted: ProgramWorld = {
			prefix: [
				'unshare',
				'--mount',
				'sh',
				'-c',
				`mount -t overlay none -o lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')} ${at('merged')}; exec "$@"`,
				'-',
			],
		};
		const root = at('merged/store');
		expect(await runProgram(root, ['load', '-i', world.archives.box], mounted)).toMatchObject({ exitCode: 0 });
		expectFailure(await runProgram(root, ['run', '--network', 'none', 'box', 'true'], mounted), {
			exitCode: 125,
			says: /Running containers is not possible here: the kernel does not take the filesystem/,
			hint: /--root/,
		});
		expect(await runProgram(root, ['system', 'prune', '-a', '-f'], mounted)).toMatchObject({ exitCode: 0 });
	});
});

describe('a store', () => {
	const expectUnusable = async (root: string, failure: Failure, around?: ProgramWorld) => {
		for (const words of [['images'], ['load', '-i', world.archives.box], ['system', 'prune', '-a', '-f']]) {
			expectFailure(await runProgram(root, words, around), failure);
		}
	};

	test('of another user’s is refused', async () => {
		const nobody = { prefix: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] };
		await expectUnusable(world.root, { exitCode: 1, says: /No permission to use the store/, hint: /root/ }, nobody);
		expect(await auditStore(world.root)).toEqual([]);
	});

	test('that cannot be written is refused', async () => {
		const { root } = world;
		const frozen = `mount --bind ${root} ${root} && mount -o remount,bind,ro ${root} && exec "$@"`;
		const around = { prefix: ['unshare', '--mount', 'sh', '-c', frozen, '-'] };
		await expectUnusable(root, { exitCode: 1, says: /No permission to/, hint: /--root/ }, around);
	});

	test('of a newer format is left as it is', async () => {
		const root = join(world.directory, 'newer');
		await runProgram(root, ['images']);
		const database = new DatabaseSync(join(root, 'metadata.db'));
		database.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99');
		database.close();
		const before = readFileSync(join(root, 'metadata.db'));
		await expectUnusable(root, {
			exitCode: 1,
			says: /has format 99, but this tonnage knows formats up to \d+/,
			hint: /Update tonnage/,
		});
		expect(readFileSync(join(root, 'metadata.db')).equals(before)).toBe(true);
	});

	test('whose database is something else is left as it is', async () => {
		const root = join(world.directory, 'foreign');
		mkdirSync(root);
		writeFileSync(join(root, 'metadata.db'), 'no database '.repeat(999));
		await expectUnusable(root, { exitCode: 1, says: /database .* cannot be read/, hint: /--root/ });
		expect(readFileSync(join(root, 'metadata.db'), 'utf8')).toBe('no database '.repeat(999));
	});

	test('that is a file, below a file or where nothing can be is refused', async () => {
		const file = join(world.directory, 'file');
		writeFileSync(file, 'mine');
		await expectUnusable(file, { exitCode: 1, says: /not a directory/, hint: /--root/ });
		await expectUnusable(join(file, 'below'), { exitCode: 1, says: /not a directory/, hint: /--root/ });
		await expectUnusable('/proc/nowhere/store', { exitCode: 1, says: /\/proc\/nowhere\/store/ });
		expect(readFileSync(file, 'utf8')).toBe('mine');
	});
});
