import { sessionStream } from '../../contracts/index.ts';
import { evolveSessionRecord, type SessionEvent, type SessionRecord, type SessionState } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import type { AggregateStore } from './aggregate-store.ts';
import { decodePlaced, openRecord } from './opened-events.ts';

/** A session as its recorded events tell it, or undefined for one that was never started. Reads the whole stream. */
export async function readSession(
  { sessions, vault }: { readonly sessions: AggregateStore<SessionState>; readonly vault: KeyVault },
  sessionId: string,
): Promise<SessionRecord<'opened'> | undefined> {
  const stream = sessionStream(sessionId);
  const { revision } = await sessions.load(stream);
  let record: SessionRecord<'sealed'> | undefined;
  for (const stored of await sessions.events(stream, 0, revision)) {
    const context = { sessionId, revision: stored.revision, recordedAt: stored.metadata.recordedAt ?? '' };
    record = evolveSessionRecord(record, decodePlaced(stored) as SessionEvent<'sealed'>, context);
  }
  return record && openRecord<SessionRecord<'opened'>>(record, stream, vault);
}
