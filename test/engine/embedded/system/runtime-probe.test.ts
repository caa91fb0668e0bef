import { expect, test } from 'vitest';
import type { CgroupLayout } from '../../../../src/engine/embedded/system/cgroups.ts';
import { probeRuntime, requirePrograms } from '../../../../src/engine/embedded/system/runtime-probe.ts';
import { isEngineError } from '../../../../src/engine/errors.ts';

const rows: readonly {
	readonly layout: CgroupLayout;
	readonly installed: readonly string[];
	readonly runtime: string | undefined;
	readonly packages: readonly string[];
}[] = [
	{ layout: 'v2', installed: ['runc', 'crun', 'conmon', 'flock'], runtime: '/usr/bin/crun', packages: [] },
	{ layout: 'v1', installed: ['crun', 'conmon'], runtime: '/usr/bin/crun', packages: [] },
	{ layout: 'v2', installed: ['runc', 'conmon'], runtime: '/usr/bin/runc', packages: [] },
	{ layout: 'hybrid', installed: ['runc', 'crun', 'conmon'], runtime: '/usr/bin/runc', packages: [] },
	{ layout: 'hybrid', installed: ['crun', 'conmon'], runtime: undefined, packages: ['runc'] },
	{ layout: 'v2', installed: ['conmon'], runtime: undefined, packages: ['crun'] },
	{ layout: 'v2', installed: ['crun'], runtime: '/usr/bin/crun', packages: ['conmon'] },
	{ layout: 'v1', installed: [], runtime: undefined, packages: ['crun', 'conmon'] },
];

test.each(rows)(
	'with $installed on $layout cgroups the runtime is $runtime',
	({ layout, installed, runtime, packages }) => {
		const find = (program: string) => (installed.includes(program) ? `/usr/bin/${program}` : undefined);
		const probe = probeRuntime({ layout, find });
		expect(probe.runtimePath).toBe(runtime);
		expect(probe.missing.map((missing) => missing.packages[0])).toEqual(packages);
		if (packages.length === 0) {
			expect(requirePrograms(probe)).toEqual({
				runtime,
				monitor: '/usr/bin/conmon',
				flock: installed.includes('flock') ? '/usr/bin/flock' : undefined,
			});
			return;
		}
		try {
			requirePrograms(probe);
			expect.unreachable();
		} catch (error) {
			if (!isEngineError(error, 'missing-component')) throw error;
			expect(error.data.packages).toEqual(packages);
			expect(error.hint).toContain(`apt-get install ${packages.join(' ')}`);
		}
	},
);
