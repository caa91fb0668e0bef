/** Gathers things that come one by one and hands them on together. */
export interface Batch<Item> {
	add(item: Item): void;
	/** Hands on at once what has gathered. */
	flush(): void;
}

/** A batch that is handed on `delayMs` after its first item: a chatty source must not cost a frame for each of its items. */
export function createBatch<Item>(delayMs: number, handOn: (items: readonly Item[]) => void): Batch<Item> {
	let waiting: Item[] = [];
	let timer: NodeJS.Timeout | undefined;
	const flush = () => {
		clearTimeout(timer);
		timer = undefined;
		if (waiting.length === 0) return;
		const items = waiting;
		waiting = [];
		handOn(items);
	};
	return {
		add: (item) => {
			waiting.push(item);
			timer ??= setTimeout(flush, delayMs);
		},
		flush,
	};
}
