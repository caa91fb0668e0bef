import Line from 'blessed-contrib/lib/widget/charts/line.js';

/** Colours that a line may have: the terminal's own. */
export type ChartColor = 'cyan' | 'yellow' | 'green' | 'magenta' | 'red' | 'blue';

/** One line of a chart. A value that was not measured (`undefined`) leaves a gap. */
export interface ChartSeries {
	readonly title: string;
	readonly values: readonly (number | undefined)[];
	readonly color: ChartColor;
}

/** What is drawn: `labels` under the horizontal axis, one for each value, oldest first. */
export interface ChartData {
	readonly series: readonly ChartSeries[];
	readonly labels: readonly string[];
	/** Cells. */
	readonly width: number;
	readonly height: number;
	/** Top of the vertical axis; a round figure above the greatest value unless given. */
	readonly maxY?: number;
}

/** The smallest of 1, 2, 5 × 10ⁿ that is not below any value; 1 when there is none above 0. */
export function roundMaximum(values: readonly (number | undefined)[]): number {
	const max = Math.max(0, ...values.map((value) => (Number.isFinite(value) ? Number(value) : 0)));
	if (max === 0) return 1;
	const power = 10 ** Math.floor(Math.log10(max));
	return ([1, 2, 5, 10].find((factor) => factor * power >= max) ?? 10) * power;
}

/**
 * Draws a line chart off-screen and returns its lines: braille with SGR colours, each `width` cells. About 0.2 ms.
 * Import this module lazily: it brings blessed-contrib's widget with it.
 */
export function drawLineChart({ series, labels, width, height, maxY }: ChartData): string[] {
	const columns = Math.max(12, width);
	const rows = Math.max(4, height);
	const line = new Line({
		// The widget leaves 6 columns and 2 rows for the borders it used to have.
		width: columns + 6,
		height: rows + 2,
		minY: 0,
		maxY: maxY ?? roundMaximum(series.flatMap((one) => one.values)),
		numYLabels: Math.max(1, Math.min(5, Math.floor(rows / 2))),
		xLabelPadding: 3,
		xPadding: 5,
		wholeNumbersOnly: false,
		style: { line: 'cyan', text: 'normal', baseline: 'normal' },
	});
	leaveGaps(line.ctx);
	line.setData(
		series.map(({ title, values, color }) => ({
			title,
			// An empty label would overwrite the cell before it.
			x: labels.map((label) => label || ' '),
			y: values.map((value) => value ?? Number.NaN),
			style: { line: color },
		})),
	);
	const text = line.ctx._canvas.frame();
	return text.split('\n').slice(0, rows);
}

/** Makes a canvas lift its pen over points that are not a number, which it would otherwise never stop drawing to. */
function leaveGaps(context: Line['ctx']): void {
	const lineTo = context.lineTo.bind(context);
	let isPenUp = false;
	context.lineTo = (x, y) => {
		if (!Number.isFinite(y)) isPenUp = true;
		else if (isPenUp) {
			isPenUp = false;
			context.moveTo(x, y);
			lineTo(x, y);
		} else lineTo(x, y);
	};
}
