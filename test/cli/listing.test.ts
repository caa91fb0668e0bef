import { describe, expect, test } from 'vitest';
import { type ListingFields, renderListing } from '../../src/cli/listing.ts';

interface Ship {
	readonly name: string;
	readonly tons: number;
}

const fields: ListingFields<Ship> = {
	Name: { header: 'SHIP', value: ({ name }) => name },
	Tons: { header: 'TONS', value: ({ tons }) => tons },
};
const rows: readonly Ship[] = [
	{ name: 'Gorch Fock', tons: 1760 },
	{ name: 'Pamir', tons: 3020 },
];
const render = (format: string | undefined, quiet?: string, ships = rows) =>
	renderListing({ fields, columns: ['Name', 'Tons'], rows: ships, format, quiet });

describe('a listing', () => {
	test('is a table with Docker’s widths: ten columns at least, three spaces between, none at the end', () => {
		expect(render(undefined)).toBe('SHIP         TONS\nGorch Fock   1760\nPamir        3020\n');
		expect(render('table', undefined, [{ name: 'a', tons: 1 }])).toBe('SHIP      TONS\na         1\n');
	});

	test('has its header even where it is empty', () => {
		expect(render(undefined, undefined, [])).toBe('SHIP      TONS\n');
		expect(render('json', undefined, [])).toBe('');
	});

	test('is one JSON object a line', () => {
		expect(render('json')).toBe('{"Name":"Gorch Fock","Tons":1760}\n{"Name":"Pamir","Tons":3020}\n');
	});

	test('follows a template, whose \\t and \\n may be typed', () => {
		expect(render('{{.Name}}\\t{{.Tons}}')).toBe('Gorch Fock\t1760\nPamir\t3020\n');
		expect(render('{{json .}}', undefined, rows.slice(1))).toBe('{"Name":"Pamir","Tons":3020}\n');
	});

	test('follows a template as a table with the fields’ own headers', () => {
		expect(render('table {{.Tons}}\\t{{.Name}}')).toBe('TONS      SHIP\n1760      Gorch Fock\n3020      Pamir\n');
		expect(render('table {{upper .Name}}', undefined, rows.slice(1))).toBe('SHIP\nPAMIR\n');
	});

	test('refuses a field that does not exist, even without rows in a table', () => {
		expect(() => render('{{.Draught}}')).toThrow('there is no field ".Draught"; there are Name, Tons');
		expect(() => render('table {{.Draught}}', undefined, [])).toThrow('there is no field');
	});

	test('prints one field a line when quiet, unless a format says otherwise', () => {
		expect(render(undefined, 'Name')).toBe('Gorch Fock\nPamir\n');
		expect(render('{{.Tons}}', 'Name')).toBe('1760\n3020\n');
	});

	test('aligns by what a terminal shows, not by bytes', () => {
		const wide = [
			{ name: '船船船船船船', tons: 1 },
			{ name: 'e\u0301toile', tons: 2 },
		];
		expect(render(undefined, undefined, wide).split('\n').slice(1, 3)).toEqual([
			'船船船船船船   1',
			'e\u0301toile         2',
		]);
	});

	test('takes control characters out of what it shows, and leaves them escaped in JSON', () => {
		const hostile = [{ name: 'a\u001b]0;title\u0007b\nc\u001b[2Jd', tons: 1 }];
		expect(render(undefined, undefined, hostile)).toBe('SHIP      TONS\nab cd     1\n');
		expect(render('{{.Name}}', undefined, hostile)).not.toContain('\u001b');
		expect(render(undefined, 'Name', hostile)).toBe('ab cd\n');
		expect(render('json', undefined, hostile)).not.toContain('\u001b');
	});
});
