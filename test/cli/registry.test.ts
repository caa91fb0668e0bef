import { expect, test } from 'vitest';
import { createMemoryEngine } from '../../src/engine/memory/open.ts';
import type { PullOptions, Registry } from '../../src/engine/registry-port.ts';
import { cliOn } from '../support/cli.ts';

const none = async () => {
	throw new Error('not asked for');
};

/** A registry that notes what it is asked for. */
function noting(seen: PullOptions[]): Registry {
	return {
		pull: async (_, options) => {
			seen.push(options);
			return none();
		},
		push: none,
		manifest: none,
		login: none,
		logout: none,
	};
}

test.each(['pull app', 'push app', 'manifest inspect app', 'logout'])(
	'"%s" says where an engine has no registries',
	async (words) => {
		const { exitCode, stderr } = await cliOn(createMemoryEngine())(words);
		expect([exitCode, stderr]).toEqual([
			2,
			expect.stringContaining('The memory engine does not speak with registries.'),
		]);
	},
);

test.each([
	[{ DOCKER_CONFIG: '/keys' }, '/keys/config.json'],
	[{ HOME: '/home/sailor' }, '/home/sailor/.docker/config.json'],
	[{ HOME: '/home/sailor', DOCKER_CONFIG: 'keys' }, '/deck/keys/config.json'],
])('with %j logins are looked for in %s', async (environment, file) => {
	const seen: PullOptions[] = [];
	const engine = { ...createMemoryEngine(), registry: noting(seen) };
	const call = cliOn(engine, { environment, workingDirectory: '/deck' });
	await call('pull --platform arm64 --parallel 5 --ca-file ca.pem --tls-verify=false app');
	expect(seen[0]).toMatchObject({
		loginsFile: file,
		platform: { os: 'linux', architecture: 'arm64' },
		parallel: 5,
		caFile: '/deck/ca.pem',
		tlsVerify: false,
	});
});
