import { describe, expect, test } from 'vitest';
import { parseTemplate } from '../../src/cli/template.ts';
import { dictionary } from '../../src/cli/template-values.ts';

const data = {
	ID: 'abc123',
	Names: 'web',
	Size: 42,
	Empty: '',
	State: { Status: 'running', Running: true, Pid: 17 },
	Env: ['PATH=/bin', 'HOME=/'],
	None: [],
	Null: null,
	Mounts: [
		{ Source: '/a', RW: true },
		{ Source: '/b', RW: false },
	],
	Labels: dictionary([
		['b.key', '2'],
		['a', '1'],
	]),
};

describe('a template', () => {
	test.each([
		['{{.ID}}', 'abc123'],
		['{{ .ID }}: {{.Names}}', 'abc123: web'],
		['{{.State.Status}}', 'running'],
		['{{.Size}} {{.State.Running}}', '42 true'],
		['{{.Env}}', '[PATH=/bin HOME=/]'],
		['{{.Labels}}', 'map[a:1 b.key:2]'],
		['{{.Null}}', '<no value>'],
		['{{json .Env}}', '["PATH=/bin","HOME=/"]'],
		['{{json .State}}', '{"Status":"running","Running":true,"Pid":17}'],
		['{{.Env | json}}', '["PATH=/bin","HOME=/"]'],
		['{{join .Env ", "}}', 'PATH=/bin, HOME=/'],
		['{{index .Labels "b.key"}}', '2'],
		['{{index .Labels "missing"}}', ''],
		['{{.Labels.missing}}', ''],
		['{{index .Env 1}}', 'HOME=/'],
		['{{(index .Mounts 1).Source}}', '/b'],
		['{{len .Env}} {{len .ID}}', '2 6'],
		['{{upper .Names}} {{lower "ABC"}} {{title "ab cd"}}', 'WEB abc Ab Cd'],
		['{{truncate .ID 3}}', 'abc'],
		['{{index (split .ID "c") 0}}', 'ab'],
		['{{.Names | upper | json}}', '"WEB"'],
		['{{range .Env}}<{{.}}>{{end}}', '<PATH=/bin><HOME=/>'],
		['{{range .Mounts}}{{.Source}}{{if .RW}} rw{{end}};{{end}}', '/a rw;/b;'],
		['{{range $k, $v := .Labels}}{{$k}}={{$v}},{{end}}', 'a=1,b.key=2,'],
		['{{range $i, $m := .Mounts}}{{$i}}{{$m.Source}}{{end}}', '0/a1/b'],
		['{{range .None}}x{{else}}nothing{{end}}', 'nothing'],
		['{{range .Mounts}}{{$.ID}}{{end}}', 'abc123abc123'],
		['{{if .Empty}}yes{{else}}no{{end}}', 'no'],
		['{{if .Empty}}a{{else if .ID}}b{{else}}c{{end}}', 'b'],
		['{{if eq .State.Status "running"}}up{{end}}', 'up'],
		['{{if eq .Names "a" "web"}}either{{end}}', 'either'],
		['{{if and .ID (not .Empty) (gt .Size 40)}}all{{end}}', 'all'],
		['{{if or .Empty .Null}}a{{else}}neither{{end}}', 'neither'],
		['{{eq (index .Env 0) .ID}}', 'false'],
		['{{with .State}}{{.Pid}}{{end}}', '17'],
		['{{$x := .ID}}{{$x}}!', 'abc123!'],
		['a {{- .ID -}} b', 'aabc123b'],
		['{{"quoted }} \\"text\\""}}', 'quoted }} "text"'],
		['no actions', 'no actions'],
	])('%s gives %s', (template, text) => {
		expect(parseTemplate(template)(data)).toBe(text);
	});

	test.each([
		['{{.Nope}}', 'there is no field ".Nope"; there are ID, Names'],
		['{{.State.Nope}}', 'there is no field ".Nope"; there are Status, Running, Pid'],
		['{{.ID.Nope}}', '.Nope is asked of the text "abc123"'],
		['{{nope .ID}}', 'there is no function "nope"'],
		['{{constructor}}', 'there is no function "constructor"'],
		['{{.ID', 'has no closing "}}"'],
		['{{}}', 'an action is empty'],
		['{{if .ID}}x', 'an {{end}} is missing'],
		['x{{end}}', 'stands where nothing is open'],
		['{{.ID .Names}}', 'only a function can take arguments'],
		['{{index .Env 5}}', 'outside of a list of 2'],
		['{{join .ID ","}}', 'join needs a list'],
		['{{len .Size}}', 'len is asked of the number "42"'],
		['{{$y}}', 'the variable $y is not set'],
		['{{(.ID}}', 'a ")" is missing'],
		['{{.ID ~}}', 'is not understood'],
	])('%s is refused: %s', (template, why) => {
		expect(() => parseTemplate(template)(data)).toThrow(why);
	});

	test('never reaches what a value inherits', () => {
		for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
			expect(() => parseTemplate(`{{.${name}}}`)(data)).toThrow('there is no field');
			expect(parseTemplate(`{{.Labels.${name}}}`)(data)).toBe('');
		}
	});
});
