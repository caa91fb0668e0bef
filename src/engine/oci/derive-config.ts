import type { DiffId, Instant, Platform, RunConfig } from '../model.ts';
import { asObject, parseJson } from './json.ts';
import { configFromRun } from './run-config.ts';

/** A new image that is an older one, or nothing, with one step more. */
export interface DerivedImage {
	/** The config document it grows out of; undefined for an image out of nothing. */
	readonly base: Uint8Array | undefined;
	/** Used only without a base. */
	readonly platform: Platform;
	readonly run: RunConfig;
	/** The layer on top; undefined where the step changed only the config. */
	readonly diffId: DiffId | undefined;
	readonly createdAt: Instant;
	/** What made the layer: a command line; may be empty. */
	readonly createdBy: string;
	readonly author: string;
	readonly comment: string;
}

/** What Docker's older builders left in a config about the container it came from; it would lie about the new image. */
const staleFields = ['container', 'container_config', 'docker_version', 'id', 'parent', 'parent_id', 'Size'];

/**
 * The new image's config document, as bytes. Fields of the base that nobody here knows are kept as they are.
 * Spec: image-spec config.md#properties (v1.1.1)
 */
export function deriveConfig(image: DerivedImage): Uint8Array {
	const source = { what: 'the config', where: 'of the image' };
	const base = image.base === undefined ? {} : asObject(parseJson(image.base, source), source);
	const kept = Object.fromEntries(Object.entries(base).filter(([name]) => !staleFields.includes(name)));
	const rootfs = base.rootfs as { readonly diff_ids?: readonly string[] } | undefined;
	const created = new Date(image.createdAt).toISOString();
	const step = {
		created,
		...(image.createdBy === '' ? {} : { created_by: image.createdBy }),
		...(image.author === '' ? {} : { author: image.author }),
		...(image.comment === '' ? {} : { comment: image.comment }),
		...(image.diffId === undefined ? { empty_layer: true } : {}),
	};
	const document = {
		...platformFields(image.platform),
		...kept,
		created,
		...(image.author === '' ? {} : { author: image.author }),
		...(image.comment === '' ? {} : { comment: image.comment }),
		config: configFromRun(image.run, isObject(base.config) ? base.config : {}),
		rootfs: {
			type: 'layers',
			diff_ids: [...(rootfs?.diff_ids ?? []), ...(image.diffId === undefined ? [] : [image.diffId])],
		},
		history: [...(Array.isArray(base.history) ? base.history : []), step],
	};
	return new TextEncoder().encode(JSON.stringify(document));
}

function platformFields(platform: Platform): Readonly<Record<string, string>> {
	return {
		architecture: platform.architecture,
		...(platform.variant === undefined ? {} : { variant: platform.variant }),
		os: platform.os,
	};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
