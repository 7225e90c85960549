import { type EventType, readEvent, type SealedEvent, sealedPaths, TurnledgerError } from '../../contracts/index.ts';
import type { SessionEvent } from '../../domain/index.ts';
import type { DataKey, KeyVault, StoredEvent } from '../../ports/index.ts';
import { openValue } from '../../trust/index.ts';
import { mapSealed, replaceFields, sealedValuesIn } from './sealed-fields.ts';

/** A stored event in its newest shape; sealed fields stay sealed. Throws `event_unknown`, `event_invalid`. */
export const decodeEvent = (stored: StoredEvent): SealedEvent =>
  readEvent(stored.type, stored.metadata.schemaVersion, stored.data);

/** The same with each sealed field's place noted on it, so that it can be opened outside of its event (in a view's row). */
export function decodePlaced(stored: StoredEvent): SealedEvent {
  const event = decodeEvent(stored);
  const data = replaceFields(event.data, sealedPaths[event.type as EventType], (sealed, field) => ({
    ...(sealed as object),
    at: { eventId: stored.eventId, field },
  }));
  return { ...event, data } as SealedEvent;
}

/**
 * A copy of a record in which every sealed value is decrypted; null where its key is destroyed. The record's sealed values must carry their
 * place. Throws `event_invalid` when a value does not open under its own key: somebody changed it.
 */
export async function openRecord<Opened>(record: unknown, stream: string, vault: KeyVault): Promise<Opened> {
  const keys = new Map<string, DataKey>();
  for (const keyId of new Set(sealedValuesIn(record).map((sealed) => sealed.keyId))) {
    keys.set(keyId, await vault.dataKey(keyId));
  }
  return mapSealed(record, (sealed) => {
    const dataKey = keys.get(sealed.keyId);
    if (!dataKey || dataKey.outcome === 'erased') return null;
    const opened = sealed.at ? openValue(sealed, dataKey.key, { stream, ...sealed.at }) : undefined;
    if (opened?.outcome === 'ok') return opened.value;
    throw new TurnledgerError('event_invalid', { detail: `a sealed value of ${stream} does not open` });
  }) as Opened;
}

/** A session's stored event with its personal fields readable, or null where they are erased. */
export const openSessionEvent = (stored: StoredEvent, vault: KeyVault): Promise<SessionEvent<'opened'>> =>
  openRecord<SessionEvent<'opened'>>(decodePlaced(stored), stored.stream, vault);
