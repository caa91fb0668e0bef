import type { IBufferCell } from '@xterm/headless';
import xterm from '@xterm/headless';

/** A terminal emulator that answers what its screen shows. */
export interface ScreenReader {
	write(data: string | Uint8Array): void;
	/** Resolves when everything written so far has been interpreted. */
	settle(): Promise<void>;
	resize(size: { readonly columns: number; readonly rows: number }): void;
	/** The visible lines without trailing blanks. */
	lines(): string[];
	/** The visible lines with `[style,style:text]` around each run that has a style; `[`, `]` and `\` in text are escaped. */
	styledLines(): string[];
	/** Every visible cell as text and style, for comparing two screens; a style without effect on a blank is left out. */
	cells(): string[][];
	cursor(): { readonly column: number; readonly row: number };
	isAlternateScreen(): boolean;
	dispose(): void;
}

/** Makes an emulator of the given size. Line feeds imply carriage returns, as a tty with ONLCR does, unless `raw`. */
export function createScreenReader(size: {
	readonly columns: number;
	readonly rows: number;
	readonly raw?: boolean;
}): ScreenReader {
	const terminal = new xterm.Terminal({
		cols: size.columns,
		rows: size.rows,
		allowProposedApi: true,
		convertEol: !size.raw,
		scrollback: 0,
	});
	const rows = <T>(read: (row: number) => T): T[] => Array.from({ length: terminal.rows }, (_, row) => read(row));
	const line = (row: number) => terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row);
	return {
		write: (data) => terminal.write(data),
		settle: () => new Promise((resolve) => terminal.write('', resolve)),
		resize: ({ columns, rows: rowCount }) => terminal.resize(columns, rowCount),
		lines: () => rows((row) => line(row)?.translateToString(true) ?? ''),
		styledLines: () =>
			rows((row) => {
				const runs: { style: string; text: string }[] = [];
				for (const cell of cellsOf(line(row), terminal.cols)) {
					const style = styleOf(cell);
					const text = (cell.getChars() || ' ').replace(/[[\]\\]/g, '\\$&');
					const last = runs.at(-1);
					if (last !== undefined && last.style === style) last.text += text;
					else runs.push({ style, text });
				}
				while (runs.length > 0 && runs.at(-1)?.style === '' && runs.at(-1)?.text.trim() === '') runs.pop();
				return runs
					.map(({ style, text }, index) =>
						style !== '' ? `[${style}:${text}]` : index === runs.length - 1 ? text.trimEnd() : text,
					)
					.join('');
			}),
		cells: () =>
			rows((row) =>
				cellsOf(line(row), terminal.cols).map((cell) => {
					const text = cell.getChars() || ' ';
					const style = styleOf(cell);
					return `${text}\t${text === ' ' ? withoutInk(style) : style}`;
				}),
			),
		cursor: () => ({ column: terminal.buffer.active.cursorX, row: terminal.buffer.active.cursorY }),
		isAlternateScreen: () => terminal.buffer.active.type === 'alternate',
		dispose: () => terminal.dispose(),
	};
}

function cellsOf(
	line: { getCell(column: number): IBufferCell | undefined } | undefined,
	columns: number,
): IBufferCell[] {
	const cells: IBufferCell[] = [];
	for (let column = 0; column < columns; column++) {
		const cell = line?.getCell(column);
		// The right half of a wide character is no cell of its own.
		if (cell !== undefined && cell.getWidth() > 0) cells.push(cell);
	}
	return cells;
}

const colorNames = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

function styleOf(cell: IBufferCell): string {
	const styles: string[] = [];
	if (!cell.isFgDefault()) styles.push(colorOf(cell.getFgColor(), cell.isFgRGB()));
	if (!cell.isBgDefault()) styles.push(`on-${colorOf(cell.getBgColor(), cell.isBgRGB())}`);
	if (cell.isBold()) styles.push('bold');
	if (cell.isDim()) styles.push('dim');
	if (cell.isItalic()) styles.push('italic');
	if (cell.isUnderline()) styles.push('underline');
	if (cell.isInverse()) styles.push('inverse');
	if (cell.isStrikethrough()) styles.push('strikethrough');
	return styles.join(',');
}

function colorOf(color: number, isRgb: boolean): string {
	if (isRgb) return `#${color.toString(16).padStart(6, '0')}`;
	if (color < 8) return colorNames[color] ?? '';
	if (color < 16) return `bright-${colorNames[color - 8] ?? ''}`;
	return `color${color}`;
}

function withoutInk(style: string): string {
	// A blank shows its background, and lines through it; its foreground only when inverted or underlined.
	const styles = style.split(',').filter((word) => word !== 'bold' && word !== 'dim' && word !== 'italic');
	const isVisible = styles.some((word) => word === 'inverse' || word === 'underline' || word === 'strikethrough');
	return (isVisible ? styles : styles.filter((word) => word.startsWith('on-'))).join(',');
}
