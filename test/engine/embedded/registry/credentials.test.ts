import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeImage } from '../../../support/image-archives.ts';
import { type Lie, type LyingRegistry, type SeenRequest, startLyingRegistry } from '../../../support/lying-registry.ts';
import { expectNothingLeft, failureOf, type RegistryWorld, registryWorld } from '../../../support/registry-world.ts';

const image = makeImage([{ 'bin/sh': '#!\n' }]);
const secret = 'pass:word-123';
const basic = `Basic ${Buffer.from(`sailor:${secret}`).toString('base64')}`;

let registry: LyingRegistry;
let world: RegistryWorld;

beforeEach(async () => {
	registry = await startLyingRegistry();
	registry.serve(image, 'app', '1');
	world = registryWorld();
});

afterEach(async () => {
	vi.unstubAllEnvs();
	await registry.stop();
	world.remove();
});

const name = () => `${registry.host}/app:1`;
const pull = () => world.registry.pull(name(), world.pullOptions);
const writeConfig = (config: object) => writeFileSync(world.access.loginsFile, JSON.stringify(config));
const readConfig = () => JSON.parse(readFileSync(world.access.loginsFile, 'utf8'));
const keepAuth = (text = `sailor:${secret}`) =>
	writeConfig({ auths: { [registry.host]: { auth: Buffer.from(text).toString('base64') } } });

const basicOnly: Lie = ({ headers }, response) => {
	if (headers.authorization === basic) return false;
	response
		.writeHead(401, { 'www-authenticate': 'Basic realm="harbour"' })
		.end(
			JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: `no ${headers.authorization ?? ''} ${secret}` }] }),
		);
	return true;
};

/** Tokens count up; each is good for `life` seconds by what it says, and for `uses` requests by what is true. */
function tokens(options: { readonly life?: number; readonly uses?: number; readonly needsLogin?: boolean }): Lie {
	let issued = 0;
	let used = 0;
	return ({ path, headers }: SeenRequest, response) => {
		if (path.startsWith('/token')) {
			const isKnown = headers.authorization === basic;
			if (options.needsLogin && !isKnown) {
				response.writeHead(401).end(JSON.stringify({ details: `not ${secret}` }));
				return true;
			}
			used = 0;
			response.end(JSON.stringify({ token: `token-${++issued}`, expires_in: options.life ?? 300 }));
			return true;
		}
		if (headers.authorization === `Bearer token-${issued}` && used++ < (options.uses ?? 1000)) return false;
		const scope = 'repository:app:pull';
		const challenge = `Bearer realm="${registry.origin}/token",service="harbour, \\"the\\" one",scope="${scope}"`;
		response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
		return true;
	};
}

const tokenRequests = () => registry.seen.filter(({ path }) => path.startsWith('/token'));

describe('basic', () => {
	test('comes from auths in config.json, a colon in the password included', async () => {
		registry.lie = basicOnly;
		keepAuth();
		expect(await pull()).toMatchObject({ id: image.id });
	});

	test.each(['https://HOST', 'https://HOST/v1/', 'http://HOST/'])(
		'is found under %s, as old files have it',
		async (form) => {
			registry.lie = basicOnly;
			writeConfig({ auths: { [form.replace('HOST', registry.host)]: { username: 'sailor', password: secret } } });
			expect(await pull()).toMatchObject({ id: image.id });
		},
	);

	test('that is wrong is told without a word of the secret, though the registry gives it back', async () => {
		registry.lie = basicOnly;
		keepAuth(`pirate:${secret}`);
		const error = await failureOf(pull());
		expect(error.code).toBe('unauthorized');
		expect(JSON.stringify([error.message, error.hint, error.data])).not.toMatch(/pass:word|cGlyYXRl/);
		expectNothingLeft(world);
	});

	test('where nobody is logged in, the hint is to do so', async () => {
		registry.lie = basicOnly;
		const error = await failureOf(pull());
		expect([error.code, error.hint]).toEqual([
			'unauthorized',
			`Log in with "tonnage login ${registry.host}", or check the name.`,
		]);
	});
});

