import { EngineError } from '../../errors.ts';
import type { ReferenceText } from '../../model.ts';
import { type ImageConfig, parseConfig } from '../../oci/image-config.ts';
import { printable } from '../../oci/printable.ts';
import type { StoredDocument } from './publish-image.ts';

/** An image in an archive: its documents are read and checked, its layers not yet. */
export interface FoundImage {
	readonly config: StoredDocument;
	readonly parsed: ImageConfig;
	readonly manifests: readonly StoredDocument[];
	/** As many as the config has diffIDs, base first. */
	readonly layers: readonly FoundLayer[];
	readonly references: readonly ReferenceText[];
}

/** A layer in an archive. */
export interface FoundLayer {
	/** For people: `layer 2 of app.tar`. */
	readonly where: string;
	/** As stored there, compressed or not. */
	readonly sizeBytes: number;
	/** The stored bytes, checked on the way against what the archive says of them. */
	readonly open: () => AsyncIterable<Uint8Array>;
}

/**
 * Reads a config and holds it against the layers that came with it.
 * @throws EngineError corrupt, limit-exceeded
 */
export function parseFoundConfig(bytes: Uint8Array, where: string, layerCount: number): ImageConfig {
	const config = parseConfig(bytes, where);
	if (config.diffIds.length === layerCount) return config;
	throw new EngineError('corrupt', {
		what: 'the image',
		where: printable(where),
		why: `its config names ${config.diffIds.length} layers, but it comes with ${layerCount}`,
	});
}

/** The error for something that an archive names and does not hold. */
export function missingFrom(archive: { readonly label: string }, what: string): EngineError<'corrupt'> {
	return new EngineError('corrupt', {
		what: 'the archive',
		where: printable(archive.label),
		why: `${what} is missing in it`,
	});
}
