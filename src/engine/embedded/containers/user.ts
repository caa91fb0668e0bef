import { EngineError } from '../../errors.ts';

/** Who a container's process is. */
export interface ResolvedUser {
	readonly uid: number;
	readonly gid: number;
	/** With the primary group in front, so that dropping groups cannot widen what a file's mode grants. */
	readonly additionalGids: readonly number[];
	readonly home: string;
}

/** The root filesystem's own account files; undefined where there is none. */
export interface AccountFiles {
	readonly passwd: string | undefined;
	readonly group: string | undefined;
}

interface Account {
	readonly name: string;
	readonly uid: number;
	readonly gid: number;
	readonly home: string;
}

interface Group {
	readonly name: string;
	readonly gid: number;
	readonly members: readonly string[];
}

/** As the kernel's and the runtime's own bound. */
const largestId = 2 ** 31 - 1;

/**
 * Who `user[:group]` is: names and numbers alike, looked up in the container's own files as Docker does. Without a
 * group the account's own one and those that list it as a member. An empty text is root.
 * @throws EngineError invalid-argument
 */
export function resolveUser(text: string, files: AccountFiles): ResolvedUser {
	const [userText = '', groupText = ''] = splitOnce(text);
	const wanted = userText === '' ? '0' : userText;
	const account = accountsFrom(files.passwd).find(({ name, uid }) => name === wanted || String(uid) === wanted);
	const uid = account?.uid ?? parseId(wanted);
	if (uid === undefined) throw unknown('user', wanted, 'passwd');
	const groups = groupsFrom(files.group);
	const gid = groupText === '' ? (account?.gid ?? 0) : gidOf(groupText, groups);
	const memberships =
		groupText === '' && account !== undefined
			? groups.filter(({ members }) => members.includes(account.name)).map((group) => group.gid)
			: [];
	return { uid, gid, additionalGids: [...new Set([gid, ...memberships])], home: account?.home || '/' };
}

/** The same user with more groups, by name or number. @throws EngineError invalid-argument */
export function addGroups(user: ResolvedUser, texts: readonly string[], files: AccountFiles): ResolvedUser {
	const groups = groupsFrom(files.group);
	const added = texts.map((text) => gidOf(text, groups));
	return { ...user, additionalGids: [...new Set([...user.additionalGids, ...added])] };
}

function gidOf(text: string, groups: readonly Group[]): number {
	const gid = groups.find((group) => group.name === text || String(group.gid) === text)?.gid ?? parseId(text);
	if (gid === undefined) throw unknown('group', text, 'group');
	return gid;
}

function splitOnce(text: string): readonly string[] {
	const cut = text.indexOf(':');
	return cut < 0 ? [text] : [text.slice(0, cut), text.slice(cut + 1)];
}

/** Spec: passwd(5) */
function accountsFrom(text: string | undefined): readonly Account[] {
	return lines(text).flatMap((line) => {
		const [name = '', , uidText = '', gidText = '', , home = ''] = line.split(':');
		const uid = parseId(uidText);
		const gid = parseId(gidText);
		return name === '' || uid === undefined || gid === undefined ? [] : [{ name, uid, gid, home }];
	});
}

/** Spec: group(5) */
function groupsFrom(text: string | undefined): readonly Group[] {
	return lines(text).flatMap((line) => {
		const [name = '', , gidText = '', members = ''] = line.split(':');
		const gid = parseId(gidText);
		return name === '' || gid === undefined ? [] : [{ name, gid, members: members.split(',') }];
	});
}

function lines(text: string | undefined): readonly string[] {
	return (text ?? '').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

function parseId(text: string): number | undefined {
	return /^\d{1,10}$/.test(text) && Number(text) <= largestId ? Number(text) : undefined;
}

function unknown(what: 'user' | 'group', name: string, file: string): EngineError<'invalid-argument'> {
	return new EngineError('invalid-argument', {
		argument: `the ${what} "${name}"`,
		why: `the container's /etc/${file} has no such ${what}, and it is not a number up to ${largestId}`,
	});
}