describe('a token', () => {
	test('is asked for once, without a login where there is none, and with the scope', async () => {
		registry.lie = tokens({});
		expect(await pull()).toMatchObject({ id: image.id });
		expect(tokenRequests()).toHaveLength(1);
		const asked = new URL(tokenRequests()[0]?.path ?? '', 'http://any').searchParams;
		expect(asked.get('scope')).toBe('repository:app:pull');
		expect(asked.get('service')).toBe('harbour, "the" one');
	});

	test('is asked for with the login, which the registry itself never sees', async () => {
		registry.lie = tokens({ needsLogin: true });
		keepAuth();
		expect(await pull()).toMatchObject({ id: image.id });
		const elsewhere = registry.seen.filter(({ path }) => !path.startsWith('/token'));
		expect(elsewhere.filter(({ headers }) => headers.authorization?.startsWith('Basic'))).toEqual([]);
	});

	test('is asked for again when it has run out by its own word', async () => {
		registry.lie = tokens({ life: 1 });
		expect(await pull()).toMatchObject({ id: image.id });
		expect(tokenRequests().length).toBeGreaterThan(1);
	});

	test('is asked for again when the registry does not take it any more', async () => {
		registry.lie = tokens({ uses: 1 });
		expect(await pull()).toMatchObject({ id: image.id });
	});

	test('that is refused says so without the secret', async () => {
		registry.lie = tokens({ needsLogin: true });
		keepAuth(`pirate:${secret}`);
		const error = await failureOf(pull());
		expect(error.code).toBe('unauthorized');
		expect(JSON.stringify([error.message, error.data])).not.toContain('pass:word');
		expectNothingLeft(world);
	});

	test('that nobody had to log in for is not told to be a login', async () => {
		registry.lie = tokens({ uses: 0 });
		const error = await failureOf(pull());
		expect(error.message).toMatch(/ wants a login to read /);
	});

	test('is got for an identity token by POST, never in an address', async () => {
		registry.lie = tokens({});
		writeConfig({ auths: { [registry.host]: { identitytoken: 'long-lived-secret' } } });
		expect(await pull()).toMatchObject({ id: image.id });
		const [asked] = tokenRequests();
		expect(asked?.method).toBe('POST');
		expect(new URLSearchParams(asked?.body.toString()).get('refresh_token')).toBe('long-lived-secret');
		expect(registry.seen.map(({ path }) => path).join()).not.toContain('long-lived');
	});
});

