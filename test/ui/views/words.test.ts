import { expect, test } from 'vitest';
import { createMemoryEngine } from '../../../src/engine/memory/open.ts';
import { sampleWorld } from '../../../src/engine/memory/sample.ts';
import type { ContainerSummary, ResourceKey } from '../../../src/engine/model.ts';
import { keyText } from '../../../src/ui/collect-state.ts';
import { disabledReason } from '../../../src/ui/commands.ts';
import { confirmationFor } from '../../../src/ui/confirmation-for.ts';
import { reduce } from '../../../src/ui/reduce.ts';
import { previewRemoval } from '../../../src/ui/removal-preview.ts';
import type { AppState } from '../../../src/ui/state.ts';
import { containerCondition } from '../../../src/ui/views/container-list.ts';
import { dialogView } from '../../../src/ui/views/dialog.ts';
import { exitWords } from '../../../src/ui/views/exit-words.ts';
import { findLayerHolders } from '../../../src/ui/views/layer-holders.ts';
import { holderText, stepText } from '../../../src/ui/views/layer-list.ts';
import { spanText } from '../../../src/ui/views/lines.ts';
import { loadedState } from '../../support/loaded-state.ts';

test.each([
	[0, false, 'ended well'],
	[1, false, 'failed with exit code 1'],
	[126, false, 'its command could not be executed (exit code 126)'],
	[127, false, 'its command was not found (exit code 127)'],
	[137, true, 'killed by the kernel: it needed more memory than its limit'],
	[137, false, 'killed by SIGKILL (exit code 137)'],
	[143, false, 'told to stop by SIGTERM (exit code 143)'],
	[139, false, 'ended by SIGSEGV (exit code 139)'],
	[150, false, 'ended by signal 22 (exit code 150)'],
	[255, false, 'failed with exit code 255'],
	[undefined, false, 'ended in an unknown way'],
])('exit code %s (out of memory: %s) is said as: %s', (code, outOfMemory, words) => {
	expect(exitWords(code, outOfMemory)).toBe(words);
});

const hour = 3_600_000;
test.each<[Partial<ContainerSummary>, string, number]>([
	[{ status: 'running', startedAt: 0 }, '● up 3h', 0],
	[{ status: 'paused', startedAt: 0 }, '‖ paused 3h', 0],
	[{ status: 'created' }, '· created', 1],
	[{ status: 'exited', exitCode: 0, finishedAt: hour }, '○ exited (0) 2h', 1],
	[{ status: 'exited', exitCode: 3, finishedAt: hour }, '✗ exited (3) 2h', 1],
	[{ status: 'exited', exitCode: 137, outOfMemory: true, finishedAt: hour }, '✗ out of mem 2h', 1],
	[{ status: 'dead' }, '✗ dead', 1],
])('a container that is %o stands as "%s"', async (change, text, rank) => {
	const [container] = (await loadedState()).world?.containers ?? [];
	if (container === undefined) throw new Error('no container');
	expect(containerCondition({ ...container, outOfMemory: false, ...change }, 3 * hour)).toMatchObject({ text, rank });
});

test.each([
	['/bin/sh -c #(nop) COPY file:1 in /', 'COPY file:1 in /'],
	['/bin/sh -c apt-get update', 'RUN apt-get update'],
	['RUN apt-get\tupdate # buildkit', 'RUN apt-get update # buildkit'],
])('the history line %j is shown as %j', (createdBy, text) => {
	expect(stepText(createdBy)).toBe(text);
});

test('every layer knows what holds it: names, untagged images, containers alone, or nothing', async () => {
	const state = await loadedState();
	const held = findLayerHolders(state.world?.inventory ?? { ...empty });
	const textOf = (label: string) =>
		held.filter(({ resource }) => resource.label === label).map(({ holders }) => holderText(holders));
	expect(textOf('ADD busybox.tar /')).toEqual(['busybox:1.37']);
	expect(textOf('COPY pilot-1.5-rc1 /app')[0]).toMatch(/^dangling: untagged [0-9a-f]{12}$/);
	expect(textOf('COPY import /opt/import')).toEqual(['dangling: hidden for cargo-import-oct']);
	const base = held.find(({ resource }) => resource.label === 'ADD debian-trixie-slim.tar /');
	expect(base?.imageCount).toBe(11);
	const layers = state.world?.inventory.resources.filter(({ key }) => key.kind === 'layer') ?? [];
	const alone = layers.map((layer) => ({ ...layer, references: [] }));
	const orphaned = findLayerHolders({ ...empty, resources: alone });
	expect(orphaned.every(({ holders }) => holderText(holders) === 'dangling: nothing holds it')).toBe(true);
});

