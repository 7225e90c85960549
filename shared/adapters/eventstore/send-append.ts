import { NO_STREAM } from '@eventstore/db-client';
import type { AppendOutcome, EncodedEvent, ExpectedRevision } from '../../ports/index.ts';
import type { ClientHolder } from './client-holder.ts';
import { encodeEvent } from './event-encoding.ts';
import { conflictingRevision, failureText, isTooLarge } from './event-store-failure.ts';

/** What an append works with. */
export interface AppendCalls {
  readonly holder: ClientHolder;
  readonly credentials: { readonly username: string; readonly password: string };
}

/**
 * One append, one call. A repetition is the server's to know, measured on 23.10 and 24.6: the same ids at the same expected revision
 * answer the original revision and write nothing, also later, also after a restart. The one repetition that it writes again, the same ids
 * at what is now the newest revision, is a new append by our port too (a retry keeps its expected revision, and that lies before the
 * events once they are written). So nothing is read to settle an `unknown`.
 *
 * Never throws. Whatever is not a conflict or a refused size is `unknown`, also what looks final: a call that ended with a deadline
 * exceeded was written in a measured run.
 */
export async function sendAppend(
  { holder, credentials }: AppendCalls,
  stream: string,
  expected: ExpectedRevision,
  events: readonly EncodedEvent[],
  timeoutMs: number,
): Promise<AppendOutcome> {
  const { client } = holder.held;
  try {
    const result = await client.appendToStream(stream, events.map(encodeEvent), {
      expectedRevision: expected === 'no_stream' ? NO_STREAM : BigInt(expected),
      credentials,
      requiresLeader: true,
      deadline: timeoutMs,
    });
    holder.noteSuccess();
    return { outcome: 'ok', revision: Number(result.nextExpectedRevision) };
  } catch (error) {
    const actualRevision = conflictingRevision(error);
    if (actualRevision !== undefined) {
      holder.noteSuccess();
      return { outcome: 'conflict', actualRevision };
    }
    if (isTooLarge(error)) {
      holder.noteSuccess();
      return { outcome: 'rejected', reason: 'too_large' };
    }
    const cause = failureText(error);
    holder.noteFailure(cause);
    return { outcome: 'unknown', cause };
  }
}
