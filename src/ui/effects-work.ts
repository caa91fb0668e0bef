import { type EngineError, isEngineError } from '../engine/errors.ts';
import type { Plan } from '../gc/model.ts';
import { sweepPlan } from '../gc/sweep.ts';
import type { Confirmation, ContainerTarget, ImageTarget } from './confirmation.ts';
import type { EffectContext } from './effect-context.ts';
import { isAbort, noticeOf } from './failure-notice.ts';
import { cleanText, formatBytes, formatNumberOf } from './format.ts';
import type { AppState, ListId } from './state.ts';
import { chosenContainers } from './views/lists.ts';

/** How long a container may take to end by itself, as Docker grants it. */
const graceMs = 10_000;

/** The effects that change what the engine stores. Each rejects only with what should not have happened. */
export interface Work {
	startContainers(state: AppState): Promise<void>;
	/** Pauses what runs, or lets go on what is paused. */
	pauseContainers(state: AppState): Promise<void>;
	/** What was asked and answered with yes. */
	execute(confirmation: Confirmation): Promise<void>;
	/** Ends a sweep after the batch that it is at. */
	stopSweep(): void;
	/** Resolves when no removal is under way. */
	settle(): Promise<void>;
}

/** Makes the effects that change things. */
export function createWork({ engine, store, reload, ending }: EffectContext): Work {
	const removals = new Set<Promise<void>>();
	let sweeping: AbortController | undefined;

	const tracked = (work: Promise<void>): Promise<void> => {
		removals.add(work);
		return work.finally(() => removals.delete(work));
	};

	const working = async <Result>(key: string, word: string, act: () => Promise<Result>): Promise<Result> => {
		store.dispatch({ type: 'work-started', key, word });
		try {
			return await act();
		} finally {
			store.dispatch({ type: 'work-ended', key });
		}
	};

	/** One notice for the whole: what was done, or the first of the reasons why not everything was. */
	const report = <Result>(
		list: ListId,
		results: readonly PromiseSettledResult<Result>[],
		success: (values: readonly Result[]) => string,
	) => {
		reload();
		const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
		const unexpected = reasons.find((reason) => !isEngineError(reason) && !isAbort(reason));
		if (unexpected !== undefined) throw unexpected;
		const [first] = reasons.filter((reason): reason is EngineError => isEngineError(reason));
		if (first !== undefined) {
			const others = reasons.length === 1 ? '' : ` (and ${reasons.length - 1} more)`;
			const notice = noticeOf(first);
			store.dispatch({ type: 'notice-shown', notice: { ...notice, text: notice.text + others } });
			return;
		}
		const values = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
		store.dispatch({ type: 'marks-cleared', list });
		store.dispatch({ type: 'notice-shown', notice: { tone: 'good', text: success(values), hint: undefined } });
	};

	const forEachContainer = async (
		targets: readonly ContainerTarget[],
		[doing, done]: readonly [doing: string, done: string],
		act: (id: string) => Promise<void>,
	) => {
		const results = await Promise.allSettled(targets.map(({ id }) => working(id, doing, () => act(id))));
		report('containers', results, () => `${done} ${counted(targets, targets[0]?.name, 'container')}.`);
	};

	const removeContainers = async (targets: readonly ContainerTarget[]) => {
		const results = await inTurn(targets, ({ id }) =>
			working(id, 'removing', () => engine.containers.remove(id, { force: false, volumes: false })),
		);
		report('containers', results, (removed) => {
			return `Removed ${counted(targets, targets[0]?.name, 'container')}: ${formatBytes(sumFreed(removed))} freed.`;
		});
	};

	const removeImages = async (targets: readonly ImageTarget[]) => {
		const results = await inTurn(targets, ({ imageId, name, hiddenFor }) =>
			working(imageId, 'removing', () => engine.images.remove(name, { force: hiddenFor.length > 0 })),
		);
		report('images', results, (removed) => {
			return `Removed ${counted(targets, targets[0]?.label, 'image name')}: ${formatBytes(sumFreed(removed))} freed.`;
		});
	};

	const sweep = async (plan: Plan) => {
		const stopper = new AbortController();
		sweeping = stopper;
		store.dispatch({ type: 'sweep-started', plan });
		try {
			for await (const event of sweepPlan(engine.store, plan, AbortSignal.any([stopper.signal, ending]))) {
				if (event.type === 'finished' && stopper.signal.aborted) store.dispatch({ type: 'sweep-aborted' });
				store.dispatch({ type: 'swept', event });
			}
		} catch (error) {
			store.dispatch({ type: 'sweep-aborted' });
			throw error;
		} finally {
			sweeping = undefined;
			reload();
		}
		const left = store.getState().collect.sweep?.left ?? [];
		if (left.length === 0) return;
		const title = `Left behind: ${formatNumberOf(left.length, 'thing')}`;
		const lines = left.map(({ key, why }) => cleanText(`${key.kind} ${key.id}: ${why}`));
		store.dispatch({ type: 'inspect-opened', view: { title, lines } });
	};

	return {
		startContainers: (state) => {
			const targets = chosenContainers(state).map(({ container, name }) => ({ id: container.id, name }));
			return forEachContainer(targets, ['starting', 'Started'], (id) => engine.containers.start(id));
		},
		pauseContainers: (state) => {
			const chosen = chosenContainers(state);
			const targets = chosen.map(({ container, name }) => ({ id: container.id, name }));
			return chosen[0]?.container.status === 'paused'
				? forEachContainer(targets, ['unpausing', 'Unpaused'], (id) => engine.containers.unpause(id))
				: forEachContainer(targets, ['pausing', 'Paused'], (id) => engine.containers.pause(id));
		},
		execute: (confirmation) => {
			switch (confirmation.type) {
				case 'stop':
					return forEachContainer(confirmation.targets, ['stopping', 'Stopped'], (id) =>
						engine.containers.stop(id, { graceMs }),
					);
				case 'restart':
					return forEachContainer(confirmation.targets, ['restarting', 'Restarted'], (id) =>
						engine.containers.restart(id, { graceMs }),
					);
				case 'remove-containers':
					return tracked(removeContainers(confirmation.targets));
				case 'remove-images':
					return tracked(removeImages(confirmation.targets));
				case 'sweep':
					return tracked(sweep(confirmation.plan));
			}
		},
		stopSweep: () => sweeping?.abort(),
		settle: async () => {
			await Promise.allSettled(removals);
		},
	};
}

/** One after the other: a later removal may depend on an earlier one. */
async function inTurn<Item, Result>(
	items: readonly Item[],
	act: (item: Item) => Promise<Result>,
): Promise<readonly PromiseSettledResult<Result>[]> {
	const results: PromiseSettledResult<Result>[] = [];
	for (const item of items) results.push(...(await Promise.allSettled([act(item)])));
	return results;
}

function sumFreed(removed: readonly { readonly freedBytes: number }[]): number {
	return removed.reduce((sum, { freedBytes }) => sum + freedBytes, 0);
}

function counted(targets: readonly unknown[], name: string | undefined, noun: string): string {
	return targets.length === 1 && name !== undefined ? name : formatNumberOf(targets.length, noun);
}
