import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { buildProgram } from '../src/cli/program.ts';
import { verbGroups } from '../src/cli/run-cli.ts';

const heading = `# The command line

Generated from the program's own \`--help\` by \`npm run docs\`.

Options stand before the operands, and those of \`tonnage\` itself before the command. Every listing has \`--format\`:
\`table\`, \`json\` (one object a line, with Docker's field names), a template with the fields of that JSON
(\`{{.Field}}\`, \`json\`, \`join\`, \`split\`, \`index\`, \`len\`, \`range\`, \`if\`, \`with\`, \`eq\`, \`ne\`, \`and\`, \`or\`, \`not\`, \`upper\`,
\`lower\`, \`title\`, \`truncate\`; \`\\t\` and \`\\n\`), or \`table\` and a template. A field that does not exist is an error.
Data goes to standard output, everything else to standard error.
`;

/** The text of docs/cli.md: the help of every command, shortcuts told with what they are short for. */
export function cliDocument(): string {
	const program = buildProgram(verbGroups, { dispatch: async () => {}, writeHelp: () => {} });
	const shortcuts = new Set(
		verbGroups.flatMap(({ noun, verbs }) => (noun ? verbs.map(({ shortcut }) => shortcut) : [])),
	);
	const sections = [section('tonnage', program)];
	for (const command of program.commands) {
		if (shortcuts.has(command.name()) || command.name() === 'help') continue;
		const verbs = verbGroups.find(({ noun }) => noun === command.name())?.verbs ?? [];
		if (verbs.length === 0) sections.push(section(`tonnage ${command.name()}`, command));
		for (const verb of command.commands) {
			const shortcut = verbs.find(({ name }) => name === verb.name())?.shortcut;
			const short = shortcut === undefined ? '' : `, \`tonnage ${shortcut}\``;
			sections.push(section(`tonnage ${command.name()} ${verb.name()}`, verb, short));
		}
	}
	return `${heading}\n${sections.join('\n')}`;
}

function section(title: string, command: Command, short = ''): string {
	let help = '';
	command.configureOutput({
		writeOut: (text) => {
			help += text;
		},
	});
	command.outputHelp();
	return `## \`${title}\`${short}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	writeFileSync(new URL('../docs/cli.md', import.meta.url), cliDocument());
}
