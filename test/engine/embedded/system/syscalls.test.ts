import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	closeSync,
	constants,
	lstatSync,
	mkdirSync,
	openSync,
	readSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as syscalls from '../../../../src/engine/embedded/system/syscalls.ts';
import { run } from '../../../support/commands.ts';
import { scratchDirectory } from '../../../support/scratch-directory.ts';

const scratch = scratchDirectory();

function file(name = 'file'): string {
	const path = join(scratch(), name);
	writeFileSync(path, '');
	return path;
}

describe('system calls', () => {
	it('fail as Node’s own do', () => {
		const path = join(scratch(), 'missing');
		const expected = { code: 'ENOENT', errno: -2, syscall: 'lsetxattr', path };
		expect(() => syscalls.setXattr(path, 'user.a', Buffer.from('x'))).toThrow(expect.objectContaining(expected));
	});

	it('refuse a path with a NUL, which would name something else', () => {
		expect(() => syscalls.setXattr('a\0b', 'user.a', Buffer.from('x'))).toThrow(TypeError);
	});

	it('keep extended attributes of any bytes and length, of the thing itself', () => {
		const path = file();
		const large = Buffer.alloc(3000, 7);
		syscalls.setXattr(path, 'user.large', large);
		syscalls.setXattr(path, 'user.binary', Buffer.from([0, 255]));
		expect(syscalls.listXattrs(path)).toEqual(
			new Map([
				['user.binary', Buffer.from([0, 255])],
				['user.large', large],
			]),
		);
		expect(syscalls.getXattr(path, 'user.none')).toBeUndefined();
		symlinkSync(path, join(scratch(), 'link'));
		expect(syscalls.listXattrs(join(scratch(), 'link')).has('user.large')).toBe(false);
		expect(run('getfattr', ['--only-values', '-n', 'user.binary', '-e', 'hex', path]).length).toBeGreaterThan(0);
	});

	it('set times to the nanosecond, of a symlink too, and before 1970', () => {
		const link = join(scratch(), 'link');
		symlinkSync('nowhere', link);
		syscalls.setModifiedTime(link, 1_700_000_000, 123_456_789);
		expect(lstatSync(link, { bigint: true }).mtimeNs).toBe(1_700_000_000_123_456_789n);
		syscalls.setModifiedTime(link, -2, 5);
		expect(lstatSync(link, { bigint: true }).mtimeNs).toBe(-1_999_999_995n);
	});

	it('make fifos and read device numbers', () => {
		const path = join(scratch(), 'fifo');
		syscalls.mknod(path, constants.S_IFIFO | 0o600, { major: 0, minor: 0 });
		expect(lstatSync(path).isFIFO()).toBe(true);
		expect(syscalls.deviceParts(statSync('/dev/null').rdev)).toEqual({ major: 1, minor: 3 });
	});

	it('lock a file against other openings of it, until it is unlocked or closed', () => {
		const path = file();
		const [one, other] = [openSync(path, 'r'), openSync(path, 'r')];
		expect(syscalls.tryLock(one)).toBe(true);
		expect(syscalls.tryLock(other)).toBe(false);
		expect(syscalls.tryLockShared(other)).toBe(false);
		syscalls.unlock(one);
		syscalls.lockShared(one);
		expect(syscalls.tryLockShared(other)).toBe(true);
		expect(syscalls.tryLock(other)).toBe(false);
		closeSync(one);
		syscalls.lockExclusive(other);
		closeSync(other);
	});

	it('signal a process by a descriptor that never means another one', async () => {
		const child = spawn('sleep', ['1000']);
		const process = syscalls.openProcess(child.pid ?? 0);
		try {
			syscalls.signalProcess(process, 15);
			expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
			expect(() => syscalls.signalProcess(process, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
		} finally {
			closeSync(process);
		}
	});

	it('speak to a packet socket, also by a path longer than its address holds', () => {
		const directory = join(scratch(), 'd'.repeat(120));
		mkdirSync(directory);
		const short = openSync(directory, 'r');
		const { accept, send } = listenOn(`/proc/self/fd/${short}/attach`);
		const socket = syscalls.connectSeqpacket(join(directory, 'attach'));
		const peer = accept();
		send(peer, Buffer.from([2, 104, 105]));
		const packet = Buffer.alloc(100);
		expect(packet.subarray(0, readSync(socket, packet))).toEqual(Buffer.from([2, 104, 105]));
		for (const descriptor of [peer, socket, short]) closeSync(descriptor);
		expect(() => syscalls.connectSeqpacket(join(directory, 'missing'))).toThrow(
			expect.objectContaining({ code: 'ENOENT' }),
		);
	});
});

/** A SOCK_SEQPACKET listener, by system calls of the test's own. */
function listenOn(path: string) {
	const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
	const libc = koffi.load(null);
	const socket = libc.func('int socket(int, int, int)')(1, 5, 0) as number;
	const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${path}\0`)]);
	expect(libc.func('int bind(int, void *, uint32)')(socket, address, address.length)).toBe(0);
	expect(libc.func('int listen(int, int)')(socket, 1)).toBe(0);
	const accept = libc.func('int accept(int, void *, void *)');
	const send = libc.func('long send(int, void *, size_t, int)');
	return {
		accept: () => {
			const peer = accept(socket, null, null) as number;
			closeSync(socket);
			return peer;
		},
		send: (peer: number, bytes: Buffer) => send(peer, bytes, bytes.length, 0),
	};
}
