import { wrapWords } from '../components/fit-text.ts';
import type { AppState } from '../state.ts';
import { fillingCommands } from './image-list.ts';
import { blankLine, type Line, span } from './lines.ts';

/** What an empty store says instead of an overview full of zeros; undefined where there is something to show. */
export function welcomeLines(state: AppState, width: number): readonly Line[] | undefined {
	const { world, identity } = state;
	if (world === undefined) return undefined;
	if (world.images.length > 0 || world.containers.length > 0 || world.volumes.length > 0) return undefined;
	const paragraph = (text: string): readonly Line[] => wrapWords(text, width - 4).map((line) => ['  ', line]);
	const missing = identity.missing.flatMap(({ component, neededFor, packages }): readonly Line[] => [
		...paragraph(`${component} is missing; it is needed ${neededFor}.`),
		...(packages.length === 0 ? [] : [['  ', span(`apt-get install ${packages.join(' or ')}`, 'accent')]]),
	]);
	return [
		blankLine,
		['  ', span('This store is empty.', 'strong')],
		blankLine,
		...paragraph('Bring an image in from another terminal; it appears here by itself:'),
		blankLine,
		...fillingCommands.map((command): Line => ['    ', span(command, 'accent')]),
		blankLine,
		...paragraph('Then start something from it:'),
		blankLine,
		['    ', span('tonnage run -d --name web IMAGE', 'accent')],
		...(missing.length === 0 ? [] : [blankLine, ...missing]),
	];
}
