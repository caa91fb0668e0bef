import { EngineError } from '../../errors.ts';
import type { Store } from '../store.ts';
import { withContainerLock } from './container-lock.ts';
import { requireRecord } from './container-record.ts';
import { checkName } from './names.ts';

/**
 * Gives a container another name; what runs is not disturbed. Its host name stays.
 * @throws EngineError already-exists, invalid-argument, locked
 */
export async function renameContainer(store: Store, id: string, wanted: string): Promise<void> {
	const name = wanted.replace(/^\//, '');
	checkName(name, 'container');
	await withContainerLock(store, id, () =>
		store.database.write(() => {
			const record = requireRecord(store, id);
			if (record.name === name) {
				throw new EngineError('invalid-argument', {
					argument: `the container name "${name}"`,
					why: 'it is its name already',
				});
			}
			const holder = store.database.get<{ id: string }>('SELECT id FROM container WHERE name = ?', name);
			if (holder !== undefined) {
				const text = `container ${holder.id.slice(0, 12)}`;
				throw new EngineError('already-exists', { what: 'container', name, holder: text });
			}
			store.database.run(
				'UPDATE container SET name = ?, generation = ? WHERE id = ?',
				name,
				store.database.nextGeneration(),
				id,
			);
			const attributes = { name, oldName: record.name, image: record.imageReference };
			store.database.recordEvent('rename', { kind: 'container', id }, attributes);
		}),
	);
}
