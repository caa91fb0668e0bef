/** What a monitor of the tests' containers calls at their end, in place of the whole program. */
import { existsSync } from 'node:fs';
import { finishExit } from '../../src/engine/embedded/containers/finish-exit.ts';
import { openStore } from '../../src/engine/embedded/open.ts';

const [, root = '', id = ''] = process.argv.slice(2);
// A test that is over has removed its store, and opening would make it anew.
if (existsSync(root)) {
	const store = openStore({ root });
	try {
		await finishExit(store, id);
	} finally {
		store.close();
	}
}
