import { cleanText, formatList } from './format.ts';
import { type AppState, currentList } from './state.ts';
import type { ContainerRow } from './views/container-list.ts';
import { chosenContainers, chosenImages, hasSelection } from './views/lists.ts';

/** Every function here answers why a command cannot be done now, as a sentence; undefined when it can. */
export function nothingSelected(state: AppState): string | undefined {
	return hasSelection(state) ? undefined : 'There is nothing here to do that with.';
}

/** See nothingSelected. */
export function cannotStart(state: AppState): string | undefined {
	const [missing] = state.identity.missing;
	if (missing !== undefined) {
		const packages = missing.packages.length === 0 ? '' : ` Install ${missing.packages.join(' or ')}.`;
		return `No container can start here: ${missing.component} is missing.${packages}`;
	}
	return allAre(state, (row) => !isRunning(row), 'runs already');
}

/** See nothingSelected. */
export function cannotStop(state: AppState): string | undefined {
	return allAre(state, isRunning, 'does not run');
}

/** See nothingSelected. */
export function cannotRestart(state: AppState): string | undefined {
	return allAre(state, isRunning, 'does not run: start it with S');
}

/** See nothingSelected. Several must all run or all be paused, so that one word says what the key does. */
export function cannotPause(state: AppState): string | undefined {
	const first = chosenContainers(state)[0]?.container.status;
	if (first === 'paused') return allAre(state, ({ container }) => container.status === 'paused', 'is not paused');
	return allAre(state, ({ container }) => container.status === 'running', 'does not run');
}

/** See nothingSelected. */
export function cannotRemoveContainer(state: AppState): string | undefined {
	return allAre(state, (row) => !isRunning(row), 'runs: stop it first with s');
}

/** See nothingSelected. */
export function cannotRemoveImage(state: AppState): string | undefined {
	const rows = chosenImages(state);
	if (rows.length === 0) return nothingSelected(state);
	const hidden = rows.find(({ image }) => image.hidden);
	if (hidden !== undefined) return 'A hidden image goes by itself when its last container is removed.';
	for (const { image, repository, tag } of rows) {
		const holders = state.world?.containers.filter(
			({ imageId, status }) => imageId === image.id && status !== 'created' && status !== 'exited' && status !== 'dead',
		);
		// Taking one of several names away harms no container.
		if (holders === undefined || holders.length === 0 || image.references.length > 1) continue;
		return `${repository}:${tag} is in use by ${formatList(holders.map(({ name }) => cleanText(name)))}: stop it first.`;
	}
	return undefined;
}

/** See nothingSelected. */
export function nothingToCollect(state: AppState): string | undefined {
	if (state.collect.full === undefined) return 'The store is still being looked at.';
	return state.collect.full.removals.length === 0 ? 'This policy finds nothing to remove.' : undefined;
}

/** See nothingSelected. */
export function cannotCollect(state: AppState): string | undefined {
	if (state.collect.sweep?.status === 'running') return 'A collection is under way already.';
	const none = nothingToCollect(state);
	if (none !== undefined) return none;
	return state.collect.plan?.removals.length === 0 ? 'Nothing is marked: Space marks, a marks everything.' : undefined;
}

function isRunning({ container }: ContainerRow): boolean {
	return container.status === 'running' || container.status === 'paused' || container.status === 'restarting';
}

function allAre(state: AppState, fits: (row: ContainerRow) => boolean, complaint: string): string | undefined {
	const rows = chosenContainers(state);
	if (rows.length === 0 || currentList(state) !== 'containers') return nothingSelected(state);
	const working = rows.find(({ container }) => state.work.has(container.id));
	if (working !== undefined) return `${working.name} is busy: ${state.work.get(working.container.id)}.`;
	const misfits = rows.filter((row) => !fits(row)).map(({ name }) => name);
	return misfits.length === 0 ? undefined : `${formatList(misfits)} ${complaint}.`;
}
