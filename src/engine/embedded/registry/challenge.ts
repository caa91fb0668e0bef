/** What a 401 asks for. */
export type Challenge =
	| { readonly scheme: 'basic' }
	| {
			readonly scheme: 'bearer';
			/** Where tokens are to be had. */
			readonly realm: string;
			readonly service: string | undefined;
			readonly scope: string | undefined;
	  };

const longestHeader = 8 * 1024;

/**
 * Reads `WWW-Authenticate`; of several challenges the first that we know, bearer before basic. undefined where none
 * is. Bounded work, whatever the header says.
 * Spec: RFC 9110 11.6.1; distribution token specification (v2.8.3)
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
	if (header === undefined || header.length > longestHeader) return undefined;
	const challenges = splitChallenges(header);
	const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
	if (bearer !== undefined) {
		return {
			scheme: 'bearer',
			realm: bearer.parameters.get('realm') ?? '',
			service: bearer.parameters.get('service'),
			scope: bearer.parameters.get('scope'),
		};
	}
	return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined;
}

interface RawChallenge {
	readonly scheme: string;
	readonly parameters: Map<string, string>;
}

/** `scheme name=value, name="va\"lue", scheme …`: a word that no `=` follows begins the next challenge. */
function splitChallenges(header: string): readonly RawChallenge[] {
	const found: RawChallenge[] = [];
	const token = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/y;
	for (;;) {
		const match = token.exec(header);
		if (match === null) return found;
		const [, name = '', quoted, plain] = match;
		const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
		if (value === undefined) found.push({ scheme: name.toLowerCase(), parameters: new Map() });
		else {
			const parameters = found.at(-1)?.parameters;
			if (parameters !== undefined && !parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
		}
	}
}
