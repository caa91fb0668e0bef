import type { CliContext } from './context.ts';

/** One thing that can be asked for: everything that help, the parser and the documentation need. */
export interface Verb {
	/** Its word below the noun: `ls` in `image ls`. */
	readonly name: string;
	readonly aliases?: readonly string[];
	/** Its word without the noun, where Docker has one: `images`. */
	readonly shortcut?: string;
	/** One line without a full stop. */
	readonly summary: string;
	/** More than a line, where the reader needs it. */
	readonly details?: string;
	readonly operands: readonly Operand[];
	readonly options: readonly VerbOption[];
	/** Complete command lines. */
	readonly examples: readonly string[];
	/** Options end at the second operand: what follows belongs to the container's command. */
	readonly passThrough?: true;
	/** Usage errors and failures become 125, as Docker's `run` has it. */
	readonly runsContainer?: true;
	/** Gives an exit code where it is not 0. */
	readonly run: (call: VerbCall) => Promise<number | undefined>;
}

/** One operand as the help shows it, in the order in which it is typed. */
export interface Operand {
	/** As help shows it: `IMAGE`, `CONTAINER`. */
	readonly name: string;
	readonly description: string;
	readonly optional?: true;
	readonly variadic?: true;
}

/** One option of a verb, in commander’s notation. */
export interface VerbOption {
	/** As commander reads it: `-f, --filter <filter>`. */
	readonly flags: string;
	readonly description: string;
	/** May be given several times. */
	readonly repeatable?: true;
}

/** A noun and what can be done with it; `undefined` as the noun means the top level only. */
export interface VerbGroup {
	readonly noun: string | undefined;
	readonly summary: string;
	readonly verbs: readonly Verb[];
}

/** What a verb is run with. */
export interface VerbCall {
	readonly context: CliContext;
	/** As typed, in order. */
	readonly operands: readonly string[];
	readonly options: OptionValues;
}

/** The options of one call, asked for by their long names. Asking for one that the verb does not declare is a defect. */
export class OptionValues {
	readonly #values: ReadonlyMap<string, unknown>;

	/** Keys are long names without dashes, a value for every option that the verb declares. */
	constructor(values: ReadonlyMap<string, unknown>) {
		this.#values = values;
	}

	flag(name: string): boolean {
		return this.#value(name) === true;
	}

	/** undefined where it was not given. */
	text(name: string): string | undefined {
		const value = this.#value(name);
		return typeof value === 'string' ? value : undefined;
	}

	/** Of a repeatable option; empty where it was not given. */
	texts(name: string): readonly string[] {
		const value = this.#value(name);
		return Array.isArray(value) ? value : [];
	}

	#value(name: string): unknown {
		if (!this.#values.has(name)) throw new Error(`the option --${name} is not declared`);
		return this.#values.get(name);
	}
}
