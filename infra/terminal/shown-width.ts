/** What takes two columns: East Asian wide and full-width letters by their blocks, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** What takes none: it stands on the letter before it. */
const mark = /\p{M}/u;

/** How many columns of a terminal a visible line takes, as most terminals have it. */
export function shownWidth(line: string): number {
  let columns = 0;
  for (const letter of line) if (!mark.test(letter)) columns += wide.test(letter) ? 2 : 1;
  return columns;
}
