import type { Descriptor, Platform } from '../model.ts';

/** Go's names, which the specification uses, for Node's. */
const architectures: Readonly<Record<string, string>> = {
	x64: 'amd64',
	ia32: '386',
	arm64: 'arm64',
	arm: 'arm',
	ppc64: 'ppc64le',
	s390x: 's390x',
	riscv64: 'riscv64',
	loong64: 'loong64',
};

/** Variants that say no more than the architecture does. Source: containerd platforms database.go */
const impliedVariants: Readonly<Record<string, string>> = { arm64: 'v8', arm: 'v7', amd64: 'v1' };

/** The platform that containers of this host run on. `architecture` is `process.arch`. */
export function hostPlatform(architecture: string): Platform {
	return { os: 'linux', architecture: architectures[architecture] ?? architecture };
}

/** `linux/arm/v6`. Spec: image-spec image-index.md#image-index-property-descriptions (v1.1.1) */
export function formatPlatform(platform: Platform): string {
	return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/** True where an image made for `image` runs on `host`: equal, or an older variant of 32-bit ARM. */
export function runsOn(image: Platform, host: Platform): boolean {
	if (image.os !== host.os || image.architecture !== host.architecture) return false;
	const wanted = variantOf(host);
	const found = variantOf(image);
	if (wanted === found) return true;
	return host.architecture === 'arm' && /^v\d$/.test(found) && found < wanted;
}

/** The one of an index that suits the host best; the first of equals. Descriptors without a platform never match. */
export function choosePlatform(descriptors: readonly Descriptor[], host: Platform): Descriptor | undefined {
	const matching = descriptors.filter(({ platform }) => platform !== undefined && runsOn(platform, host));
	const rank = (descriptor: Descriptor) => (descriptor.platform === undefined ? '' : variantOf(descriptor.platform));
	return matching.reduce<Descriptor | undefined>(
		(best, next) => (best === undefined || rank(next) > rank(best) ? next : best),
		undefined,
	);
}

function variantOf(platform: Platform): string {
	return platform.variant || impliedVariants[platform.architecture] || '';
}
