import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from '../../errors.ts';
import { asObject, type JsonObject, parseJson } from '../../oci/json.ts';
import type { KeptLogin, Login } from '../../registry-port.ts';
import { askHelper } from './credential-helper.ts';
import { loginKeyOf } from './endpoint.ts';

/** What a registry is told of who asks: a password, or a token that stands for one. */
export type Credentials =
	| { readonly type: 'password'; readonly user: string; readonly password: string }
	| { readonly type: 'identity-token'; readonly token: string };

const largestFile = 1024 * 1024;
/** Credential helpers say so where the secret is a token. Source: docker/docker-credential-helpers credentials.go */
const tokenUser = '<token>';

/**
 * What Docker's `config.json` has for a registry: from the helper that is set for it, from the store of all, or from
 * the file itself. undefined where there is nothing.
 * @throws EngineError corrupt, permission-denied, missing-component where a helper is set that is not there, io-failed
 */
export async function findCredentials(
	file: string,
	registry: string,
	signal?: AbortSignal,
): Promise<Credentials | undefined> {
	const config = readConfig(file);
	const helper = helperFor(config, registry);
	if (helper !== undefined) {
		const answer = await askHelper(helper, 'get', { input: loginKeyOf(registry), registry, signal });
		if (answer === undefined) return undefined;
		return credentialsFrom(answer.Username, answer.Secret);
	}
	const kept = objectIn(config, 'auths');
	const key = keysOf(registry).find((name) => name in kept);
	return key === undefined ? undefined : credentialsOfEntry(asObject(kept[key], source(file)), file);
}

/** Keeps a login where Docker would: with the helper that is set, else in the file, which then is for its owner only. */
export async function keepLogin(
	file: string,
	registry: string,
	login: Login,
	signal?: AbortSignal,
): Promise<KeptLogin> {
	const config = readConfig(file);
	const helper = helperFor(config, registry);
	if (helper !== undefined) {
		const input = JSON.stringify({ ServerURL: loginKeyOf(registry), Username: login.user, Secret: login.password });
		await askHelper(helper, 'store', { input, registry, signal });
		writeConfig(file, { ...config, auths: { ...objectIn(config, 'auths'), [loginKeyOf(registry)]: {} } });
		return { place: `the credential helper "${helper}"`, encrypted: true };
	}
	const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
	writeConfig(file, { ...config, auths: { ...objectIn(config, 'auths'), [loginKeyOf(registry)]: { auth } } });
	return { place: file, encrypted: false };
}

/** Forgets a login. False where there was none. */
export async function forgetLogin(file: string, registry: string, signal?: AbortSignal): Promise<boolean> {
	const config = readConfig(file);
	const kept = objectIn(config, 'auths');
	const keys = keysOf(registry).filter((name) => name in kept);
	const helper = helperFor(config, registry);
	let erased = false;
	if (helper !== undefined) {
		const found = await askHelper(helper, 'get', { input: loginKeyOf(registry), registry, signal });
		if (found !== undefined) {
			await askHelper(helper, 'erase', { input: loginKeyOf(registry), registry, signal });
			erased = true;
		}
	}
	if (keys.length > 0) {
		const left = Object.fromEntries(Object.entries(kept).filter(([name]) => !keys.includes(name)));
		writeConfig(file, { ...config, auths: left });
	}
	return erased || keys.length > 0;
}

/** `config.json` as it is; an empty one where the file is missing. */
function readConfig(file: string): JsonObject {
	let bytes: Uint8Array;
	try {
		if (statSync(file).size > largestFile) {
			throw new EngineError('limit-exceeded', { what: `the file ${file}`, limit: 'it is larger than 1 MiB' });
		}
		bytes = readFileSync(file);
	} catch (error) {
		if (error instanceof EngineError) throw error;
		const code = codeOf(error);
		if (code === 'ENOENT' || code === 'ENOTDIR') return {};
		if (code === 'EACCES' || code === 'EPERM') {
			throw new EngineError('permission-denied', { operation: 'read', path: file }, { cause: error });
		}
		throw new EngineError('io-failed', { operation: 'read', path: file, code }, { cause: error });
	}
	if (bytes.length === 0) return {};
	return asObject(parseJson(bytes, source(file)), source(file));
}

/** Whole or not at all, and through a symlink to where it really lies. */
function writeConfig(file: string, config: JsonObject): void {
	const target = resolved(file);
	const unfinished = `${target}.${process.pid}`;
	try {
		mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
		rmSync(unfinished, { force: true });
		writeFileSync(unfinished, `${JSON.stringify(config, undefined, '\t')}\n`, { mode: 0o600, flag: 'wx', flush: true });
		renameSync(unfinished, target);
	} catch (error) {
		rmSync(unfinished, { force: true });
		throw new EngineError('io-failed', { operation: 'write', path: file, code: codeOf(error) }, { cause: error });
	}
}

function resolved(file: string): string {
	try {
		return realpathSync(file);
	} catch {
		return file;
	}
}

function helperFor(config: JsonObject, registry: string): string | undefined {
	const helpers = objectIn(config, 'credHelpers');
	const key = keysOf(registry).find((name) => typeof helpers[name] === 'string');
	const name = key === undefined ? config.credsStore : helpers[key];
	return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Keys that mean a registry, Docker's first; old files have URLs. */
function keysOf(registry: string): readonly string[] {
	const hub = registry === 'docker.io' ? ['index.docker.io', 'https://index.docker.io/v1', 'registry-1.docker.io'] : [];
	const hosts = [registry, ...hub];
	return [
		loginKeyOf(registry),
		...hosts,
		...hosts.flatMap((host) => [
			`https://${host}`,
			`https://${host}/`,
			`https://${host}/v1/`,
			`https://${host}/v2/`,
			`http://${host}`,
			`http://${host}/`,
		]),
	];
}

function objectIn(config: JsonObject, name: string): JsonObject {
	const value = config[name];
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function credentialsOfEntry(entry: JsonObject, file: string): Credentials | undefined {
	if (typeof entry.identitytoken === 'string' && entry.identitytoken !== '') {
		return { type: 'identity-token', token: entry.identitytoken };
	}
	if (typeof entry.auth === 'string' && entry.auth !== '') {
		const text = Buffer.from(entry.auth, 'base64').toString('utf8');
		const colon = text.indexOf(':');
		if (colon <= 0) {
			throw new EngineError('corrupt', { what: 'the file', where: file, why: 'a login in it is not user:password' });
		}
		// Docker pads some with NULs.
		return { type: 'password', user: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
	}
	return credentialsFrom(entry.username, entry.password);
}

function credentialsFrom(user: unknown, secret: unknown): Credentials | undefined {
	if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
	if (user === tokenUser) return { type: 'identity-token', token: secret };
	return user === '' ? undefined : { type: 'password', user, password: secret };
}

function source(file: string): { readonly what: string; readonly where: string } {
	return { what: 'the file', where: file };
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
