import { type EventType, readEvent, type SealedEvent, sealedPaths, TurnledgerError } from '../../contracts/index.ts';
import type { Sealed, SessionEvent } from '../../domain/index.ts';
import type { DataKey, KeyVault, StoredEvent } from '../../ports/index.ts';
import { openValue } from '../../trust/index.ts';
import { isSealed, mapSealed, replaceFields, sealedValuesIn } from './sealed-fields.ts';

/** Events never change, so what was decoded once is kept as long as the event itself is: a turn's events were decoded 28 times before. */
const decoded = new WeakMap<StoredEvent, SealedEvent>();

/** A stored event in its newest shape; sealed fields stay sealed. Throws `event_unknown`, `event_invalid`. */
export function decodeEvent(stored: StoredEvent): SealedEvent {
  const known = decoded.get(stored);
  if (known) return known;
  const event = readEvent(stored.type, stored.metadata.schemaVersion, stored.data);
  decoded.set(stored, event);
  return event;
}

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
  const keys = await keysOf(new Set(sealedValuesIn(record).map((sealed) => sealed.keyId)), vault);
  return mapSealed(record, (sealed) => open(sealed, stream, keys)) as Opened;
}

/** A session's stored event with its personal fields readable, or null where they are erased. */
export async function openSessionEvent(stored: StoredEvent, vault: KeyVault): Promise<SessionEvent<'opened'>> {
  const event = decodeEvent(stored);
  const keyIds = new Set<string>();
  // The paths of a type's sealed fields are known, so its events need no search for them.
  const paths = sealedPaths[event.type as EventType];
  replaceFields(event.data, paths, (value) => isSealed(value) && keyIds.add(value.keyId));
  if (keyIds.size === 0) return event as SessionEvent<'opened'>;
  const keys = await keysOf(keyIds, vault);
  const data = replaceFields(event.data, paths, (value, field) =>
    isSealed(value) ? open({ ...value, at: { eventId: stored.eventId, field } }, stored.stream, keys) : value,
  );
  return { ...event, data } as SessionEvent<'opened'>;
}

async function keysOf(keyIds: ReadonlySet<string>, vault: KeyVault): Promise<ReadonlyMap<string, DataKey>> {
  const keys = new Map<string, DataKey>();
  for (const keyId of keyIds) keys.set(keyId, await vault.dataKey(keyId));
  return keys;
}

function open(sealed: Sealed, stream: string, keys: ReadonlyMap<string, DataKey>): unknown {
  const dataKey = keys.get(sealed.keyId);
  if (!dataKey || dataKey.outcome === 'erased') return null;
  const opened = sealed.at ? openValue(sealed, dataKey.key, { stream, ...sealed.at }) : undefined;
  if (opened?.outcome === 'ok') return opened.value;
  throw new TurnledgerError('event_invalid', { detail: `a sealed value of ${stream} does not open` });
}
