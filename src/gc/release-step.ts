import { nameOf } from './explain.ts';
import type { Holder } from './why.ts';

/** What a person would do to end one hold, as half a sentence; with the command where there is one. */
export function describeRelease({ resource, reason }: Holder, now: number): string {
	const { key, label } = resource;
	switch (reason.type) {
		case 'young':
			return `wait ${describeWait(reason.untilAt - now)}: it was stored or used too recently for this policy`;
		case 'spared':
			return `choose a policy that does not spare it: ${reason.rule}`;
		case 'root':
			break;
		case 'needed':
		case 'kept-with':
			return `let ${nameOf(resource, now)} go`;
	}
	switch (reason.root) {
		case 'running':
			return `stop and remove it: tonnage rm -f ${label}`;
		case 'container':
			return `remove it: tonnage rm ${label}`;
		case 'tag':
			return `take the name away: tonnage rmi ${label}`;
		case 'lease':
			return `wait for that work to end (${resource.detail})`;
		case 'untagged':
			return `remove it: tonnage rmi ${key.id.replace(/^sha256:/, '').slice(0, 12)}`;
		case 'pinned':
			return `unpin it: tonnage image unpin ${label}`;
		case 'named-volume':
		case 'anonymous-volume':
			return 'choose a policy that takes such volumes';
	}
}

function describeWait(ms: number): string {
	const minutes = Math.max(1, Math.ceil(ms / 60_000));
	if (minutes < 60) return `${minutes} min`;
	const hours = Math.ceil(minutes / 60);
	return hours < 48 ? `${hours} h` : `${Math.ceil(hours / 24)} d`;
}
