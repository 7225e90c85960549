/**
 * What a terminal may take for a command, or show where it is not: control and format characters (escape sequences, a text turned round),
 * and the separators of lines.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The same, but for what a text of several lines needs: its line ends and tabs, and the joiners of Persian, Hindi and emoji. */
const unseenInText = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A foreign text as one line that no terminal takes for more than text; cut at `maxChars` characters. */
export const visible = (line: string, maxChars = Number.POSITIVE_INFINITY): string =>
  line.replaceAll(unseen, '�').slice(0, maxChars);

/** The same of a text of several lines, also piece by piece. A carriage return would write over its line, so it vanishes. */
export const visibleText = (text: string): string => text.replaceAll('\r', '').replaceAll(unseenInText, '�');

const escaped = (characters: string): string =>
  Array.from({ length: characters.length }, (_, index) => characters.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

/**
 * JSON that may be printed: JSON.stringify escapes the control characters below U+0020 alone, and 0x9B begins an escape sequence as well as
 * ESC [ does. It parses to the same value; in one line unless `indent` says how many blanks a level has.
 */
export function visibleJson(value: unknown, indent = 0): string {
  // The line ends that indentation brings are outside of strings; those inside are escaped already.
  return JSON.stringify(value, null, indent).replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}
