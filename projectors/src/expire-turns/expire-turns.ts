import { limits, sessionStream } from '@turnledger/shared/contracts';
import { isTerminal, timeOutTurn, turnOf } from '@turnledger/shared/domain';
import type { Clock, TurnFeed, ViewStore } from '@turnledger/shared/ports';
import { endingMessage, type Ledger, type Log, spokenFallback } from '@turnledger/shared/runtime';
import type { TurnRow } from '../read-models/turn-row.ts';

export interface ExpiryPorts {
  readonly ledger: Ledger;
  readonly store: ViewStore;
  readonly feed: TurnFeed;
  readonly clock: Clock;
  readonly logger: Log;
}

/**
 * Ends turns whose deadline has passed, every limits.expiry.intervalMs, until the signal aborts; run by one elected process. A worker ends
 * its own turns: a started one is left to it for limits.expiry.workerGraceMs more. The view says which turns may be due, the stream
 * decides; a turn that ended meanwhile is left as it is.
 */
export async function expireTurns(ports: ExpiryPorts, signal: AbortSignal): Promise<void> {
  const { clock, logger } = ports;
  while (!signal.aborted) {
    try {
      await expireDue(ports, signal);
    } catch (cause) {
      logger.warn({ cause }, 'overdue turns could not be looked at');
    }
    await clock.sleep(limits.expiry.intervalMs, signal);
  }
}

/** One look at everything that is due, page by page: turns that must still wait for their worker must not hide those behind them. */
async function expireDue(ports: ExpiryPorts, signal: AbortSignal): Promise<void> {
  const { store, clock } = ports;
  const limit = limits.expiry.maxBatch;
  let afterKey: string | undefined;
  do {
    const due = await store.openTurns({
      limit,
      dueBeforeMs: clock.nowMs(),
      ...(afterKey !== undefined && { afterKey }),
    });
    for (const { key, record } of due) {
      try {
        await expire(ports, JSON.parse(record) as TurnRow);
      } catch (cause) {
        // One that cannot be ended (its stream or its key is damaged) must not keep those behind it open.
        ports.logger.warn({ turnId: key, cause }, 'an overdue turn could not be ended');
      }
    }
    afterKey = due.length < limit ? undefined : due.at(-1)?.key;
  } while (afterKey !== undefined && !signal.aborted);
}

async function expire({ ledger, feed, clock }: ExpiryPorts, row: TurnRow): Promise<void> {
  const { sessionId, turnId, loggedAtMs, deadlineAtMs, correlationId } = row;
  const stream = sessionStream(sessionId);
  const turn = turnOf(await ledger.sessions.load(stream), turnId);
  if (!turn || isTerminal(turn.status)) return;
  const graceMs = turn.worker === undefined ? 0 : limits.expiry.workerGraceMs;
  if (clock.nowMs() < deadlineAtMs + graceMs) return;
  const elapsedMs = clock.nowMs() - loggedAtMs;
  const phase = turn.attempt === 0 ? 'queue' : 'total';
  const command = { turnId, phase, elapsedMs, ...(await spokenFallback(ledger, row)) } as const;
  const result = await ledger.sessions.transact(stream, (state) => timeOutTurn(command, state), {
    context: { actor: 'system:expire-turns', correlationId },
  });
  if (result.outcome === 'recorded') await feed.publish(turnId, endingMessage);
}
