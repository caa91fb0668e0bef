import { createContext, use } from 'react';
import { type Glyphs, unicodeGlyphs } from './glyphs.ts';

/** The glyphs that every component below draws with; `<GlyphContext value={asciiGlyphs}>` for a plain terminal. */
export const GlyphContext = createContext<Glyphs>(unicodeGlyphs);

/** The glyphs in force here. */
export function useGlyphs(): Glyphs {
	return use(GlyphContext);
}
