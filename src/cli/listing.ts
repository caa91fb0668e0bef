import type { CliContext } from './context.ts';
import { UsageError } from './failure.ts';
import { printable } from './printable.ts';
import { renderTable } from './table.ts';
import { parseTemplate, type Template } from './template.ts';
import type { VerbOption } from './verb.ts';

/** One field of a listing: Docker's name is its key. */
export interface ListingField<Row> {
	/** Over its column. */
	readonly header: string;
	readonly value: (row: Row) => unknown;
}

/** What can be shown of each row of a listing. */
export type ListingFields<Row> = Readonly<Record<string, ListingField<Row>>>;

/** How one call wants its rows. */
export interface ListingRequest<Row> {
	readonly fields: ListingFields<Row>;
	/** Names of the fields that the plain table has. */
	readonly columns: readonly string[];
	readonly rows: readonly Row[];
	/** As typed: `table`, `json`, a template, or nothing. */
	readonly format: string | undefined;
	/** With `-q`: the one field to print. */
	readonly quiet?: string | undefined;
}

/** The option that every listing has. */
export const formatOption: VerbOption = {
	flags: '--format <format>',
	description: '"table", "json" (one object a line), a template such as "{{.ID}}", or "table" and a template',
};

/** The option that every listing with long ids has. */
export const noTruncateOption: VerbOption = { flags: '--no-trunc', description: 'Do not shorten ids and texts' };

/** Prints rows as a table, as JSON lines, by a template, or one field a line. @throws UsageError for a bad format */
export function printListing<Row>(context: CliContext, request: ListingRequest<Row>): void {
	const text = renderListing(request);
	if (text !== '') context.host.stdout.write(text);
}

/** The text of a listing; empty where there is nothing to print. Pure. @throws UsageError for a bad format */
export function renderListing<Row>(request: ListingRequest<Row>): string {
	const { fields, rows } = request;
	const format = request.format?.trim() ?? '';
	if (request.quiet !== undefined && (format === '' || format === 'table')) {
		return rows.map((row) => `${printable(String(fieldNamed(fields, request.quiet ?? '').value(row)))}\n`).join('');
	}
	if (format === '' || format === 'table') {
		return tableText(request, request.columns.map((name) => `{{.${name}}}`).join('\t'));
	}
	if (format === 'json') return rows.map((row) => `${JSON.stringify(jsonOf(fields, row))}\n`).join('');
	if (/^table\s/.test(format)) return tableText(request, unescapeFormat(format.replace(/^table\s+/, '')));
	const template = parseTemplate(unescapeFormat(format));
	return rows.map((row) => `${cleaned(template(viewOf(fields, row)))}\n`).join('');
}

/** Rows as objects with Docker's field names, for `--format json`. */
export function listingRows<Row>(fields: ListingFields<Row>, rows: readonly Row[]): readonly object[] {
	return rows.map((row) => jsonOf(fields, row));
}

/** `\t` and `\n` as two typed characters, which is how they arrive from a shell's single quotes. */
export function unescapeFormat(format: string): string {
	return format.replace(/\\([tn\\])/g, (_, character: string) => ({ t: '\t', n: '\n' })[character] ?? character);
}

function tableText<Row>(request: ListingRequest<Row>, templateText: string): string {
	const template: Template = parseTemplate(templateText);
	const header = template(headersOf(request.fields));
	const lines = [header, ...request.rows.map((row) => template(viewOf(request.fields, row)))];
	return renderTable(lines.map((line) => line.split('\t').map((cell) => printable(cell))));
}

/** A row as templates see it: Docker's names, worked out when asked for. */
function viewOf<Row>(fields: ListingFields<Row>, row: Row): object {
	const view = {};
	for (const [name, field] of Object.entries(fields)) {
		Object.defineProperty(view, name, { enumerable: true, get: () => field.value(row) });
	}
	Object.defineProperty(view, 'toJSON', { value: () => jsonOf(fields, row) });
	return view;
}

function headersOf<Row>(fields: ListingFields<Row>): object {
	return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.header]));
}

function jsonOf<Row>(fields: ListingFields<Row>, row: Row): object {
	return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value(row)]));
}

function fieldNamed<Row>(fields: ListingFields<Row>, name: string): ListingField<Row> {
	const field = fields[name];
	if (field === undefined) throw new UsageError(`There is no field ${name}.`);
	return field;
}

/** A template's own tabs and newlines are meant; those in the data were cleaned by nobody yet. */
function cleaned(text: string): string {
	return printable(text.replaceAll('\t', '\u{f0009}').replaceAll('\n', '\u{f000a}'))
		.replaceAll('\u{f0009}', '\t')
		.replaceAll('\u{f000a}', '\n');
}
