import { randomUUID } from 'node:crypto';
import type { EncodedEvent } from '../ports/index.ts';

/** An encoded event with an id of its own; only what a test is about needs saying. */
export const encodedEvent = (special: Partial<EncodedEvent> = {}): EncodedEvent => ({
  eventId: randomUUID(),
  type: 'TurnRequested',
  data: '{"turnId":"t"}',
  metadata: { recordedAt: '2026-01-01T00:00:00.000Z', schemaVersion: '1' },
  ...special,
});

/** So many of them, their data numbered. */
export const encodedEvents = (count: number): readonly EncodedEvent[] =>
  Array.from({ length: count }, (_, index) => encodedEvent({ data: `{"number":${index}}` }));

/** A stream nobody else writes to. */
export const freshStream = (): string => `session-${randomUUID()}`;
