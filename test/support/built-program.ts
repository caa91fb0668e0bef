import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));
let isBuilt = false;

/** The whole program as users start it: `[node, bin/tonnage.js]`, with a bundle that is as new as the sources. */
export function builtProgram(): readonly [string, string] {
	if (!isBuilt) execFileSync(process.execPath, ['scripts/build.ts', '--if-needed'], { cwd: project, stdio: 'pipe' });
	isBuilt = true;
	return [process.execPath, `${project}/bin/tonnage.js`];
}
