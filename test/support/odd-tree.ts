import { mkdirSync, writeFileSync } from 'node:fs';
import { run } from './commands.ts';

/**
 * Fills a directory with one of everything that a root filesystem can hold and a careless tool would lose:
 * capabilities, setuid and setgid, extended attributes, names that are long or not UTF-8, hard links (of a symlink
 * too), fifos, devices, large owners, times to the nanosecond and before 1970. Needs root.
 */
export function makeOddTree(root: string): void {
	mkdirSync(root, { recursive: true });
	const long = 'a-directory-with-a-rather-long-name'.repeat(3);
	writeFileSync(
		`${root}/.script`,
		String.raw`
		set -e
		printf 'program' > ping && chown 7:8 ping && chmod 755 ping && setcap cap_net_raw+ep ping
		printf 'program' > su && chown 0:42 su && chmod 6755 su
		ln ping ping-again
		mkdir -p etc/empty tmp sgid && chmod 1777 tmp && chmod 2775 sgid && chown 0:50 sgid
		printf 'x' > sgid/inside
		printf 'note' > noted && setfattr -n user.note -v 'of a file' noted && setfattr -n trusted.note -v 0x00ff0a noted
		setfattr -n user.note -v 'of a directory' etc/empty
		ln -s noted link && ln link link-again && ln -s /nowhere/at/all dangling && chown -h 12:34 dangling
		mkdir -p ${long}/${long}/${long} && printf 'deep' > ${long}/${long}/${long}/file
		ln ${long}/${long}/${long}/file deep-link && ln -s ${long}/${long}/${long} long-link
		printf 'x' > "$(printf 'latin\351\377')" && printf 'x' > 'spaces and
newline' && printf 'x' > grün
		mkfifo -m 640 pipe && mknod -m 600 null c 1 3 && mknod -m 660 disk b 259 65537
		printf 'x' > owned && chown 3000000000:2097152 owned
		head -c 5000000 /dev/urandom > large && truncate -s 3000000 hole && printf 'end' >> hole
		chmod 000 owned && mkdir -m 000 closed
		touch -h -d '2021-05-06 07:08:09.123456789 UTC' link noted etc && touch -d '1960-01-02 03:04:05.5 UTC' su
		`,
	);
	run('bash', ['.script'], { cwd: root });
	run('rm', [`${root}/.script`]);
}
