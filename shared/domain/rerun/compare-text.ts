import { isSame } from '../json-tree.ts';
import type { Json } from '../secret.ts';

/** A letter of a script that puts no spaces between its words: each counts as a word. */
const lone = String.raw`(?=\p{L})[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;
const letter = String.raw`(?!${lone})\p{L}`;
const inner = String.raw`(?:${letter}|[\p{M}\p{N}])`;

/** A lone letter with its marks; a word, with apostrophes and hyphens inside of it; a number. */
const word = new RegExp(String.raw`${lone}\p{M}*|${letter}${inner}*(?:['-]${inner}+)*|\p{N}+`, 'gu');

/** How often each word stands in a text, whatever its case, its form in Unicode and the shape of its apostrophes. */
function wordCounts(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const plain = text.normalize('NFC').toLowerCase().replaceAll('’', "'");
  for (const [found] of plain.matchAll(word)) counts.set(found, (counts.get(found) ?? 0) + 1);
  return counts;
}

const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, one) => sum + one, 0);

/**
 * How alike two texts are by their words, 0 to 1: twice the words that both have, over all the words of both (Dice 1945, Sørensen 1948, over
 * multisets). The order of words does not count. Texts that have no word are alike only where they are equal.
 */
export function textSimilarity(one: string, other: string): number {
  const [ours, theirs] = [wordCounts(one), wordCounts(other)];
  const words = total(ours) + total(theirs);
  if (words === 0) return one === other ? 1 : 0;
  let shared = 0;
  for (const [found, count] of ours) shared += Math.min(count, theirs.get(found) ?? 0);
  return (2 * shared) / words;
}

/** What became of a move when its turn was asked again: as JSON, members in any order. */
export function compareMoves(
  recorded: Json | undefined,
  repeated: Json | undefined,
): 'none' | 'same' | 'changed' | 'added' | 'removed' {
  if (recorded === undefined) return repeated === undefined ? 'none' : 'added';
  if (repeated === undefined) return 'removed';
  return isSame(recorded, repeated) ? 'same' : 'changed';
}
