import { parseDigest } from '../digest.ts';
import type { DiffId, Instant, Platform, RunConfig } from '../model.ts';
import { layerLimit } from './documents.ts';
import { asList, asObject, asText, corrupt, type DocumentSource, type JsonObject, parseJson } from './json.ts';
import { printable } from './printable.ts';
import { runFromConfig } from './run-config.ts';

/** Larger than any config in the field: they hold labels and a history. */
export const configLimitBytes = 8 * 1024 * 1024;
const mostHistory = 10_000;

/** An image's config, read. Spec: image-spec config.md (v1.1.1) */
export interface ImageConfig {
	readonly platform: Platform;
	/** undefined where it is absent, the epoch or before: builds that want to be reproducible say so. */
	readonly createdAt: Instant | undefined;
	readonly author: string | undefined;
	readonly run: RunConfig;
	/** Base first. */
	readonly diffIds: readonly DiffId[];
	readonly history: readonly ConfigHistory[];
}

/** One step of an image's history as its config tells it, oldest first. */
export interface ConfigHistory {
	readonly createdAt: Instant | undefined;
	readonly createdBy: string;
	readonly comment: string;
	readonly emptyLayer: boolean;
}

/** @throws EngineError corrupt, limit-exceeded */
export function parseConfig(bytes: Uint8Array, where: string): ImageConfig {
	const source = { what: 'the config', where };
	const document = asObject(parseJson(bytes, source), source);
	const variant = asText(document.variant, source, 'variant');
	return {
		platform: {
			os: asText(document.os, source, 'os') || 'linux',
			architecture: asText(document.architecture, source, 'architecture') ?? '',
			...(variant ? { variant } : {}),
		},
		createdAt: instantFrom(document.created),
		author: asText(document.author, source, 'author') || undefined,
		run: runFromConfig(document.config, source),
		diffIds: parseDiffIds(document.rootfs, source),
		history: asList(document.history, source, { name: 'history', most: mostHistory }).map((item) => {
			const step = asObject(item, { ...source, what: `"history" in ${source.what}` });
			return {
				createdAt: instantFrom(step.created),
				createdBy: asText(step.created_by, source, 'history.created_by') ?? '',
				comment: asText(step.comment, source, 'history.comment') ?? '',
				emptyLayer: step.empty_layer === true,
			};
		}),
	};
}

/** The step that made each layer, base first; empty text where the history does not say. */
export function layerSteps(config: ImageConfig): readonly string[] {
	const steps = config.history.filter(({ emptyLayer }) => !emptyLayer).map(({ createdBy }) => createdBy);
	return config.diffIds.map((_, index) => steps[index] ?? '');
}

function parseDiffIds(value: unknown, source: DocumentSource): readonly DiffId[] {
	const rootfs: JsonObject = asObject(value, { ...source, what: `"rootfs" in ${source.what}` });
	if (rootfs.type !== 'layers') throw corrupt(source, `its root filesystem is of the type "${printable(rootfs.type)}"`);
	return asList(rootfs.diff_ids, source, { name: 'rootfs.diff_ids', most: layerLimit }).map((diffId) =>
		parseDigest<DiffId>(diffId, `${source.what} ${printable(source.where)}`),
	);
}

function instantFrom(value: unknown): Instant | undefined {
	const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
	return at > 0 ? at : undefined;
}
