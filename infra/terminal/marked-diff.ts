import { limits } from '@turnledger/shared/contracts';
import { diffArrays } from 'diff';
import { visibleText } from './visible.ts';

/** How words that are gone, and words that are new, are marked; they may not be empty. */
export interface DiffMarks {
  removed(text: string): string;
  added(text: string): string;
}

const [RED, GREEN, PLAIN] = ['\u001b[31m', '\u001b[32m', '\u001b[39m'];

const plainMarks: DiffMarks = { removed: (text) => `[-${text}-]`, added: (text) => `{+${text}+}` };
const colouredMarks: DiffMarks = {
  removed: (text) => `${RED}${plainMarks.removed(text)}${PLAIN}`,
  added: (text) => `${GREEN}${plainMarks.added(text)}${PLAIN}`,
};

/** The marks stand in colours as well: what is copied off a terminal, or seen without red and green, says the same. */
export const diffMarks = (hasColours: boolean): DiffMarks => (hasColours ? colouredMarks : plainMarks);

/** A letter of a script that puts no spaces between its words counts as one. */
const lone = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;
const token = new RegExp(String.raw`\s+|(?:(?!${lone})[\p{L}\p{N}]\p{M}*)+|[^]\p{M}*`, 'gu');
const tokensOf = (text: string): string[] => text.match(token) ?? [];

/** A stretch of two texts; the same in both where the two members are equal. */
interface Stretch {
  readonly removed: string;
  readonly added: string;
}

const isChange = (stretch: Stretch | undefined): stretch is Stretch =>
  stretch !== undefined && stretch.removed !== stretch.added;
const joined = (...stretches: readonly Stretch[]): Stretch => ({
  removed: stretches.map(({ removed }) => removed).join(''),
  added: stretches.map(({ added }) => added).join(''),
});

/** Changes that only a blank keeps apart are one: `[-At the-]{+In an+}` is read at a glance, word after word is not. */
function stretchesOf(recorded: string, repeated: string): readonly Stretch[] {
  const { maxDiffEdits: maxEditLength } = limits.commandLine;
  const parts = diffArrays(tokensOf(recorded), tokensOf(repeated), { maxEditLength });
  if (!parts) return [{ removed: recorded, added: repeated }];
  const found: Stretch[] = [];
  for (const { value, added, removed } of parts) {
    const text = value.join('');
    const stretch = { removed: added ? '' : text, added: removed ? '' : text };
    const [before, blank] = [found.at(-2), found.at(-1)];
    if (isChange(stretch) && isChange(blank)) found.splice(-1, 1, joined(blank, stretch));
    else if (isChange(stretch) && isChange(before) && blank && /^[^\S\n]+$/.test(blank.added)) {
      found.splice(-2, 2, joined(before, blank, stretch));
    } else found.push(stretch);
  }
  return found;
}

/**
 * Two texts as one, word by word, with what is gone and what is new marked. Texts with less in common than limits.commandLine.maxDiffEdits
 * allows are marked whole. Both may be foreign: no control character of them is left.
 */
export function markedDiff(recorded: string, repeated: string, marks: DiffMarks): string {
  return stretchesOf(recorded, repeated)
    .map((stretch) => {
      const [removed, added] = [visibleText(stretch.removed), visibleText(stretch.added)];
      if (!isChange(stretch)) return added;
      return `${removed && marks.removed(removed)}${added && marks.added(added)}`;
    })
    .join('');
}