test('what a removal would free is what it then frees', async () => {
	const world = sampleWorld();
	const engine = createMemoryEngine(world);
	const inventory = await engine.store.takeInventory();
	const container = [...world.containers.values()].find(({ name }) => name === 'cargo-import-oct');
	if (container === undefined) throw new Error('no container');
	const preview = previewRemoval(inventory, [{ kind: 'container', id: container.id }]);
	expect(preview.alsoGone).toEqual([expect.stringMatching(/^hidden image /), '1 layer']);
	const { freedBytes } = await engine.containers.remove('cargo-import-oct', { force: false, volumes: false });
	const after = await engine.store.takeInventory();
	const sum = (resources: typeof inventory.resources) =>
		resources.reduce((total, { diskBytes }) => total + diskBytes, 0);
	expect(sum(inventory.resources) - sum(after.resources)).toBe(preview.freedBytes);
	expect(freedBytes).toBe(preview.freedBytes);
});

test('removing an image that others share frees only what is its own', async () => {
	const state = await loadedState();
	const inventory = state.world?.inventory;
	if (inventory === undefined) throw new Error('nothing loaded');
	const tag: ResourceKey = { kind: 'tag', id: 'docker.io/harbor/lighthouse:2.2' };
	const own = inventory.resources.find(({ label }) => label === 'COPY lighthouse /usr/bin/lighthouse');
	const { freedBytes, alsoGone } = previewRemoval(inventory, [tag]);
	expect(freedBytes - (own?.diskBytes ?? 0)).toBeLessThan(10_000);
	expect(alsoGone).toEqual(['image harbor/lighthouse:2.2', '1 layer']);
});

test('the question before a removal names the thing and the bytes', async () => {
	const state = select(await loadedState(), 'screen.containers', 'cargo-import-oct');
	const confirmation = confirmationFor(state, 'container.remove');
	if (confirmation === undefined) throw new Error('no question');
	const view = dialogView(confirmation, 60);
	const text = [view.title, ...view.lines.map(spanText)].join('\n');
	expect(view.title).toBe('Remove container cargo-import-oct?');
	expect(text).toContain('This frees 130MB on disk.');
	expect(text).toContain('hidden image');
});

test('the question before a collection says how many things and how many bytes', async () => {
	const state = await loadedState();
	const { plan } = state.collect;
	if (plan === undefined) throw new Error('no plan');
	const view = dialogView({ type: 'sweep', plan }, 60);
	expect(view.title).toBe('Remove 10 things and free 36.2MB?');
	expect(view.lines.map(spanText).join(' ')).toContain('2 images');
});

test.each([
	['container.start', 'pilot-1', 'pilot-1 runs already.'],
	['container.stop', 'bilge-test', 'bilge-test does not run.'],
	['container.restart', 'bilge-test', 'bilge-test does not run: start it with S.'],
	['container.remove', 'pilot-1', 'pilot-1 runs: stop it first with s.'],
	['container.remove', 'bilge-test', undefined],
] as const)('%s on %s answers: %s', async (command, name, reason) => {
	expect(disabledReason(command, select(await loadedState(), 'screen.containers', name))).toBe(reason);
});

test('a start without a runtime names the package', async () => {
	const state = select(await loadedState(), 'screen.containers', 'bilge-test');
	const missing = [{ component: 'crun or runc', neededFor: 'to run containers', packages: ['crun', 'runc'] }];
	const bare: AppState = { ...state, identity: { ...state.identity, missing } };
	expect(disabledReason('container.start', bare)).toBe(
		'No container can start here: crun or runc is missing. Install crun or runc.',
	);
});

const empty = { takenAt: 0, revision: 0, resources: [], metadataBytes: 0, filesystem: undefined };

function select(state: AppState, screen: 'screen.containers', name: string): AppState {
	let at = reduce(state, { type: 'commanded', command: screen });
	const id = state.world?.containers.find((container) => container.name === name)?.id;
	while (at.lists.containers.cursorKey !== id) {
		const next = reduce(at, { type: 'commanded', command: 'move.down' });
		if (next === at) throw new Error(`no container ${name}`);
		at = next;
	}
	return at;
}

test('keys of things are told apart by kind', () => {
	expect(keyText({ kind: 'image', id: 'x' })).not.toBe(keyText({ kind: 'blob', id: 'x' }));
});
