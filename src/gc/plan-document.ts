import { digestOf } from '../engine/digest.ts';
import { EngineError } from '../engine/errors.ts';
import type { Plan } from './model.ts';
import { canonicalPlanText } from './plan-text.ts';

/** A plan as the document that `docs/plan.schema.json` describes: its id, then its canonical JSON. One line. */
export function planDocument(plan: Plan): string {
	return `{"id":${JSON.stringify(plan.id)},${canonicalPlanText(plan).slice(1)}`;
}

/**
 * The plan of a document, which must be exactly what was written: its id is the digest of all the rest.
 * @throws EngineError corrupt
 */
export function parsePlanDocument(text: string, where: string): Plan {
	const plan = readPlan(text, where);
	if (digestOf(canonicalText(plan, where)) !== plan.id) {
		throw corrupt(where, 'its id is not the digest of its text, so it was changed after it was made');
	}
	return plan;
}

function readPlan(text: string, where: string): Plan {
	try {
		const plan: unknown = JSON.parse(text);
		if (typeof plan === 'object' && plan !== null && 'id' in plan) return plan as Plan;
	} catch {
		throw corrupt(where, 'it is not JSON');
	}
	throw corrupt(where, 'it has no id');
}

function canonicalText({ id: _, ...document }: Plan, where: string): string {
	try {
		return canonicalPlanText(document);
	} catch (error) {
		if (error instanceof TypeError) throw corrupt(where, 'it lacks parts of a plan');
		throw error;
	}
}

function corrupt(where: string, why: string): EngineError<'corrupt'> {
	return new EngineError('corrupt', { what: 'the plan', where, why });
}
