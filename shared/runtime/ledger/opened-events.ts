import { LRUCache } from 'lru-cache';
import {
  type EventType,
  limits,
  readEvent,
  type SealedEvent,
  sealedPaths,
  TurnledgerError,
} from '../../contracts/index.ts';
import type { Sealed, SessionEvent } from '../../domain/index.ts';
import type { DataKey, KeyVault, StoredEvent } from '../../ports/index.ts';
import { type EnvelopePlace, openValue } from '../../trust/index.ts';
import { isSealed, mapSealed, replaceFields, sealedValuesIn, valueAt } from './sealed-fields.ts';

/**
 * Events never change, so what was decoded lately is kept: a turn's events were decoded 28 times before. By id, since the writer of an event and
 * its projectors hold different copies; the text says whether it is the same event.
 */
const decoded = new LRUCache<string, { readonly data: string; readonly event: SealedEvent }>({
  max: limits.aggregate.decodedEvents,
});

/** A stored event in its newest shape; sealed fields stay sealed. Throws `event_unknown`, `event_invalid`. */
export function decodeEvent({ eventId, type, metadata, data }: StoredEvent): SealedEvent {
  const known = decoded.get(eventId);
  if (known?.data === data && known.event.type === type) return known.event;
  const event = readEvent(type, metadata.schemaVersion, data);
  decoded.set(eventId, { data, event });
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
  return mapSealed(record, (sealed) => open(sealed, sealed.at && { stream, ...sealed.at }, keys)) as Opened;
}

/** A session's stored event with its personal fields readable, or null where they are erased. */
export async function openSessionEvent(stored: StoredEvent, vault: KeyVault): Promise<SessionEvent<'opened'>> {
  const [opened] = await openSessionEvents([stored], vault);
  if (opened) return opened;
  throw new TurnledgerError('invariant_broken', { detail: 'an event was not opened' });
}

/** The same for many events, whose keys are asked for once. */
export async function openSessionEvents(
  stored: readonly StoredEvent[],
  vault: KeyVault,
): Promise<readonly SessionEvent<'opened'>[]> {
  const keyIds = new Set<string>();
  for (const one of stored) {
    const event = decodeEvent(one);
    // The paths of a type's sealed fields are known, so its events need no search for them.
    for (const path of sealedPaths[event.type as EventType]) {
      const value = valueAt(event.data, path);
      if (isSealed(value)) keyIds.add(value.keyId);
    }
  }
  const keys = keyIds.size > 0 ? await keysOf(keyIds, vault) : new Map<string, DataKey>();
  return stored.map((one) => opened(one, keys));
}

function opened(stored: StoredEvent, keys: ReadonlyMap<string, DataKey>): SessionEvent<'opened'> {
  const event = decodeEvent(stored);
  const paths = sealedPaths[event.type as EventType];
  if (paths.length === 0) return event as SessionEvent<'opened'>;
  const { eventId, stream } = stored;
  const data = replaceFields(event.data, paths, (value, field) =>
    isSealed(value) ? open(value, { stream, eventId, field }, keys) : value,
  );
  return { ...event, data } as SessionEvent<'opened'>;
}

async function keysOf(keyIds: ReadonlySet<string>, vault: KeyVault): Promise<ReadonlyMap<string, DataKey>> {
  const keys = new Map<string, DataKey>();
  for (const keyId of keyIds) keys.set(keyId, await vault.dataKey(keyId));
  return keys;
}

function open(sealed: Sealed, place: EnvelopePlace | undefined, keys: ReadonlyMap<string, DataKey>): unknown {
  const dataKey = keys.get(sealed.keyId);
  if (!dataKey || dataKey.outcome === 'erased') return null;
  const opened = place && openValue(sealed, dataKey.key, place);
  if (opened?.outcome === 'ok') return opened.value;
  throw new TurnledgerError('event_invalid', { detail: `a sealed value of ${place?.stream} does not open` });
}
