declare module 'blessed-contrib/lib/widget/charts/line.js' {
	/** blessed-contrib's line chart, as far as it is used here. */
	export default class Line {
		constructor(options: {
			width: number;
			height: number;
			minY: number;
			maxY: number;
			numYLabels: number;
			xLabelPadding: number;
			xPadding: number;
			wholeNumbersOnly: boolean;
			style: { line: string; text: string; baseline: string };
		});
		setData(series: { title: string; x: string[]; y: number[]; style: { line: string } }[]): void;
		readonly ctx: {
			moveTo(x: number, y: number): void;
			lineTo(x: number, y: number): void;
			readonly _canvas: { frame(): string };
		};
	}
}
