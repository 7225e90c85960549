import { listParkedMessages } from '@turnledger/shared/adapters/kafka';
import { listParkedEvents } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { isTurnledgerError, limits } from '@turnledger/shared/contracts';
import pg from 'pg';
import { PARKED_USAGE, type ParkedQuestion, readParkedQuestion } from './parked-flags.ts';
import { type ParkedListing, parkedJson, parkedText } from './parked-text.ts';

/** `npm run parked`: reads both places side by side and changes neither. */
async function list({ databaseUrl, kafka, topicPrefix, max }: ParkedQuestion): Promise<ParkedListing> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'turnledger-parked',
    connectionTimeoutMillis: limits.parked.connectTimeoutMs,
    max: 1,
  });
  try {
    const [events, messages] = await Promise.all([
      listParkedEvents(pool, max),
      listParkedMessages({
        connection: { ...kafka, clientId: 'turnledger-parked' },
        prefix: topicPrefix,
        clock,
        ids,
        max,
        report: () => undefined,
      }),
    ]);
    return { events, messages };
  } finally {
    await pool.end();
  }
}

/** The innermost reason: of a store that is away, that is why. */
function lineOf(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  if (isTurnledgerError(error) && error.extras.detail !== undefined) return error.extras.detail;
  if (cause !== undefined) return lineOf(cause);
  return error instanceof Error ? error.message : String(error);
}

try {
  const question = readParkedQuestion(process.argv.slice(2), process.env);
  if (question === 'help') process.stdout.write(`${PARKED_USAGE}\n`);
  else {
    const listing = await list(question);
    process.stdout.write(`${question.isJson ? parkedJson(listing) : parkedText(listing)}\n`);
  }
} catch (error) {
  process.stderr.write(`${lineOf(error).replaceAll(/^/gm, 'parked: ')}\n`);
  process.exitCode = isTurnledgerError(error) && error.code === 'config_invalid' ? 2 : 1;
}
