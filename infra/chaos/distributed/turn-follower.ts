import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog, RecordedEvent } from '@turnledger/shared/ports';

const endings: ReadonlySet<string> = new Set(['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut']);

interface TurnTimes {
  readonly requestedAtMs: number;
  endedAtMs: number | undefined;
}

const POLL_MS = 20;

/** When each turn began and ended, by the log's own clock; followed as it happens. */
export class TurnFollower {
  readonly #log: EventLog;
  readonly #turns = new Map<string, TurnTimes>();
  #position = 0n;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Follows the log until the signal aborts. Throws what the log throws. */
  async follow(signal: AbortSignal): Promise<void> {
    for await (const item of this.#log.subscribe({ after: 0n, signal })) {
      if (item.kind === 'event') this.#note(item.event);
      this.#position = item.kind === 'event' ? item.event.position : item.position;
    }
  }

  /** Waits until so many turns are open now, or the signal aborts. */
  async untilOpen(count: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && [...this.#turns.values()].filter((one) => one.endedAtMs === undefined).length < count)
      await sleep(POLL_MS);
  }

  /** The turns that were open at a moment that has passed. */
  async openAt(atMs: number): Promise<readonly string[]> {
    const head = await this.#log.headPosition();
    while (this.#position < head) await sleep(POLL_MS);
    return [...this.#turns]
      .filter(([, turn]) => turn.requestedAtMs <= atMs && (turn.endedAtMs ?? Number.POSITIVE_INFINITY) > atMs)
      .map(([turnId]) => turnId);
  }

  /** Waits until all of them have ended, and tells when the last one did; undefined when the signal aborts first. */
  async untilEnded(turnIds: readonly string[], signal: AbortSignal): Promise<number | undefined> {
    const endedAtMs = () => turnIds.map((turnId) => this.#turns.get(turnId)?.endedAtMs);
    while (!signal.aborted) {
      const times = endedAtMs();
      if (times.every((atMs) => atMs !== undefined)) return Math.max(0, ...times);
      await sleep(POLL_MS);
    }
    return undefined;
  }

  #note({ type, data, loggedAtMs }: RecordedEvent): void {
    const turnId = type === 'TurnRequested' || endings.has(type) ? String(JSON.parse(data).turnId) : undefined;
    if (turnId === undefined) return;
    const known = this.#turns.get(turnId);
    if (!known) this.#turns.set(turnId, { requestedAtMs: loggedAtMs, endedAtMs: undefined });
    else if (endings.has(type)) known.endedAtMs ??= loggedAtMs;
  }
}
