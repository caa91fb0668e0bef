import { printable } from './printable.ts';
import { accessFrom, accessOptions, registryOf } from './registry-access.ts';
import type { VerbCall, VerbGroup } from './verb.ts';

/** `tonnage manifest …`. */
export const manifestVerbs: VerbGroup = {
	noun: 'manifest',
	summary: 'Look at images in registries',
	verbs: [
		{
			name: 'inspect',
			summary: 'Show what a name leads to in its registry, as JSON',
			details: 'Nothing is taken in. -v adds digest, media type and size.',
			operands: [{ name: 'NAME[:TAG|@DIGEST]', description: 'Which image or index' }],
			options: [{ flags: '-v, --verbose', description: 'With digest, media type and size' }, ...accessOptions],
			examples: ['tonnage manifest inspect alpine:3.20', 'tonnage manifest inspect -v registry.example/app:1'],
			run: inspectManifest,
		},
	],
};

async function inspectManifest({ context, operands, options }: VerbCall): Promise<undefined> {
	const registry = await registryOf(context);
	const { digest, mediaType, text } = await registry.manifest(operands[0] ?? '', accessFrom(context, options));
	const document: unknown = JSON.parse(text);
	const shown = options.flag('verbose')
		? { Digest: digest, MediaType: mediaType, Size: Buffer.byteLength(text), Manifest: document }
		: document;
	context.host.stdout.write(`${printable(JSON.stringify(shown, undefined, '\t'), { keepNewlines: true })}\n`);
	return undefined;
}
