import { join, resolve } from 'node:path';
import type { CliHost, EngineSettings, FrameSize } from './context.ts';
import { UsageError } from './failure.ts';

/** The options that stand before the verb. */
export interface GlobalOptions {
	readonly root?: string;
	readonly engine?: string;
	readonly print?: string | boolean;
}

/** Which store: `--root`, else TONNAGE_ROOT, else the place of the user. @throws UsageError */
export function settingsFrom(
	options: GlobalOptions,
	host: Pick<CliHost, 'environment' | 'isRoot' | 'workingDirectory'>,
): EngineSettings {
	if (options.engine !== undefined && options.engine !== 'embedded') {
		throw new UsageError(`There is no engine "${options.engine}".`, 'The engine is "embedded".');
	}
	const { environment } = host;
	const root = options.root ?? (environment.TONNAGE_ROOT || undefined) ?? defaultRoot(environment, host.isRoot);
	if (root === '') throw new UsageError('--root needs a directory.');
	return { root: resolve(host.workingDirectory, root) };
}

/** The size of the frame that `--print` asks for: `WxH`, else the terminal's, else 120x40. @throws UsageError */
export function frameSizeFrom(print: string | boolean, stdout: { columns?: number; rows?: number }): FrameSize {
	if (typeof print !== 'string') return { columns: stdout.columns ?? 120, rows: stdout.rows ?? 40 };
	const match = /^(\d{2,4})x(\d{1,4})$/.exec(print);
	if (match === null) throw new UsageError(`--print: "${print}" is not a size.`, 'A size looks like 120x40.');
	return { columns: Number(match[1]), rows: Number(match[2]) };
}

function defaultRoot(environment: CliHost['environment'], isRoot: boolean): string {
	if (isRoot) return '/var/lib/tonnage';
	const data = environment.XDG_DATA_HOME || join(environment.HOME || '/', '.local', 'share');
	return join(data, 'tonnage');
}
