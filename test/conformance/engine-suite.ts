import { describe } from 'vitest';
import { describeContainers } from './containers-suite.ts';
import { describeEvents } from './events-suite.ts';
import type { MakeHarness } from './harness.ts';
import { describeImages } from './images-suite.ts';
import { describePins } from './pins-suite.ts';
import { describePlans } from './plans-suite.ts';
import { describeStore } from './store-suite.ts';

/** The port's contract, for every engine alike. */
export function describeEngine(name: string, makeEngine: MakeHarness): void {
	describe(`the ${name} engine`, () => {
		describeImages(makeEngine);
		describeContainers(makeEngine);
		describeStore(makeEngine);
		describePins(makeEngine);
		describePlans(makeEngine);
		describeEvents(makeEngine);
	});
}
