/** What the process says when it ends. `run` and `exec` add the container's own codes and Docker's 125–127. */
export const exitCodes = {
	done: 0,
	failed: 1,
	/** What was typed makes no sense. */
	usage: 2,
	/** Some of it was done, some was not. */
	partlyDone: 3,
	/** `run` and `exec`: it was not the container that failed. */
	notTheContainer: 125,
	/** As a shell says it of a program that SIGINT ended. */
	interrupted: 130,
} as const;
