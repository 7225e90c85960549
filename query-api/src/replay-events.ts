import { limits } from '@turnledger/shared/contracts';
import type { Clock, KeyVault } from '@turnledger/shared/ports';
import { feedIds, type Ledger, type ServerEvent } from '@turnledger/shared/runtime';
import { type RecordedStretch, recordedEvents, type TimedEvent } from './recorded-events.ts';

export interface ReplayPorts {
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  readonly clock: Clock;
}

/** A session to re-render, as far as it had come when it was asked for. */
export interface ReplayedSession {
  readonly sessionId: string;
  /** One for each session that recorded a part of its history, oldest first. */
  readonly stretches: readonly RecordedStretch[];
}

export interface ReplayOptions {
  /** Times the recorded pace, or without any pause. */
  readonly speed: number | 'max';
  /** The last event that the client has; those up to it are passed over at once. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/**
 * A session played back: the events that followers of its turns were shown, with rising ids, at the pace at which they were recorded, and
 * `replay.ended` behind them. A pause between two turns counts as limits.replay.maxPauseMs at most, one within a turn as
 * limits.scenario.maxDeadlineMs. The same session gives the same ids, so that a client can resume. Ends early when the signal aborts; a reader
 * who is slow is waited for, and what follows catches up.
 */
export async function* replayEvents(
  ports: ReplayPorts,
  session: ReplayedSession,
  { speed, after, signal }: ReplayOptions,
): AsyncGenerator<ServerEvent, void> {
  const { clock } = ports;
  let startedMs = clock.monotonicMs();
  let [id, turns, playedMs] = [0, 0, 0];
  let lastMs: number | undefined;
  for await (const { event, data, atMs } of eventsOf(ports, session)) {
    id += 1;
    const gapMs = Math.max(0, atMs - (lastMs ?? atMs));
    // A text's last words may be later than its ending was recorded: time does not go back.
    lastMs = Math.max(lastMs ?? atMs, atMs);
    if (event === 'turn.requested') turns += 1;
    if (signal.aborted) return;
    if (id <= after) {
      startedMs = clock.monotonicMs();
      continue;
    }
    if (speed !== 'max') {
      // A turn is silent for longer than a deadline only where the service was away: it found the turn open when it came back.
      const boundMs = event === 'turn.requested' ? limits.replay.maxPauseMs : limits.scenario.maxDeadlineMs;
      playedMs += Math.min(gapMs, boundMs) / speed;
      const waitMs = startedMs + playedMs - clock.monotonicMs();
      // A timer takes a millisecond at least, and a dense row of words would come late by its number.
      if (waitMs >= 1) await clock.sleep(waitMs, signal);
      if (signal.aborted) return;
    }
    yield { id, event, data };
  }
  yield { id: feedIds.ending, event: 'replay.ended', data: { session_id: session.sessionId, turns } };
}

async function* eventsOf(ports: ReplayPorts, { stretches }: ReplayedSession): AsyncGenerator<TimedEvent, void> {
  for (const stretch of stretches) yield* recordedEvents(ports, stretch);
}
