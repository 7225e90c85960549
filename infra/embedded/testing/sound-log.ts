import { firstBrokenLink } from '@turnledger/shared/trust';
import { type EventRow, eventRows } from './stored-rows.ts';

const ENDINGS: ReadonlySet<string> = new Set(['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut']);

/** What a log shows of the invariants that no bad day may break; 05-reliability numbers them. */
export interface LogFacts {
  /** Streams whose hash chain does not hold (R8). */
  readonly brokenStreams: readonly string[];
  /** One each, for each acknowledged turn (R1, R2). */
  readonly requested: number;
  readonly ended: number;
  /** Turns with more than one ending (R2). */
  readonly endedTwice: readonly string[];
  /** Calls that were claimed before they were made (R6). */
  readonly claimedCalls: number;
}

/** Reads the facts from the PostgreSQL of a data folder, past everything Turnledger does. */
export async function logFacts(dataDir: string): Promise<LogFacts> {
  const rows = await eventRows(dataDir);
  const streams = new Map<string, EventRow[]>();
  for (const row of rows) streams.set(row.stream, [...(streams.get(row.stream) ?? []), row]);
  const endings = rows.filter(({ type }) => ENDINGS.has(type)).map(({ data }): string => JSON.parse(data).turnId);
  return {
    brokenStreams: [...streams].filter(([, events]) => firstBrokenLink(events) !== undefined).map(([stream]) => stream),
    requested: rows.filter(({ type }) => type === 'TurnRequested').length,
    ended: new Set(endings).size,
    endedTwice: endings.filter((turnId, index) => endings.indexOf(turnId) !== index),
    claimedCalls: rows.filter(({ type }) => type === 'TurnStarted').length,
  };
}
