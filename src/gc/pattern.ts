/**
 * True where the whole of `name` fits: `*` stands for any characters, `/` and none among them, `?` for one. Case
 * counts. Never slower than the product of the lengths, whatever the pattern.
 */
export function matchesPattern(pattern: string, name: string): boolean {
	let at = 0;
	let place = 0;
	let star = -1;
	let resumeAt = 0;
	while (at < name.length) {
		const wanted = pattern[place];
		if (wanted === '*') {
			star = place++;
			resumeAt = at;
		} else if (wanted !== undefined && (wanted === '?' || wanted === name[at])) {
			place++;
			at++;
		} else if (star !== -1) {
			// The last star takes one character more.
			place = star + 1;
			at = ++resumeAt;
		} else return false;
	}
	while (pattern[place] === '*') place++;
	return place === pattern.length;
}
