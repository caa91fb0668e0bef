/** What a registry may cost: time, tries, bytes that are no layer. Tests make them small. */
export interface RegistryLimits {
	/** Tries for one request that fails by the network or by the registry itself. */
	readonly attempts: number;
	/** Before the second try; doubles with each. */
	readonly backoffMs: number;
	/** Longer than this nobody waits for a `Retry-After`. */
	readonly longestWaitMs: number;
	/** No byte for that long: the connection counts as dead. */
	readonly idleMs: number;
	/** A body must bring `slowestBytes` in each span of `slowSpanMs`. */
	readonly slowSpanMs: number;
	readonly slowestBytes: number;
	/** For a document, whole. */
	readonly documentMs: number;
	readonly redirects: number;
}

/** What the program uses. */
export const defaultLimits: RegistryLimits = {
	attempts: 5,
	backoffMs: 300,
	longestWaitMs: 60_000,
	idleMs: 30_000,
	slowSpanMs: 60_000,
	slowestBytes: 16 * 1024,
	documentMs: 60_000,
	redirects: 5,
};

/** Error documents and tokens are small. */
export const answerLimitBytes = 64 * 1024;
