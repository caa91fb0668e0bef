/** `load` of one archive of real Debian packages. Nobody's store has any of its layers before. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageLayer, writeLayout } from '../scripts/demo-images.ts';
import type { Peer } from './peers.ts';
import { medians, must, report } from './rounds.ts';

/** Every byte that the machine still holds back is written first, so that nobody pays for somebody else. */
const settle = () => void must('sync', []);

/** Archive of about 100 MB in three layers, as docker-archive, which all three read. Gives its path. */
export function makeArchive(directory: string, reference: string): string {
	const layers = [
		packageLayer(directory, ['busybox-static', 'base-files']),
		packageLayer(directory, ['libc6', 'tzdata', 'perl-base']),
		packageLayer(directory, ['python3.11-minimal', 'libpython3.11-stdlib', 'libpython3.11-minimal']),
	];
	writeLayout(join(directory, 'layout'), [
		{ name: reference, layers, command: ['/bin/busybox', 'true'], createdAt: new Date(1_700_000_000_000) },
	]);
	const archive = join(directory, 'image.tar');
	must('skopeo', [
		'copy',
		'--quiet',
		`oci:${join(directory, 'layout')}:${reference}`,
		`docker-archive:${archive}:${reference}`,
	]);
	return archive;
}

/** Prints the medians. */
export async function benchLoad(peers: readonly Peer[], archive: string, roundCount: number): Promise<void> {
	const bytes = statSync(archive).size;
	readFileSync(archive);
	const results = await medians(
		peers.map((peer) => ({
			name: peer.name,
			prepare: () => {
				if (peer.run(['images', '-q']).trim() !== '')
					peer.run(['rmi', '-f', ...new Set(peer.run(['images', '-q']).trim().split('\n'))]);
				settle();
			},
			run: () => void peer.run(['load', '-i', archive]),
		})),
		roundCount,
	);
	report(
		`load, ${(bytes / 1e6).toFixed(0)} MB docker-archive, 3 layers`,
		results,
		'tonnage flushes every layer to disk (syncfs) before its name appears; docker and podman leave files to the kernel.',
	);
}
