import type { ProcessLimit } from './resource-limits.ts';
import type { SeccompRules } from './seccomp.ts';

/** The part of a runtime's config.json that we write. Spec: runtime-spec config.md, config-linux.md (v1.0.2) */
export interface RuntimeSpec {
	readonly ociVersion: string;
	readonly root: { readonly path: string; readonly readonly: boolean };
	readonly hostname: string;
	readonly process: SpecProcess;
	readonly mounts: readonly SpecMount[];
	readonly linux: SpecLinux;
}

/** Also what `exec` hands over. Spec: runtime-spec config.md#process (v1.0.2) */
export interface SpecProcess {
	readonly terminal: boolean;
	readonly consoleSize?: { readonly height: number; readonly width: number };
	readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
	readonly args: readonly string[];
	readonly env: readonly string[];
	readonly cwd: string;
	readonly capabilities: SpecCapabilities;
	readonly rlimits: readonly ProcessLimit[];
	readonly noNewPrivileges: boolean;
	readonly apparmorProfile?: string;
}

/** Absent sets are empty. Spec: runtime-spec config.md#linux-process (v1.0.2) */
export interface SpecCapabilities {
	readonly bounding: readonly string[];
	readonly effective?: readonly string[];
	readonly permitted?: readonly string[];
}

/** Spec: runtime-spec config.md#mounts (v1.0.2) */
export interface SpecMount {
	readonly destination: string;
	readonly type: string;
	readonly source: string;
	readonly options: readonly string[];
}

/** Spec: runtime-spec config-linux.md (v1.0.2) */
export interface SpecLinux {
	readonly cgroupsPath: string;
	readonly namespaces: readonly { readonly type: string }[];
	readonly resources: SpecResources;
	readonly maskedPaths: readonly string[];
	readonly readonlyPaths: readonly string[];
	readonly seccomp?: SeccompRules;
}

/** Absent means no limit. Spec: runtime-spec config-linux.md#control-groups (v1.0.2) */
export interface SpecResources {
	readonly devices: readonly SpecDevice[];
	readonly memory?: { readonly limit: number; readonly swap?: number };
	readonly cpu?: { readonly quota: number; readonly period: number };
	readonly pids?: { readonly limit: number };
}

/** Spec: runtime-spec config-linux.md#allowed-device-list (v1.0.2) */
export interface SpecDevice {
	readonly allow: boolean;
	readonly type?: 'a' | 'b' | 'c';
	readonly major?: number;
	readonly minor?: number;
	readonly access: string;
}
