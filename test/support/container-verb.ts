/** A command of its own, to be killed by tests: `start` makes and starts a container and waits, `run` stays in its foreground. */
import { createContainers } from '../../src/engine/embedded/containers/containers.ts';
import { openStore } from '../../src/engine/embedded/open.ts';
import { probeRuntime } from '../../src/engine/embedded/system/runtime-probe.ts';
import { exitedCommand, request } from './container-world.ts';

const [root = '', verb = '', ...command] = process.argv.slice(2);
const store = openStore({ root });
const containers = createContainers(store, { runtime: probeRuntime(), selfCommand: exitedCommand });
const id = await containers.create(request({ command, autoRemove: verb === 'run' }));
process.stdout.write(`${id}\n`);
if (verb === 'run') {
	await containers.foreground?.run(id, {
		stdin: undefined,
		stdout: process.stdout,
		stderr: process.stderr,
		terminal: undefined,
	});
} else {
	await containers.start(id);
	process.stdout.write('started\n');
	setInterval(() => {}, 1000);
}
