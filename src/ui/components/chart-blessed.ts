/**
 * What chart widgets need of the `blessed` package, which stands in for it in the bundle: a box with a size whose
 * `attach` event happens at once. There is no screen behind it, so a widget draws into its own canvas and nowhere else.
 */

/** A widget as its constructor sees itself. */
export interface BoxFields {
	width: number;
	height: number;
}

/** The root of blessed's classes; widgets ask `this instanceof Node`. */
export function Node(): void {}

/** The parent constructor of every chart widget: takes over the size. Called as a function, as the widgets do. */
export function Box(this: BoxFields, options: BoxFields): void {
	this.width = options.width;
	this.height = options.height;
}

Box.prototype = Object.create(Node.prototype, {
	on: {
		value(this: BoxFields, event: string, listener: () => void) {
			if (event === 'attach') listener.call(this);
		},
	},
});
