import { randomInt } from 'node:crypto';
import { EngineError } from '../../errors.ts';

const qualities =
	'able amber brave bright brisk buoyant calm clear deft eager early fair fleet gentle golden hardy jolly keen kind ' +
	'lively lucky merry mild nimble patient plucky proud quick quiet ready sandy silver sleek snug steady stout sunny ' +
	'swift tidal tidy trim true warm wise';
const things =
	'albatross anchor anvil ballast beacon binnacle bosun breeze buoy cabin capstan catamaran clipper compass coral ' +
	'cutter dinghy dolphin dory ferry fjord frigate galley gannet gull halyard harbor heron horizon hull jetty keel ' +
	'ketch lagoon lantern lighthouse mast narwhal oar otter pelican pier porpoise puffin quay reef rudder sailor ' +
	'schooner seal sextant skiff sloop spar spinnaker tern tiller trawler tugboat whale yawl';

const qualityList = qualities.split(' ');
const thingList = things.split(' ');

/** A pleasant name for a container that nobody named, e.g. `brave_anchor`; `attempt` > 0 makes a clash less likely. */
export function inventName(attempt: number, pick: (bound: number) => number = randomInt): string {
	const name = `${qualityList[pick(qualityList.length)]}_${thingList[pick(thingList.length)]}`;
	return attempt === 0 ? name : `${name}${pick(10 ** Math.min(attempt, 9))}`;
}

/** @throws EngineError invalid-argument for a name that Docker would not take either */
export function checkName(name: string, what: 'container' | 'volume'): void {
	if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/.test(name)) return;
	throw new EngineError('invalid-argument', {
		argument: `the ${what} name "${name}"`,
		why: 'it needs 2 to 128 letters, digits, "_", "." or "-", and must begin with a letter or digit',
	});
}
