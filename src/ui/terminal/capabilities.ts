/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Why the dashboard cannot be shown. */
export type TerminalObstacle = 'input-not-a-terminal' | 'output-not-a-terminal' | 'dumb-terminal';

/** What keeps the dashboard from being shown here; undefined when nothing does. */
export function terminalObstacle(
	streams: { readonly stdin: { readonly isTTY?: boolean }; readonly stdout: { readonly isTTY?: boolean } },
	environment: Environment,
): TerminalObstacle | undefined {
	if (!streams.stdout.isTTY) return 'output-not-a-terminal';
	if (!streams.stdin.isTTY) return 'input-not-a-terminal';
	return environment.TERM === 'dumb' ? 'dumb-terminal' : undefined;
}

/** Whether colours may be sent: not with a non-empty NO_COLOR (no-color.org), nor to a terminal known to have none. */
export function allowsColors({ NO_COLOR, TERM }: Environment): boolean {
	if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
	return TERM !== 'dumb' && !/^vt\d|-m(ono)?$/.test(TERM ?? '');
}

/**
 * Loads the dashboard's modules so that Ink always draws with styles: it decides that once, at its import, from the
 * environment, and would leave out inversion and weight together with the colours. What may really leave is decided
 * where it leaves (DamageStdout). Call before anything else imports Ink.
 */
export async function loadWithStyles<Module>(load: () => Promise<Module>): Promise<Module> {
	const before = process.env.FORCE_COLOR;
	process.env.FORCE_COLOR = '3';
	try {
		return await load();
	} finally {
		if (before === undefined) delete process.env.FORCE_COLOR;
		else process.env.FORCE_COLOR = before;
	}
}
