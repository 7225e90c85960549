import { TurnledgerError } from '../../contracts/index.ts';
import type { DataKey, FeedMessage, Ids, KeyVault } from '../../ports/index.ts';
import { envelopeIvBytes, openValue, sealValue } from '../../trust/index.ts';
import { isSealed } from '../ledger/sealed-fields.ts';

/** Ids of a turn's stream: the request is 1, an attempt starts at its number times this, the ending is last whatever came before. */
export const feedIds = { requested: 1, perAttempt: 1_000_000, ending: 1_000_000_000 } as const;

/** The last message of a turn's feed: look into the log. Published after the ending is there, never before. */
export const endingMessage: FeedMessage = { id: feedIds.ending, kind: 'ended', payload: '' };

/**
 * What the feed of a session (under the session's id, beside the feeds of its turns) tells who follows it whole: its log has an event at this
 * revision, look there. A hint like the rest; its id rises with the log, so that one which comes late is dropped and a reader names what it knows.
 */
export const sessionHint = (revision: number): FeedMessage => ({ id: revision + 1, kind: 'started', payload: '' });

const placeOf = (turnId: string, id: number) => ({ stream: `feed-${turnId}`, eventId: turnId, field: `delta.${id}` });

/** A delta's text as the feed carries it: sealed, since a feed may live in another machine's memory. */
export const sealDelta = (
  turnId: string,
  id: number,
  text: string,
  dataKey: DataKey & { outcome: 'ok' },
  ids: Ids,
): string =>
  JSON.stringify(sealValue(dataKey.keyId, dataKey.key, ids.randomBytes(envelopeIvBytes), placeOf(turnId, id), text));

/** A delta's text, or null where its key is destroyed. */
export async function openDelta(turnId: string, message: FeedMessage, vault: KeyVault): Promise<string | null> {
  const sealed: unknown = JSON.parse(message.payload);
  if (!isSealed(sealed)) throw new TurnledgerError('event_invalid', { detail: 'a delta is not sealed' });
  const dataKey = await vault.dataKey(sealed.keyId);
  if (dataKey.outcome === 'erased') return null;
  const opened = openValue(sealed, dataKey.key, placeOf(turnId, message.id));
  if (opened.outcome === 'ok' && typeof opened.value === 'string') return opened.value;
  throw new TurnledgerError('event_invalid', { detail: 'a delta does not open' });
}
