import { UsageError } from './failure.ts';
import { printable } from './printable.ts';
import { accessFrom, accessOptions, loginsFile, registryOf } from './registry-access.ts';
import type { Verb, VerbCall } from './verb.ts';

const longestPassword = 64 * 1024;
const server = {
	name: 'SERVER',
	description: 'The registry’s host (Docker Hub where not given)',
	optional: true,
} as const;

/** `tonnage login`. */
export const loginVerb: Verb = {
	name: 'login',
	shortcut: 'login',
	summary: 'Log in to a registry',
	details:
		'Tries the login, and keeps it where Docker keeps its own: with the credential helper that config.json names, else in that file ($DOCKER_CONFIG or ~/.docker), for its owner only.',
	operands: [server],
	options: [
		{ flags: '-u, --username <name>', description: 'Who logs in' },
		{ flags: '--password-stdin', description: 'Read the password or token from standard input' },
		{
			flags: '-p, --password <text>',
			description: 'The password; others on this host may see it, so rather use the above',
		},
		...accessOptions,
	],
	examples: [
		'tonnage login -u sailor --password-stdin registry.example:5000 < password.txt',
		'pass show registry | tonnage login -u sailor --password-stdin',
	],
	run: login,
};

/** `tonnage logout`. */
export const logoutVerb: Verb = {
	name: 'logout',
	shortcut: 'logout',
	summary: 'Forget the login of a registry',
	operands: [server],
	options: [],
	examples: ['tonnage logout registry.example:5000'],
	run: logout,
};

async function login({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const user = options.text('username');
	if (!user) throw new UsageError('"tonnage login" needs a name.', 'Give it with -u.');
	const given = options.text('password');
	if (given !== undefined && options.flag('password-stdin')) {
		throw new UsageError('--password and --password-stdin exclude each other.');
	}
	if (given === undefined && !options.flag('password-stdin')) {
		throw new UsageError('"tonnage login" needs a password.', 'Send it to standard input, with --password-stdin.');
	}
	if (given !== undefined)
		host.stderr.write('A password on the command line is seen by others; use --password-stdin.\n');
	const password = given ?? (await readPassword(host.stdin));
	if (password === '') throw new UsageError('The password is empty.');
	const access = accessFrom(context, options);
	const kept = await (await registryOf(context)).login(operands[0] ?? '', { user, password }, access);
	const warning = kept.encrypted ? '' : ', unencrypted, readable for its owner only';
	host.stderr.write(`The login is kept in ${printable(kept.place)}${warning}.\n`);
	host.stdout.write('Login Succeeded\n');
	return undefined;
}

async function logout({ context, operands }: VerbCall): Promise<undefined> {
	const { host } = context;
	const [name = ''] = operands;
	const access = { loginsFile: loginsFile(host), tlsVerify: true, signal: host.interrupted };
	const forgotten = await (await registryOf(context)).logout(name, access);
	const shown = printable(name === '' ? 'docker.io' : name);
	host.stdout.write(forgotten ? `Removed the login for ${shown}\n` : `Not logged in to ${shown}\n`);
	return undefined;
}

async function readPassword(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of stdin) {
		chunks.push(Buffer.from(chunk));
		bytes += chunk.length;
		if (bytes > longestPassword) throw new UsageError('The password on standard input is longer than 64 KiB.');
	}
	return Buffer.concat(chunks)
		.toString('utf8')
		.replace(/\r?\n$/, '');
}
