import { expect, test } from 'vitest';
import type { ChainId, DiffId } from '../../../src/engine/model.ts';
import { chainIdOf, imageIdOf } from '../../../src/engine/oci/identity.ts';

const digest = (character: string) => `sha256:${character.repeat(64)}`;

test('the lowest layer’s chainID is its diffID', () => {
	expect(chainIdOf(undefined, digest('1') as DiffId)).toBe(digest('1'));
});

// By `printf '%s %s' sha256:111… sha256:222… | sha256sum`.
test('every other chainID digests the chainID below and the diffID', () => {
	expect(chainIdOf(digest('1') as ChainId, digest('2') as DiffId)).toBe(
		'sha256:9932074217c35353d2e03a3f5a86549f7c67bfeb0ba53e23d69f4d4c8f7958f5',
	);
});

// By `printf '{}' | sha256sum`.
test('an image’s ID is the digest of its config’s bytes', () => {
	expect(imageIdOf(new TextEncoder().encode('{}'))).toBe(
		'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
	);
});
