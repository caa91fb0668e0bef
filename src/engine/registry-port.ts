import type { Digest, ImageId, Platform, ReferenceText } from './model.ts';

/**
 * Copies of images in registries. A reference is as a person types it: without a registry it means Docker Hub,
 * without a tag `latest`.
 * Every method may throw EngineError unauthorized, denied, rate-limited, unavailable, bad-answer, registry-refused,
 * timeout, invalid-reference.
 */
export interface Registry {
	/**
	 * Takes an image in, whole or not at all; only layers that are not there travel.
	 * @throws EngineError not-found, unsupported where none is for the platform, digest-mismatch, size-mismatch,
	 * corrupt, unsafe, limit-exceeded, unsupported-media-type, out-of-space
	 */
	pull(reference: string, options: PullOptions): Promise<PulledImage>;
	/** Sends an image under a tag that it has here; only what the registry does not have travels. @throws EngineError not-found, corrupt */
	push(reference: string, options: PushOptions): Promise<PushedImage>;
	/** What a reference leads to, as the registry has it. @throws EngineError not-found, digest-mismatch */
	manifest(reference: string, access: RegistryAccess): Promise<RemoteManifest>;
	/** Tries a login and keeps it; gives where it was kept. */
	login(registry: string, login: Login, access: RegistryAccess): Promise<KeptLogin>;
	/** Forgets a login; false where there was none. */
	logout(registry: string, access: RegistryAccess): Promise<boolean>;
}

/** How a registry is reached. */
export interface RegistryAccess {
	/** Docker's `config.json`, where logins and credential helpers stand. It may be missing. */
	readonly loginsFile: string;
	/** false: any certificate will do, and plain HTTP where the registry has no TLS. */
	readonly tlsVerify: boolean;
	/** A file of certificate authorities to trust besides the system's. */
	readonly caFile?: string;
	/** `*.crt` authorities, `*.cert` and `*.key` of our own; /etc/docker/certs.d/HOST where it is not given. */
	readonly certificatesDirectory?: string;
	readonly signal?: AbortSignal;
}

export interface Login {
	readonly user: string;
	readonly password: string;
}

export interface KeptLogin {
	/** Where: a file, or a credential helper's name. */
	readonly place: string;
	/** False where anybody who reads the file can read the password. */
	readonly encrypted: boolean;
}

/** Bytes of one layer that have travelled. */
export interface LayerProgress {
	/** A short digest. */
	readonly item: string;
	readonly doneBytes: number;
	readonly totalBytes: number;
}

/** Something happened to one layer, or to the whole (then without an item). For people. */
export interface TransferStep {
	/** A short digest. */
	readonly item: string | undefined;
	readonly text: string;
}

export interface PullOptions extends RegistryAccess {
	readonly onProgress?: (progress: LayerProgress) => void;
	/** undefined: this host's. */
	readonly platform: Platform | undefined;
	/** Layers that travel at a time. */
	readonly parallel: number;
	readonly onStep?: (step: TransferStep) => void;
}

export interface PulledImage {
	readonly id: ImageId;
	/** Spelled out, as it was asked for. */
	readonly reference: ReferenceText;
	/** Of what the reference leads to: the index, where there is one. */
	readonly digest: Digest;
	readonly reusedLayers: number;
	readonly newLayers: number;
	/** False where the image was here under that name already. */
	readonly changed: boolean;
}

export interface PushOptions extends RegistryAccess {
	readonly onProgress?: (progress: LayerProgress) => void;
	readonly onStep?: (step: TransferStep) => void;
}

export interface PushedImage {
	readonly reference: ReferenceText;
	/** Of the manifest that the tag now leads to. */
	readonly digest: Digest;
	readonly manifestBytes: number;
	readonly sentLayers: number;
}

export interface RemoteManifest {
	readonly digest: Digest;
	readonly mediaType: string;
	/** The document, byte for byte. */
	readonly text: string;
}
