import { parseArgs } from 'node:util';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { type KafkaConfig, kafkaConnection, kafkaFields, signInMistakes } from '@turnledger/shared/runtime';
import { z } from 'zod';

const { defaultListed, maxListed } = limits.parked;

export const PARKED_USAGE = `npm run parked -- [--json] [--max N]

Lists what the projectors and the workers of the distributed mode put aside since they could not use it, the newest first.
  --json       everything that is known of each, a foreign message's text too
  --max ${defaultListed}    of each of the two kinds, at most ${maxListed}
Reads DATABASE_URL, KAFKA_BROKERS and what belongs to it, TURNLEDGER_TOPIC_PREFIX; changes nothing.
infra/docs/parked.md says what to do about each reason.`;

/** What to list, from where. */
export interface ParkedQuestion {
  readonly max: number;
  readonly isJson: boolean;
  readonly databaseUrl: string;
  readonly kafka: KafkaConfig;
  readonly topicPrefix: string;
}

const environment = z.object({
  DATABASE_URL: z.string('must be set').regex(/^postgres(ql)?:\/\/\S+$/, 'must be a postgres:// URL'),
  ...kafkaFields,
});

const refuse = (lines: readonly string[]): TurnledgerError =>
  new TurnledgerError('config_invalid', { detail: lines.join('\n') });

/** Reads flags and variables; other variables are left alone. Throws `config_invalid` with a line for each mistake, none with a secret. */
export function readParkedQuestion(
  flags: readonly string[],
  env: { readonly [name: string]: string | undefined },
): ParkedQuestion | 'help' {
  const { json, max, help } = readFlags(flags);
  if (help) return 'help';
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  const mistakes = [
    ...(parsed.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? []),
    ...(given.KAFKA_BROKERS === undefined ? ['KAFKA_BROKERS must be set'] : []),
    ...signInMistakes(given),
    ...(/^[1-9]\d{0,5}$/.test(max) && Number(max) <= maxListed ? [] : [`--max must be from 1 to ${maxListed}`]),
  ];
  if (!parsed.success || mistakes.length > 0) throw refuse(mistakes);
  const { DATABASE_URL: databaseUrl, TURNLEDGER_TOPIC_PREFIX: topicPrefix } = parsed.data;
  return { max: Number(max), isJson: json, databaseUrl, kafka: kafkaConnection(parsed.data), topicPrefix };
}

function readFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        max: { type: 'string', default: String(defaultListed) },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    throw refuse([error instanceof Error ? error.message : String(error)]);
  }
}
