import { printable } from '../../oci/printable.ts';
import type { Answer } from './http-exchange.ts';
import { answerLimitBytes } from './limits.ts';

/** A registry's own words on a failure: its codes, and what it says of the first. */
export interface ToldFailure {
	/** Upper case, as the specification has them: `DENIED`. */
	readonly codes: readonly string[];
	/** Fit for a terminal, without a full stop, without secrets; often empty. */
	readonly detail: string;
}

/**
 * Reads the body of a refusal, as far as it is small and JSON. Never fails. `secrets` are cut out of it: a registry
 * may give back what it was sent.
 * Spec: distribution-spec spec.md#error-codes (v1.1.1)
 */
export async function readToldFailure(answer: Answer, secrets: readonly string[]): Promise<ToldFailure> {
	const nothing: ToldFailure = { codes: [], detail: '' };
	try {
		const chunks: Uint8Array[] = [];
		let bytes = 0;
		for await (const chunk of answer.body) {
			bytes += chunk.length;
			if (bytes > answerLimitBytes) return nothing;
			chunks.push(chunk);
		}
		const document: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
		const errors = itemsOf(document);
		return {
			codes: errors.map(({ code }) => String(code ?? '').toUpperCase()),
			detail: cleaned(textOf(errors[0]?.message) || textOf(errors[0]?.code), secrets),
		};
	} catch {
		return nothing;
	} finally {
		answer.discard();
	}
}

/** Text of a registry without control characters and without what must stay secret. */
export function cleaned(text: string, secrets: readonly string[]): string {
	const withoutSecrets = secrets
		.filter((secret) => secret.length > 0)
		.toSorted((left, right) => right.length - left.length)
		.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
	return printable(withoutSecrets.trim().replace(/[\s.]+$/, ''));
}

/** Registries say `{"errors": […]}`, token servers also `{"details": "…"}` or `{"error": "…"}`. */
function itemsOf(document: unknown): readonly { readonly code?: unknown; readonly message?: unknown }[] {
	if (typeof document !== 'object' || document === null) return [];
	const { errors, details, message, error } = document as Record<string, unknown>;
	if (Array.isArray(errors)) return errors.filter((item) => typeof item === 'object' && item !== null).slice(0, 10);
	return [{ message: details ?? message ?? error }];
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
