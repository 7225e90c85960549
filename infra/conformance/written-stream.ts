import assert from 'node:assert/strict';
import type { Position } from '@eventstore/db-client';
import { type ConformanceRun, newEvent, newEvents } from './conformance-run.ts';

/** Five events in a stream, as a read must find them. */
export interface WrittenStream {
  readonly stream: string;
  readonly ids: readonly (string | undefined)[];
  /** Where the first of them stands in the log. */
  readonly from: Position;
}

export const writtenStream = async (run: ConformanceRun): Promise<WrittenStream> => {
  const stream = run.newStream();
  const events = newEvents(5);
  const first = await run.append('unary', stream, 'no_stream', events.slice(0, 1));
  await run.append('unary', stream, 0n, events.slice(1));
  assert.ok(first.position, 'an append tells its position');
  return { stream, ids: events.map(({ id }) => id), from: first.position };
};

/** Appends one event and hands back where it stands in the log. */
export const positionAfter = async (run: ConformanceRun, stream: string): Promise<Position> => {
  const { position } = await run.append('unary', stream, 'any', [newEvent()]);
  assert.ok(position, 'an append tells its position');
  return position;
};
