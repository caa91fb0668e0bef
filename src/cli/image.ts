import { filterOption } from './filters.ts';
import { inspectImages, showHistory } from './image-inspect.ts';
import { imageFilterKeys, listImages } from './image-list.ts';
import { removeImages, tagImage } from './image-names.ts';
import { pinImages, unpinImages } from './image-pin.ts';
import { importImage, loadImages, saveImages } from './image-transfer.ts';
import { inspectFormatOption } from './inspection.ts';
import { formatOption, noTruncateOption } from './listing.ts';
import { pruneImages, pruneOptions } from './prune.ts';
import { pullVerb, pushVerb } from './registry-transfer.ts';
import type { Operand, VerbGroup } from './verb.ts';

const image: Operand = { name: 'IMAGE', description: 'A reference, an image ID or the start of one' };

/** `tonnage image …`, with Docker's short forms. */
export const imageVerbs: VerbGroup = {
	noun: 'image',
	summary: 'Look at and manage images',
	verbs: [
		{
			name: 'ls',
			aliases: ['list'],
			shortcut: 'images',
			summary: 'List images',
			operands: [{ name: 'REPOSITORY[:TAG]', description: 'Only these; * and ? stand for anything', optional: true }],
			options: [
				{ flags: '-a, --all', description: 'All images (there are no intermediate ones to leave out)' },
				{ flags: '--digests', description: 'Show digests' },
				filterOption(imageFilterKeys),
				formatOption,
				noTruncateOption,
				{ flags: '-q, --quiet', description: 'Only the image IDs' },
			],
			examples: [
				'tonnage images',
				'tonnage images --filter dangling=true -q',
				"tonnage images --format '{{.Repository}}:{{.Tag}}\\t{{.Size}}'",
			],
			run: listImages,
		},
		{
			name: 'rm',
			aliases: ['remove'],
			shortcut: 'rmi',
			summary: 'Remove names, and images with their last name',
			details: 'With -f, an image that a stopped container needs loses its names and goes with that container.',
			operands: [{ ...image, variadic: true }],
			options: [{ flags: '-f, --force', description: 'Also where several names or a stopped container hold it' }],
			examples: ['tonnage rmi app:1', 'tonnage rmi -f 3f2a9c'],
			run: removeImages,
		},
		pullVerb,
		pushVerb,
		{
			name: 'load',
			shortcut: 'load',
			summary: 'Take in the images of an archive',
			details: 'Reads docker-archives, OCI archives and OCI layout directories; layers plain, gzip or zstd.',
			operands: [],
			options: [
				{ flags: '-i, --input <file>', description: 'Archive or layout directory (standard input where not given)' },
				{ flags: '-q, --quiet', description: 'No progress' },
			],
			examples: ['tonnage load -i app.tar', 'zstd -dc app.tar.zst | tonnage load'],
			run: loadImages,
		},
		{
			name: 'save',
			shortcut: 'save',
			summary: 'Write images to an archive',
			details: 'The archive is a docker-archive and an OCI layout at once.',
			operands: [{ ...image, variadic: true }],
			options: [{ flags: '-o, --output <file>', description: 'File to write (standard output where not given)' }],
			examples: ['tonnage save -o app.tar app:1 app:2', 'tonnage save app:1 | zstd > app.tar.zst'],
			run: saveImages,
		},
		{
			name: 'import',
			shortcut: 'import',
			summary: 'Make an image of a root filesystem’s tar',
			operands: [
				{ name: 'FILE', description: 'The tar, or - for standard input' },
				{ name: 'REPOSITORY[:TAG]', description: 'Name of the new image', optional: true },
			],
			options: [
				{
					flags: '-c, --change <instruction>',
					description: 'A Dockerfile instruction to apply, e.g. "CMD sh"; may be given several times',
					repeatable: true,
				},
				{ flags: '-m, --message <text>', description: 'Comment in the history' },
			],
			examples: ['tonnage import rootfs.tar base:1', 'tonnage import -c \'CMD ["sh"]\' - base:1 < rootfs.tar'],
			run: importImage,
		},
		{
			name: 'tag',
			shortcut: 'tag',
			summary: 'Give an image another name',
			operands: [
				{ ...image, name: 'SOURCE_IMAGE[:TAG]' },
				{ name: 'TARGET_IMAGE[:TAG]', description: 'The new name; it moves if another image has it' },
			],
			options: [],
			examples: ['tonnage tag app:1 app:latest'],
			run: tagImage,
		},
		{
			name: 'history',
			shortcut: 'history',
			summary: 'Show how an image was made, newest step first',
			operands: [image],
			options: [formatOption, noTruncateOption, { flags: '-q, --quiet', description: 'Only the image IDs' }],
			examples: ['tonnage history app:1', 'tonnage history --no-trunc app:1'],
			run: showHistory,
		},
		{
			name: 'inspect',
			summary: 'Show everything about images, as JSON',
			operands: [{ ...image, variadic: true }],
			options: [inspectFormatOption],
			examples: ['tonnage image inspect app:1', "tonnage image inspect -f '{{.Size}}' app:1"],
			run: inspectImages,
		},
		{
			name: 'pin',
			summary: 'Keep images, whatever any policy says',
			details:
				'A pinned image stays although it loses its names or its containers, until it is unpinned. Without IMAGE: lists what is pinned.',
			operands: [{ ...image, optional: true, variadic: true }],
			options: [],
			examples: ['tonnage image pin debian:trixie app:1', 'tonnage image pin'],
			run: pinImages,
		},
		{
			name: 'unpin',
			summary: 'Let images go again',
			operands: [{ ...image, variadic: true }],
			options: [],
			examples: ['tonnage image unpin app:1'],
			run: unpinImages,
		},
		{
			name: 'prune',
			summary: 'Remove images that nothing needs',
			details: 'Without -a only dangling images: those without a name and without a container.',
			operands: [],
			options: [{ flags: '-a, --all', description: 'Also images with a name that no container uses' }, ...pruneOptions],
			examples: ['tonnage image prune --dry-run', 'tonnage image prune -a --filter until=24h'],
			run: pruneImages,
		},
	],
};
