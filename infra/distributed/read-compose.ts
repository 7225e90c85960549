import { readFile } from 'node:fs/promises';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { interpolate } from './interpolate.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      /** Ours alone are built; the others are engines. */
      build: z.unknown().optional(),
      command: z.array(scalar).optional(),
      environment: z.record(z.string(), scalar).optional(),
    }),
  ),
});

/** One of our processes as docker-compose.yml has it. */
export interface ComposeProcess {
  /** Of the service, which is also its host name in there. */
  readonly name: string;
  /** `node` and what follows it. */
  readonly command: readonly string[];
  /** With the variables put in. */
  readonly environment: { readonly [name: string]: string };
}

/**
 * The processes that docker-compose.yml builds itself, in its order. `env` is what its variables are taken from. Throws `config_invalid` for
 * a file that is not as ours is, and for a variable that it requires.
 */
export async function readCompose(
  path: string,
  env: { readonly [name: string]: string | undefined },
): Promise<readonly ComposeProcess[]> {
  const parsed = composeSchema.safeParse(parse(await readFile(path, 'utf8'), { merge: true }));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const detail = `docker-compose.yml: ${issue?.path.join('.')} ${issue?.message}`;
    throw new TurnledgerError('config_invalid', { detail });
  }
  return Object.entries(parsed.data.services)
    .filter(([, { build }]) => build !== undefined)
    .map(([name, { command = [], environment = {} }]) => ({
      name,
      command: command.map((word) => interpolate(word, env)),
      environment: Object.fromEntries(
        Object.entries(environment).map(([variable, value]) => [variable, interpolate(value, env)]),
      ),
    }));
}
