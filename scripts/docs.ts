/** Writes the pages below docs/ that are made from the program itself. A test fails when they are stale. */
import { writeFile } from 'node:fs/promises';
import { renderCliManual } from './cli-manual.ts';

await writeFile(new URL('../docs/cli.md', import.meta.url), renderCliManual());
