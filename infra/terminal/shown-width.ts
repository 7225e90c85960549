import { eastAsianWidth } from 'get-east-asian-width';

/** What takes no column: it stands on the letter before it. */
const mark = /\p{M}/u;

/** How many columns of a terminal a visible line takes, as most terminals have it: East Asian wide letters and emoji two each (UAX #11). */
export function shownWidth(line: string): number {
  let columns = 0;
  for (const letter of line) if (!mark.test(letter)) columns += eastAsianWidth(letter.codePointAt(0) ?? 0);
  return columns;
}
