import { useStdout } from 'ink';
import { useSyncExternalStore } from 'react';

/** Columns and rows of the terminal; the component is drawn again when they change. */
export function useTerminalSize(): { readonly columns: number; readonly rows: number } {
	// Ink types its stdout as any writable stream; the one it is given here knows its size.
	const stdout = useStdout().stdout as NodeJS.WriteStream;
	const key = useSyncExternalStore(
		(changed) => {
			stdout.on('resize', changed);
			return () => stdout.off('resize', changed);
		},
		() => `${stdout.columns || 80}x${stdout.rows || 24}`,
	);
	const [columns = 80, rows = 24] = key.split('x').map(Number);
	return { columns, rows };
}
