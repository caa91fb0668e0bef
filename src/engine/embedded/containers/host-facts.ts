import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Confinement } from '../../model.ts';
import { canLimitSwap, detectCgroupLayout } from '../system/cgroups.ts';
import { boundingCapabilities, chooseCapabilities } from './capabilities.ts';
import { clampedLimits } from './resource-limits.ts';
import type { HostFacts } from './spec.ts';

/** Looks at the host as it is now, for one container. Costs some tens of small kernel files. @throws EngineError unsupported */
export function readHostFacts(confinement?: Confinement): HostFacts {
	return {
		capabilities: chooseCapabilities(confinement, boundingCapabilities()),
		processLimits: clampedLimits(),
		architecture: process.arch,
		cgroupLayout: detectCgroupLayout(),
		canLimitSwap: canLimitSwap(),
		revealingPaths: listRevealingPaths(),
		apparmorProfile: findApparmorProfile(),
	};
}

/** Thermal counters show what the neighbours do. Source: Docker's advisory GHSA-6fw5-f8r9-fgfm */
function listRevealingPaths(): readonly string[] {
	const processors = '/sys/devices/system/cpu';
	try {
		return readdirSync(processors)
			.filter((name) => /^cpu\d+$/.test(name))
			.map((name) => `${processors}/${name}/thermal_throttle`)
			.filter((path) => existsSync(path));
	} catch {
		return [];
	}
}

/** A profile for containers that somebody has loaded; a runtime refuses one that is not. */
function findApparmorProfile(): string | undefined {
	let loaded: string;
	try {
		loaded = readFileSync('/sys/kernel/security/apparmor/profiles', 'latin1');
	} catch {
		return undefined;
	}
	return ['docker-default', 'containers-default'].find((name) => loaded.includes(`${name} (`));
}
