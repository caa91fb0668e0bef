const signalNames: Readonly<Record<number, string>> = {
	1: 'SIGHUP',
	2: 'SIGINT',
	3: 'SIGQUIT',
	4: 'SIGILL',
	6: 'SIGABRT',
	8: 'SIGFPE',
	9: 'SIGKILL',
	11: 'SIGSEGV',
	13: 'SIGPIPE',
	14: 'SIGALRM',
	15: 'SIGTERM',
};

/** What an exit code says, for someone who does not know the numbers by heart. */
export function exitWords(exitCode: number | undefined, outOfMemory: boolean): string {
	if (outOfMemory) return 'killed by the kernel: it needed more memory than its limit';
	if (exitCode === undefined) return 'ended in an unknown way';
	if (exitCode === 0) return 'ended well';
	if (exitCode === 125) return 'could not be set up (exit code 125)';
	if (exitCode === 126) return 'its command could not be executed (exit code 126)';
	if (exitCode === 127) return 'its command was not found (exit code 127)';
	if (exitCode > 128 && exitCode < 193) {
		const signal = exitCode - 128;
		const name = signalNames[signal] ?? `signal ${signal}`;
		const word = signal === 9 ? 'killed' : signal === 15 || signal === 2 ? 'told to stop' : 'ended';
		return `${word} by ${name} (exit code ${exitCode})`;
	}
	return `failed with exit code ${exitCode}`;
}