describe('credentials stay with the registry', () => {
	test.each([301, 302, 303, 307, 308])('after a %d to another host, and to itself', async (status) => {
		const elsewhere = await startLyingRegistry();
		try {
			elsewhere.serve(image, 'app', '1');
			const honest = tokens({ needsLogin: true });
			registry.lie = (request, response) => {
				if (honest(request, response)) return true;
				if (!request.path.includes('/blobs/') && !request.path.startsWith('/hop/')) return false;
				const hop = request.path.startsWith('/hop/');
				const location = hop ? `${elsewhere.origin}${request.path.slice(4)}` : `/hop${request.path}`;
				response.writeHead(status, { location }).end();
				return true;
			};
			// The second hop comes without a token: it is let through, and watched.
			const guarded = registry.lie;
			registry.lie = (request, response) => {
				if (!request.path.startsWith('/hop/')) return guarded(request, response);
				response.writeHead(status, { location: `${elsewhere.origin}${request.path.slice(4)}` }).end();
				return true;
			};
			keepAuth();
			expect(await pull()).toMatchObject({ id: image.id });
			const hops = registry.seen.filter(({ path }) => path.startsWith('/hop/'));
			expect(hops.length).toBeGreaterThan(0);
			expect(elsewhere.seen.length).toBeGreaterThan(0);
			for (const { headers } of [...hops, ...elsewhere.seen]) {
				expect(headers.authorization).toBeUndefined();
				expect(JSON.stringify(headers)).not.toContain('token-');
			}
		} finally {
			await elsewhere.stop();
		}
	});

	test('when it wants the layers of a push sent to another host', async () => {
		const elsewhere = await startLyingRegistry();
		try {
			const honest = basicOnly;
			keepAuth();
			await pull();
			await world.images.tag(name(), `${registry.host}/copy:1` as never);
			registry.lie = (request, response) => {
				if (honest(request, response)) return true;
				if (request.method === 'HEAD') response.writeHead(404).end();
				else if (request.method === 'POST') response.writeHead(202, { location: `${elsewhere.origin}/upload` }).end();
				else return false;
				return true;
			};
			await world.registry.push(`${registry.host}/copy:1`, world.access);
			expect(elsewhere.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
			for (const { headers } of elsewhere.seen) expect(headers.authorization).toBeUndefined();
		} finally {
			await elsewhere.stop();
		}
	});
});

describe('login', () => {
	const login = { user: 'sailor', password: secret };

	test('tries it, keeps it for its owner only and beside what is there, and logout forgets it', async () => {
		registry.lie = basicOnly;
		writeConfig({ auths: { 'other.example': { auth: 'eDp5' } }, detachKeys: 'ctrl-e' });
		chmodSync(world.access.loginsFile, 0o644);
		expect(await world.registry.login(registry.host, login, world.access)).toEqual({
			place: world.access.loginsFile,
			encrypted: false,
		});
		expect(statSync(world.access.loginsFile).mode & 0o777).toBe(0o600);
		expect(readConfig()).toEqual({
			auths: { 'other.example': { auth: 'eDp5' }, [registry.host]: { auth: basic.slice('Basic '.length) } },
			detachKeys: 'ctrl-e',
		});
		expect(await pull()).toMatchObject({ id: image.id });
		expect(await world.registry.logout(registry.host, world.access)).toBe(true);
		expect(readConfig()).toEqual({ auths: { 'other.example': { auth: 'eDp5' } }, detachKeys: 'ctrl-e' });
		expect(await world.registry.logout(registry.host, world.access)).toBe(false);
	});

	test('that the registry does not accept is not kept', async () => {
		registry.lie = basicOnly;
		const error = await failureOf(world.registry.login(registry.host, { ...login, user: 'pirate' }, world.access));
		expect(error.code).toBe('unauthorized');
		expect(existsSync(world.access.loginsFile)).toBe(false);
	});

	test('with tokens tries the token server', async () => {
		registry.lie = tokens({ needsLogin: true });
		await world.registry.login(registry.host, login, world.access);
		const error = await failureOf(world.registry.login(registry.host, { ...login, user: 'pirate' }, world.access));
		expect(error.code).toBe('unauthorized');
	});

	test('a config.json that is none is refused and left as it is', async () => {
		writeFileSync(world.access.loginsFile, '{"auths": ');
		const error = await failureOf(world.registry.login(registry.host, login, world.access));
		expect(error.code).toBe('corrupt');
		expect(readFileSync(world.access.loginsFile, 'utf8')).toBe('{"auths": ');
	});
});

describe('a credential helper', () => {
	/** Keeps one secret in a file beside it, as helpers speak. */
	const install = (helper: string) => {
		const path = join(world.directory, `docker-credential-${helper}`);
		const kept = join(world.directory, `${helper}.kept`);
		const script = `#!/bin/sh
case $1 in
store) cat > ${kept} ;;
get) read -r server; if [ -e ${kept} ]; then cat ${kept}; else echo credentials not found in native keychain; exit 1; fi ;;
erase) rm -f ${kept} ;;
esac
`;
		writeFileSync(path, script, { mode: 0o755 });
		vi.stubEnv('PATH', `${world.directory}:${process.env.PATH}`);
		return kept;
	};

	test.each([
		['credsStore', { credsStore: 'chest' }],
		['credHelpers', { credsStore: 'nobody', credHelpers: { HOST: 'chest' } }],
	])('of %s keeps, gives and forgets the login, and the file has none of it', async (_, config) => {
		const kept = install('chest');
		writeConfig(JSON.parse(JSON.stringify(config).replace('HOST', registry.host)));
		registry.lie = basicOnly;
		const login = { user: 'sailor', password: secret };
		expect(await world.registry.login(registry.host, login, world.access)).toEqual({
			place: 'the credential helper "chest"',
			encrypted: true,
		});
		expect(readFileSync(world.access.loginsFile, 'utf8')).not.toMatch(/c2FpbG9|pass/);
		expect(await pull()).toMatchObject({ id: image.id });
		expect(await world.registry.logout(registry.host, world.access)).toBe(true);
		expect(existsSync(kept)).toBe(false);
		expect((await failureOf(pull())).code).toBe('unauthorized');
	});

	test('that is not installed is named', async () => {
		registry.lie = basicOnly;
		writeConfig({ credsStore: 'nowhere' });
		const error = await failureOf(pull());
		expect([error.code, error.message]).toEqual([
			'missing-component',
			expect.stringContaining('Docker-credential-nowhere is missing'.slice(1)),
		]);
	});

	test('that is a path is not run', async () => {
		registry.lie = basicOnly;
		writeConfig({ credsStore: '../../bin/sh' });
		expect((await failureOf(pull())).code).toBe('invalid-argument');
	});
});
