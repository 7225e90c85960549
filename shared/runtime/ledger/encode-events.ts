import { type EventType, schemaVersionOf, sealedPaths, TurnledgerError } from '../../contracts/index.ts';
import type { Clock, EncodedEvent, Ids } from '../../ports/index.ts';
import { envelopeIvBytes, eventHash, sealValue } from '../../trust/index.ts';
import { replaceFields } from './sealed-fields.ts';

/** Who and what an event is recorded for; flat strings, because a log's metadata is. */
export interface EventContext {
  /** `player:{playerId}`, `game`, `operator` or `system:{worker}`. */
  readonly actor: string;
  /** One id for everything that a client's request sets off. */
  readonly correlationId: string;
  /** The event or request that caused this one; default the correlation id. */
  readonly causationId?: string;
  readonly traceparent?: string;
}

export interface EncodeRequest {
  readonly stream: string;
  /** Revision that the first of these events will have. */
  readonly firstRevision: number;
  /** Hash of the stream's newest event, or zeroHash. */
  readonly prevHash: string;
  readonly events: readonly { readonly type: string; readonly data: object }[];
  readonly context: EventContext;
  /** What personal fields are sealed with; absent for streams without any. */
  readonly dataKey?: { readonly keyId: string; readonly key: Buffer };
}

/**
 * Makes the bytes of a decision, once: ids, time, encryption and the hash chain. Every retry of the append sends these same bytes, so a
 * log that compares ids recognises it.
 */
export function encodeEvents(
  request: EncodeRequest,
  { clock, ids }: { clock: Clock; ids: Ids },
): readonly EncodedEvent[] {
  const { stream, firstRevision, events, context, dataKey } = request;
  const recordedAt = new Date(clock.nowMs()).toISOString();
  let prevHash = request.prevHash;
  return events.map(({ type, data }, offset) => {
    const eventId = ids.uuid();
    const sealedData = replaceFields(data, sealedPaths[type as EventType], (value, field) => {
      // Better no event than one with a player's words in the clear.
      if (!dataKey) throw new TurnledgerError('invariant_broken', { detail: `no data key for ${type}.${field}` });
      return sealValue(dataKey.keyId, dataKey.key, ids.randomBytes(envelopeIvBytes), { stream, eventId, field }, value);
    });
    const text = JSON.stringify(sealedData);
    const covered = {
      recordedAt,
      correlationId: context.correlationId,
      causationId: context.causationId ?? context.correlationId,
      actor: context.actor,
      schemaVersion: schemaVersionOf(type as EventType),
      ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
    };
    const hash = eventHash(
      { stream, revision: firstRevision + offset, eventId, type, data: text, metadata: covered },
      prevHash,
    );
    // New names before the spread: after it V8 gives each object a hidden class of its own, 43,000 of them in 15 s of load.
    const encoded = { eventId, type, data: text, metadata: { prevHash, hash, ...covered } };
    prevHash = hash;
    return encoded;
  });
}
