import type { ReadStream, WriteStream } from 'node:tty';
import { allowsColors, type Environment } from './capabilities.ts';
import { DamageStdout, enterAlternateScreen, leaveAlternateScreen, type TerminalSize } from './damage-stdout.ts';
import { TerminalInput } from './terminal-input.ts';
import { TerminalOutput } from './terminal-output.ts';

/** What a session is opened on: the process's own terminal streams and environment. */
export interface SessionOptions {
	readonly stdin: ReadStream;
	readonly stdout: WriteStream & { readonly fd: number };
	readonly environment: Environment;
	/** The terminal is gone; the application should end. */
	readonly onHangup?: () => void;
}

/** The terminal while the dashboard has it. */
export interface TerminalSession {
	/** For Ink's `render`: with `alternateScreen: true`, `patchConsole: false`, `exitOnCtrlC: false`. */
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	/** Function keys and the mouse. */
	readonly input: TerminalInput;
	/** Sends the whole screen anew (Ctrl-L). */
	repaint(): void;
	/** Gives the terminal to another program while `run` lasts, then takes it back and repaints. Frames are drawn meanwhile, not sent. */
	suspend<Result>(run: () => Promise<Result>): Promise<Result>;
	/** Gives the terminal back for good, at once, whatever state the application is in. Idempotent. */
	close(): void;
}

const restoringSequence = '\x1b[?2026l\x1b[?2004l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[m\x1b[?25h';
const endingSignals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/**
 * Takes the terminal. However the process ends short of SIGKILL (close, exit, an uncaught error, a signal), the terminal
 * is given back first: cooked, its cursor shown, on the normal screen.
 */
export function openSession({ stdin, stdout, environment, onHangup }: SessionOptions): TerminalSession {
	const out = new TerminalOutput(stdout.fd);
	const damage = new DamageStdout({ out, size: sizeOf(stdout), colors: allowsColors(environment) });
	const input = new TerminalInput(stdin);
	let isClosed = false;
	let isLent = false;
	/** While the terminal is lent nothing else may hold the process. */
	let keepAlive: NodeJS.Timeout | undefined;

	const lend = () => {
		isLent = true;
		keepAlive = setInterval(() => {}, 0x7fffffff);
		damage.hold();
		const leaves = damage.isOnScreen ? leaveAlternateScreen : '';
		out.writeNow(restoringSequence + leaves);
		input.giveBack();
	};
	const takeBack = () => {
		isLent = false;
		clearInterval(keepAlive);
		input.takeOver();
		if (damage.isOnScreen) out.writeNow(enterAlternateScreen);
		damage.repaint();
		damage.release();
	};
	const close = () => {
		if (isClosed) return;
		isClosed = true;
		clearInterval(keepAlive);
		// A leave that is still under way would be lost with the process; leaving twice does no harm.
		const leaves = !isLent && (damage.isOnScreen || out.isBusy);
		damage.close();
		out.writeNow(restoringSequence + (leaves ? leaveAlternateScreen : ''));
		input.destroy();
		stdout.off('resize', resize);
		for (const signal of endingSignals) process.off(signal, end);
		process.off('SIGTSTP', stop);
		process.off('SIGCONT', resume);
		process.off('exit', close);
		process.off('uncaughtExceptionMonitor', close);
	};
	const hangUp = () => {
		if (isClosed) return;
		close();
		onHangup?.();
	};
	const end = (signal: NodeJS.Signals) => {
		// Ctrl-C belongs to the program that has the terminal.
		if (isLent && signal === 'SIGINT') return;
		close();
		process.kill(process.pid, signal);
	};
	const stop = () => {
		if (!isLent) lend();
		process.kill(process.pid, 'SIGSTOP');
	};
	const resume = () => {
		if (isLent && suspensions === 0) takeBack();
		else if (!isLent) {
			// Stopped without a warning: the shell has used the terminal since.
			lend();
			takeBack();
		}
	};
	const resize = () => damage.resize(sizeOf(stdout));
	let suspensions = 0;

	out.on('error', hangUp);
	input.on('end', hangUp);
	stdout.on('resize', resize);
	for (const signal of endingSignals) process.on(signal, end);
	process.on('SIGTSTP', stop);
	process.on('SIGCONT', resume);
	process.on('exit', close);
	process.on('uncaughtExceptionMonitor', close);

	return {
		stdin: input as unknown as NodeJS.ReadStream,
		stdout: damage as unknown as NodeJS.WriteStream,
		input,
		repaint: () => damage.repaint(),
		suspend: async (run) => {
			await new Promise<void>((sent) => damage.write('', sent));
			suspensions++;
			lend();
			try {
				return await run();
			} finally {
				suspensions--;
				if (!isClosed) takeBack();
			}
		},
		close,
	};
}

/** A terminal that does not know its size (a serial line) gets the traditional one. */
function sizeOf(stdout: WriteStream): TerminalSize {
	return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}
