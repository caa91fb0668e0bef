import { confinementOptions } from './container-confinement.ts';
import { detachKeysOption } from './detach-keys.ts';
import type { VerbOption } from './verb.ts';

const environmentOptions: readonly VerbOption[] = [
	{
		flags: '-e, --env <variable>',
		description: 'KEY=value, or KEY to hand on ours; may be given several times',
		repeatable: true,
	},
	{ flags: '--env-file <file>', description: 'Such lines from a file; may be given several times', repeatable: true },
];

const processOptions: readonly VerbOption[] = [
	{ flags: '-i, --interactive', description: 'Give it standard input' },
	{ flags: '-t, --tty', description: 'Give it a terminal' },
	{ flags: '-w, --workdir <dir>', description: 'Working directory in the container' },
	{ flags: '-u, --user <user>', description: 'name|uid[:group|gid]' },
];

/** Of `create`. Options end at the image's name. */
export const createOptions: readonly VerbOption[] = [
	...confinementOptions,
	{ flags: '--cidfile <file>', description: 'Write its ID there; the file must not exist' },
	{ flags: '--cpus <number>', description: 'At most so many CPUs’ worth of time, e.g. 1.5' },
	{ flags: '--entrypoint <program>', description: 'Instead of the image’s; "" for none' },
	...environmentOptions,
	{ flags: '-h, --hostname <name>', description: 'Host name in the container (its short ID)' },
	...processOptions,
	{ flags: '--label <label>', description: 'key=value; may be given several times', repeatable: true },
	{ flags: '--memory <size>', description: 'At most so much memory, e.g. 512m' },
	{ flags: '--name <name>', description: 'A name (one is made up where not given)' },
	{ flags: '--network <mode>', description: 'none or host (none)' },
	{ flags: '--pids-limit <count>', description: 'At most so many processes; -1 for no limit' },
	{ flags: '--rm', description: 'Remove it, with its anonymous volumes, when it stops' },
	{ flags: '--stop-signal <signal>', description: 'What "tonnage stop" sends first' },
	{
		flags: '-v, --volume <mount>',
		description: '/host:/path, name:/path or /path; :ro may follow; may be given several times',
		repeatable: true,
	},
];

/** Of `run`. */
export const runOptions: readonly VerbOption[] = [
	{ flags: '-d, --detach', description: 'Do not wait for it; print its ID' },
	detachKeysOption,
	...createOptions,
];

/** Of `exec`. */
export const execOptions: readonly VerbOption[] = [
	{ flags: '-d, --detach', description: 'Do not wait for it' },
	...environmentOptions,
	...processOptions,
];
