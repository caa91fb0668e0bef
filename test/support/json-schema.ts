/** A schema as JSON; only the keywords that `violations` knows. Spec: json-schema.org draft 2020-12 */
type Schema = Readonly<Record<string, unknown>>;

const annotations = ['$schema', '$id', '$defs', 'title', 'description'];

/**
 * What of a document breaks a schema, as `path: what`. Knows a part of the keywords, and throws at any other one, so
 * that nothing in a schema goes unchecked.
 */
export function violations(root: Schema, document: unknown): readonly string[] {
	const found: string[] = [];
	check(root, document, '');
	return found;

	function check(schema: Schema, value: unknown, path: string): void {
		const fail = (why: string) => found.push(`${path === '' ? '/' : path}: ${why}`);
		for (const [keyword, wanted] of Object.entries(schema)) {
			if (annotations.includes(keyword)) continue;
			switch (keyword) {
				case '$ref':
					check(resolve(String(wanted)), value, path);
					break;
				case 'type':
					if (!isOfType(value, String(wanted))) fail(`is not of type ${wanted}`);
					break;
				case 'const':
					if (value !== wanted) fail(`is not ${JSON.stringify(wanted)}`);
					break;
				case 'enum':
					if (!(wanted as unknown[]).includes(value)) fail(`${JSON.stringify(value)} is none of the values`);
					break;
				case 'pattern':
					if (typeof value === 'string' && !new RegExp(String(wanted), 'u').test(value))
						fail('does not fit the pattern');
					break;
				case 'minimum':
					if (typeof value === 'number' && value < Number(wanted)) fail(`is below ${wanted}`);
					break;
				case 'items':
					if (Array.isArray(value))
						for (const [at, item] of value.entries()) check(wanted as Schema, item, `${path}/${at}`);
					break;
				case 'oneOf': {
					const fitting = (wanted as Schema[]).filter(
						(each) => violations({ ...each, $defs: root.$defs }, value).length === 0,
					);
					if (fitting.length !== 1) fail(`fits ${fitting.length} of the alternatives`);
					break;
				}
				case 'required':
					for (const name of wanted as string[])
						if (isObject(value) && !Object.hasOwn(value, name)) fail(`lacks ${name}`);
					break;
				case 'properties':
					for (const [name, each] of Object.entries(wanted as Record<string, Schema>)) {
						if (isObject(value) && Object.hasOwn(value, name)) check(each, value[name], `${path}/${name}`);
					}
					break;
				case 'additionalProperties':
					for (const name of isObject(value) ? Object.keys(value) : []) {
						if (Object.hasOwn((schema.properties ?? {}) as object, name)) continue;
						if (wanted === false) fail(`has the unknown member ${name}`);
						else check(wanted as Schema, (value as Record<string, unknown>)[name], `${path}/${name}`);
					}
					break;
				default:
					throw new Error(`this validator does not know the keyword ${keyword}`);
			}
		}
	}

	function resolve(reference: string): Schema {
		const name = /^#\/\$defs\/(\w+)$/.exec(reference)?.[1] ?? '';
		const target = (root.$defs as Record<string, Schema>)[name];
		if (target === undefined) throw new Error(`the schema has no ${reference}`);
		return target;
	}
}

function isOfType(value: unknown, type: string): boolean {
	switch (type) {
		case 'array':
			return Array.isArray(value);
		case 'object':
			return isObject(value);
		case 'integer':
			return Number.isInteger(value);
		default:
			return typeof value === type;
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
