import type { LogLine } from '../../engine/model.ts';
import { takeStart, textWidth } from '../components/fit-text.ts';
import type { LogLine as ShownLine } from '../components/log-view.tsx';
import { cleanText, formatNumberOf } from '../format.ts';
import type { LogsOverlay } from '../state.ts';

// Cells that the component takes before a line: the mark of standard error.
const markWidth = 2;

/** The lines of a log that pass its filter, one for each line of the screen where they are wrapped. */
export function logLines(logs: LogsOverlay, width: number): readonly ShownLine[] {
	const word = logs.filter.toLowerCase();
	const shown: ShownLine[] = [];
	for (const [index, line] of logs.lines.entries()) {
		const text = logText(line);
		if (word !== '' && !text.toLowerCase().includes(word)) continue;
		const key = String(logs.droppedCount + index);
		const time = logs.timestamps ? timeText(line) : undefined;
		if (!logs.wrapping) {
			shown.push({ key, text, stream: line.stream, ...(time === undefined ? {} : { time }) });
			continue;
		}
		const room = Math.max(8, width - markWidth - (time === undefined ? 0 : time.length + 1));
		for (const [part, piece] of pieces(text, room).entries()) {
			const before = time === undefined || part === 0 ? time : ' '.repeat(time.length);
			shown.push({
				key: `${key}.${part}`,
				text: piece,
				stream: line.stream,
				...(before === undefined ? {} : { time: before }),
			});
		}
	}
	return shown;
}

/** What stands in the title of a log view. */
export function logTitle(logs: LogsOverlay): { readonly title: string; readonly detail: string } {
	const detail = [
		formatNumberOf(logs.lines.length, 'line'),
		...(logs.droppedCount > 0 ? [`${formatNumberOf(logs.droppedCount, 'older one')} dropped`] : []),
		...(logs.filter === '' ? [] : [`filter "${logs.filter}"`]),
		...(logs.following ? ['following'] : ['stopped: f follows']),
		...(logs.open ? [] : ['ended']),
	];
	return { title: `Logs of ${logs.name}`, detail: detail.join(' · ') };
}

/** What stands in the empty view. */
export function emptyLogText(logs: LogsOverlay): string {
	if (logs.filter !== '') return `No line contains "${logs.filter}".`;
	return logs.open ? 'It has written nothing yet.' : 'It wrote nothing.';
}

function logText(line: LogLine): string {
	// A program that redraws its line (progress bars) means what stands after the last return.
	const text = line.text.replace(/\r+$/, '');
	return cleanText(text.slice(text.lastIndexOf('\r') + 1));
}

function timeText(line: LogLine): string {
	return `${line.timestamp.slice(0, 19).replace('T', ' ')}`;
}

function pieces(text: string, width: number): readonly string[] {
	const broken: string[] = [];
	let rest = text;
	while (textWidth(rest) > width) {
		const head = takeStart(rest, width);
		if (head === '') break;
		broken.push(head);
		rest = rest.slice(head.length);
	}
	return [...broken, rest];
}
