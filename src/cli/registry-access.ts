import { join, resolve } from 'node:path';
import type { Registry, RegistryAccess } from '../engine/registry-port.ts';
import type { CliContext, CliHost } from './context.ts';
import { UsageError } from './failure.ts';
import type { OptionValues, VerbOption } from './verb.ts';

/** Of every verb that speaks with a registry. */
export const accessOptions: readonly VerbOption[] = [
	{ flags: '--ca-file <file>', description: 'Certificate authorities to trust besides the system’s' },
	{
		flags: '--cert-dir <dir>',
		description: 'Directory of *.crt, *.cert and *.key (/etc/docker/certs.d/HOST)',
	},
	{
		flags: '--tls-verify <bool>',
		description: 'false: take any certificate, and plain HTTP where there is no TLS (true)',
	},
];

/** Where Docker keeps its logins: below `DOCKER_CONFIG` or `~/.docker`. */
export function loginsFile({ environment, workingDirectory }: CliHost): string {
	const directory = environment.DOCKER_CONFIG || join(environment.HOME || '/', '.docker');
	return resolve(workingDirectory, directory, 'config.json');
}

/** How a registry is reached, from options and environment. @throws UsageError */
export function accessFrom({ host }: CliContext, options: OptionValues): RegistryAccess {
	const { workingDirectory } = host;
	const caFile = options.text('ca-file');
	const certificatesDirectory = options.text('cert-dir');
	return {
		loginsFile: loginsFile(host),
		tlsVerify: boolean(options.text('tls-verify') ?? 'true', '--tls-verify'),
		...(caFile === undefined ? {} : { caFile: resolve(workingDirectory, caFile) }),
		...(certificatesDirectory === undefined
			? {}
			: { certificatesDirectory: resolve(workingDirectory, certificatesDirectory) }),
		signal: host.interrupted,
	};
}

/** What the engine has of registries. @throws UsageError where it has nothing */
export async function registryOf(context: CliContext): Promise<Registry> {
	const { registry, identity } = await context.engine();
	if (registry === undefined) throw new UsageError(`The ${identity.kind} engine does not speak with registries.`);
	return registry;
}

function boolean(text: string, option: string): boolean {
	if (/^(1|t|true)$/i.test(text)) return true;
	if (/^(0|f|false)$/i.test(text)) return false;
	throw new UsageError(`${option}: "${text}" is neither true nor false.`);
}
