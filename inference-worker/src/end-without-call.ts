import { isTurnledgerError, sessionStream } from '@turnledger/shared/contracts';
import { failTurn, type TurnState, timeOutTurn } from '@turnledger/shared/domain';
import { spokenFallback } from '@turnledger/shared/runtime';
import { holdOn } from './held-claim.ts';
import type { TurnRun, WorkerPorts } from './ports.ts';
import { announceEnding } from './reply-feed.ts';

/** Ends a turn whose deadline has passed before this worker could do anything for it; one that a living worker holds is left to that one. */
export async function endOverdue(ports: WorkerPorts, run: TurnRun, turn: TurnState): Promise<void> {
  const { turnId, requestedAtMs } = run.message;
  if ((await holdOn(ports.holders, turn)) === 'held') return;
  const elapsedMs = Math.max(0, ports.clock.nowMs() - requestedAtMs);
  const phase = turn.attempt === 0 ? 'queue' : 'total';
  const command = { turnId, phase, elapsedMs, ...(await spokenFallback(ports.ledger, run.message)) } as const;
  await end(ports, run, (state) => timeOutTurn(command, state));
}

/**
 * Fails a turn for which no prompt could be made, for instance because its endpoint is no longer configured; one that a living worker
 * holds is left to that one. Throws what was thrown when that is no reason to fail a turn: a store that does not answer, or a mistake of ours.
 */
export async function failUnprepared(
  ports: WorkerPorts,
  run: TurnRun,
  turn: TurnState,
  thrown: unknown,
): Promise<void> {
  if (!isTurnledgerError(thrown) || thrown.code === 'store_unavailable') throw thrown;
  const { turnId } = run.message;
  ports.log.error({ turnId, code: thrown.code, cause: thrown }, 'the turn cannot be prepared for a model');
  const command = {
    turnId,
    code: thrown.code,
    stage: 'prompt',
    ...((await holdOn(ports.holders, turn)) === 'lost' && { lostAttempt: turn.attempt }),
    ...(await spokenFallback(ports.ledger, run.message)),
  } as const;
  await end(ports, run, (state) => failTurn(command, state));
}

type Decide = (state: Parameters<typeof failTurn>[1]) => ReturnType<typeof failTurn>;

async function end({ ledger, feed }: WorkerPorts, { message, worker }: TurnRun, decide: Decide): Promise<void> {
  const context = { actor: `system:${worker}`, correlationId: message.correlationId };
  const result = await ledger.sessions.transact(sessionStream(message.sessionId), decide, { context });
  if (result.outcome === 'recorded') await announceEnding(feed, message.turnId);
}
