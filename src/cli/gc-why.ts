import { EngineError, isEngineError } from '../engine/errors.ts';
import type { Resource, ResourceKey, ResourceKind } from '../engine/model.ts';
import { canonicalReference } from '../engine/reference.ts';
import { describePath, describeReason, nameOf } from '../gc/explain.ts';
import { findThing } from '../gc/find-thing.ts';
import type { Plan } from '../gc/model.ts';
import { describeRelease } from '../gc/release-step.ts';
import { type Explanation, explainThing, type Holder } from '../gc/why.ts';
import { UsageError } from './failure.ts';
import { isJsonWanted } from './gc-plan.ts';
import { exactBytes } from './human-size.ts';
import { bothSizes } from './plan-report.ts';
import { choosePolicy } from './policy-choice.ts';
import { printable } from './printable.ts';
import { renderTable } from './table.ts';
import type { VerbCall } from './verb.ts';

/** What can be asked about by kind. */
const kinds: readonly ResourceKind[] = ['image', 'tag', 'layer', 'blob', 'container', 'volume'];

/** `tonnage gc why`. */
export async function showWhy({ context, operands, options }: VerbCall): Promise<undefined> {
	const { host } = context;
	const [text = ''] = operands;
	const kind = parseKind(options.text('type'));
	const asJson = isJsonWanted(options);
	const now = host.now();
	const policy = await choosePolicy(context, options, now);
	const inventory = await (await context.engine()).store.takeInventory();
	const thing = findThing(inventory, { text, kind, reference: referenceFrom(text) });
	const explanation = explainThing(inventory, { key: thing.key, policy, now });
	if (explanation === undefined) throw new EngineError('not-found', { what: 'thing', id: text });
	host.stdout.write(asJson ? `${JSON.stringify(whyDocument(explanation))}\n` : renderWhy(explanation));
	return undefined;
}

function parseKind(text: string | undefined): ResourceKind | undefined {
	const kind = kinds.find((each) => each === text);
	if (text !== undefined && kind === undefined) {
		throw new UsageError(`There is no type "${text}".`, `Types: ${kinds.join(', ')}.`);
	}
	return kind;
}

function referenceFrom(text: string): string | undefined {
	try {
		return canonicalReference(text);
	} catch (error) {
		if (isEngineError(error, 'invalid-reference')) return undefined;
		throw error;
	}
}

function renderWhy(explanation: Explanation): string {
	const { plan, fate, path, holders, freedBytes } = explanation;
	const { resource } = fate;
	const name = printable(nameOf(resource, plan.takenAt));
	const own = `${exactBytes(resource.diskBytes)} of them its own`;
	const way = path.length > 1 ? `  ${printable(describePath(plan, resource.key))}\n` : '';
	if (fate.type === 'removed') {
		return [
			`${name} goes under "${plan.policy.name}": ${printable(decisiveReason(plan, path))}.\n`,
			way,
			`With it alone ${bothSizes(freedBytes)} would be free, ${own}.\n`,
		].join('');
	}
	const rows = holders.map((holder) => [
		`  ${printable(nameOf(holder.resource, plan.takenAt))}`,
		printable(describeRelease(holder, plan.takenAt)),
	]);
	return [
		`${name} stays under "${plan.policy.name}": ${printable(describeReason(plan, resource.key))}.\n`,
		way,
		holders.length === 1
			? 'For it to be free, this would have to go:\n'
			: 'For it to be free, all of these would have to go:\n',
		renderTable(rows),
		`Then ${bothSizes(freedBytes)} would be free, ${own}.\n`,
	].join('');
}

/** Of the last thing on the path: what it is that takes it, not what it hangs on. */
function decisiveReason(plan: Plan, path: readonly ResourceKey[]): string {
	const last = path.at(-1);
	return last === undefined ? '' : describeReason(plan, last);
}

/** The whole explanation as plain data, for machines. */
function whyDocument({ plan, fate, path, holders, freedBytes }: Explanation): object {
	return {
		thing: describeThing(fate.resource),
		policy: plan.policy.name,
		fate: fate.type,
		reason: fate.reason,
		why: describeReason(plan, fate.resource.key),
		path,
		holders: holders.map((holder) => describeHolder(holder, plan.takenAt)),
		freedBytes,
	};
}

function describeHolder(holder: Holder, now: number): object {
	return { ...describeThing(holder.resource), reason: holder.reason, release: describeRelease(holder, now) };
}

function describeThing({ key, label, diskBytes, sizeBytes }: Resource): object {
	return { kind: key.kind, id: key.id, label, diskBytes, sizeBytes };
}
