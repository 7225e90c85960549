import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { sessionStream } from '../contracts/index.ts';
import type { Clock } from '../ports/index.ts';
import { encodeEvents } from '../runtime/index.ts';
import { zeroHash } from '../trust/index.ts';
import type { PlayedPorts } from './played-session.ts';
import { runSteps, type SessionStep, sessionSteps } from './session-steps.ts';

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A UUID that is the same for the same text. */
function uuidOf(text: string): string {
  const hex = digestOf(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const idNames: ReadonlySet<string> = new Set([
  'turnId',
  'toTurnId',
  'fromTurnId',
  'throughTurnId',
  'callId',
  'worker',
  'playerId',
  'rewindId',
  'bookmarkId',
  'summaryId',
]);

/** The readable ids of generated steps in the shape in which they are stored, apart for each session. */
function storable(value: unknown, sessionId: string, keyId: string): unknown {
  if (Array.isArray(value)) return value.map((item) => storable(item, sessionId, keyId));
  if (typeof value !== 'object' || value === null) return value;
  // A generated time-out may name attempt 0, which a stored event leaves out.
  const entries = Object.entries(value).filter(([name, held]) => name !== 'attempt' || held !== 0);
  const stored = entries.map(([name, held]): readonly [string, unknown] => {
    if (name === 'keyId') return [name, keyId];
    if (name === 'priceTable') return [name, 'sample'];
    if (name === 'bodyHmac' || name === 'hmac' || name === 'parentHash') return [name, digestOf(String(held))];
    if (idNames.has(name)) return [name, uuidOf(`${sessionId} ${held}`)];
    return [name, storable(held, sessionId, keyId)];
  });
  return Object.fromEntries(stored);
}

/** Some sessions, and in which order and portions their events come to the log. */
export interface RandomSessions {
  readonly sessions: readonly (readonly SessionStep[])[];
  readonly portions: readonly number[];
}

export const randomSessions: fc.Arbitrary<RandomSessions> = fc.record({
  sessions: fc.array(sessionSteps, { minLength: 1, maxLength: 3 }),
  portions: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 }),
});

/** Writes sessions into a log, their events side by side, as several writers would. */
export async function recordSessions(
  { log, vault, ids, clock }: PlayedPorts & { readonly clock: Clock },
  { sessions, portions }: RandomSessions,
): Promise<void> {
  const writers = await Promise.all(
    sessions.map(async (steps) => {
      const sessionId = ids.uuid();
      const keyId = ids.uuid();
      await vault.ensureKey(keyId);
      const { events } = runSteps(steps);
      return {
        keyId,
        stream: sessionStream(sessionId),
        prevHash: zeroHash,
        revision: 0,
        left: events.map((event) => storable(event, sessionId, keyId)),
      };
    }),
  );
  for (let round = 0; writers.some(({ left }) => left.length > 0); round += 1) {
    const writer = writers[round % writers.length];
    const events = writer?.left.splice(0, portions[round % portions.length]) as
      | { readonly type: string; readonly data: object }[]
      | undefined;
    const dataKey = writer && (await vault.dataKey(writer.keyId));
    if (!writer || !events || events.length === 0 || dataKey?.outcome !== 'ok') continue;
    const { stream, prevHash, revision } = writer;
    const context = { actor: 'game', correlationId: `round-${round}` };
    const encoded = encodeEvents(
      { stream, prevHash, events, context, dataKey, firstRevision: revision },
      { clock, ids },
    );
    await log.append(stream, revision === 0 ? 'no_stream' : revision - 1, encoded);
    writer.revision += encoded.length;
    writer.prevHash = encoded.at(-1)?.metadata.hash ?? prevHash;
  }
}
