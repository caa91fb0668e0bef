import { describe, expect, test } from 'vitest';
import type { Descriptor, Digest, Platform } from '../../../src/engine/model.ts';
import { choosePlatform, formatPlatform, hostPlatform, runsOn } from '../../../src/engine/oci/platform.ts';

function platform(text: string): Platform {
	const [os = '', architecture = '', variant] = text.split('/');
	return { os, architecture, variant };
}

describe('an image runs on its own platform and on what is compatible with it', () => {
	test.each([
		['linux/amd64', 'linux/amd64', true],
		['linux/amd64/v1', 'linux/amd64', true],
		['linux/amd64/v3', 'linux/amd64', false],
		['linux/arm64/v8', 'linux/arm64', true],
		['linux/arm64', 'linux/amd64', false],
		['linux/arm/v6', 'linux/arm', true],
		['linux/arm/v7', 'linux/arm', true],
		['linux/arm/v7', 'linux/arm/v6', false],
		['windows/amd64', 'linux/amd64', false],
		['unknown/unknown', 'linux/amd64', false],
	])('%s on %s: %s', (image, host, expected) => {
		expect(runsOn(platform(image), platform(host))).toBe(expected);
	});
});

test('the closest variant of several is chosen', () => {
	const descriptors = ['linux/arm/v5', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6'].map(
		(text): Descriptor => ({ mediaType: 'x', digest: text as Digest, size: 0, platform: platform(text) }),
	);
	expect(choosePlatform(descriptors, hostPlatform('arm'))?.digest).toBe('linux/arm/v7');
	expect(choosePlatform(descriptors, hostPlatform('s390x'))).toBeUndefined();
	expect(choosePlatform([{ mediaType: 'x', digest: 'y' as Digest, size: 0 }], hostPlatform('x64'))).toBeUndefined();
});

test('Node’s names of architectures become the specification’s', () => {
	expect(['x64', 'arm64', 'ia32', 'mips'].map((name) => formatPlatform(hostPlatform(name)))).toEqual([
		'linux/amd64',
		'linux/arm64',
		'linux/386',
		'linux/mips',
	]);
});
