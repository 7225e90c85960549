import { type ParseArgsConfig, parseArgs } from 'node:util';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { z } from 'zod';

/** A number between bounds, from a command line. */
export const numberOption = (min: number, max: number, fallback: number) =>
  z.coerce.number().min(min).max(max).default(fallback);

/** Whole numbers between bounds, separated by commas; at most 16 of them. */
export const listOption = (min: number, max: number, fallback: readonly number[]) =>
  z
    .string()
    .default(fallback.join(','))
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.int().min(min).max(max)).min(1).max(16));

/** Some of these words, separated by commas. */
export const wordsOption = <const Word extends string>(words: readonly [Word, ...Word[]]) =>
  z
    .string()
    .default(words.join(','))
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(words)).min(1));

export const flagOption = z.boolean().default(false);

/** How long one round lasts at most, and how often it is repeated: a benchmark is bounded, however it is called. */
export const roundOptions = {
  seconds: numberOption(0.1, 60, 3),
  rounds: numberOption(1, 50, 5),
  'warm-up-seconds': numberOption(0.1, 60, 2),
};

/** The shape of the load, alike for every contender. */
export const conversationOptions = {
  'turns-per-session': numberOption(1, 900, 20),
  'window-turns': numberOption(0, 100, 20),
};

/**
 * Reads `--name value` and `--flag` for a schema of options. Throws `config_invalid` with a line for each mistake; unknown names are
 * mistakes.
 */
export function readOptions<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  args: readonly string[],
): z.infer<z.ZodObject<Shape>> {
  const isFlag = (field: unknown) => field === flagOption;
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [
      name,
      { type: isFlag(field) ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const refuse = (detail: string) => new TurnledgerError('config_invalid', { detail });
  let values: object;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success)
    throw refuse(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
  return parsed.data;
}
