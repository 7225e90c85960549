import { limits } from '../../contracts/index.ts';

type Encode = (text: string) => readonly number[];

let encoder: Promise<Encode> | undefined;

/** The o200k vocabulary takes some 200 ms and 60 MB to load, so it comes with the first count, or when a process warms up. */
const loadEncoder = (): Promise<Encode> => {
  encoder ??= import('gpt-tokenizer/encoding/o200k_base').then(
    ({ encode }) =>
      (text) =>
        encode(text, { disallowedSpecial: new Set() }),
  );
  return encoder;
};

const { maxRunChars } = limits.tokens;
const longRun = new RegExp(`\\S{${maxRunChars + 1},}|\\s{${maxRunChars + 1},}`, 'gu');
const runPiece = new RegExp(`.{1,${maxRunChars}}`, 'gsu');

/** Long runs are spaced out before counting: encoding one is quadratic in its length (32 KiB of one letter, or of blanks: 0.4 to 0.7 s). */
const broken = (text: string): string =>
  text.replace(longRun, (run) => (run.match(runPiece) ?? [run]).join(run.trim() === '' ? '.' : ' '));

/**
 * The tokens of a text by OpenAI's o200k encoding: exact for their newer models, an estimate for others. Counted once, when a text is
 * recorded; a prompt is budgeted from recorded counts.
 */
export async function countTokens(text: string): Promise<number> {
  const encode = await loadEncoder();
  return encode(broken(text)).length;
}

/** Loads the vocabulary ahead of the first request. */
export const warmTokenCounter = async (): Promise<void> => {
  await countTokens('warm');
};
