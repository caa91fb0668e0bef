import { useInput } from 'ink';
import type { ReactNode } from 'react';
import type { Action } from './actions.ts';
import { GlyphContext } from './components/glyph-context.tsx';
import { type Glyphs, unicodeGlyphs } from './components/glyphs.ts';
import { StoreContext } from './hooks/use-app-state.ts';
import { chordsOf } from './resolve-key.ts';
import { Frame } from './screens/frame.tsx';
import type { AppState } from './state.ts';
import type { Store } from './store.ts';

/** What the application needs: the state, what to do with a key, and the signs that the terminal can show. */
export interface AppProps {
	readonly store: Store<AppState, Action>;
	/** One chord at a time, as `keymap.ts` writes them. */
	readonly onChord: (chord: string) => void;
	readonly glyphs?: Glyphs;
}

/** The whole screen. The only place that listens to keys. */
export function App({ store, onChord, glyphs = unicodeGlyphs }: AppProps): ReactNode {
	useInput((input, key) => {
		for (const chord of chordsOf(input, key)) onChord(chord);
	});
	return (
		<StoreContext value={store}>
			<GlyphContext value={glyphs}>
				<Frame />
			</GlyphContext>
		</StoreContext>
	);
}
