import { isTurnledgerError, limits, sessionStream } from '@turnledger/shared/contracts';
import { claimTurn, failTurn, fallbackLine, isTerminal, timeOutTurn, type TurnState, turnOf } from '@turnledger/shared/domain';
import type { TurnMessage } from '@turnledger/shared/ports';
import { type PlannedAttempt, planAttempt } from './plan-attempt.ts';
import type { WorkerPorts } from './ports.ts';
import { readCompletion } from './read-completion.ts';
import { recordOutcome } from './record-outcome.ts';
import { announceEnding, openReplyFeed } from './reply-feed.ts';
import { watchHead } from './watch-head.ts';

export interface TurnRun {
  readonly message: TurnMessage;
  /** This worker's incarnation id. */
  readonly worker: string;
  /** Aborts when the turn has ended elsewhere, or the process is out of time. */
  readonly signal: AbortSignal;
}

/**
 * Takes a turn from wherever its stream says it stands to its ending: plan, claim, call, record, and again while attempts are left.
 *
 * The message is a hint; every step decides on the stream. Returns when the turn has ended or is somebody else's. Throws what the stores
 * throw; nothing is lost by that, since the claim says what may have been spent.
 */
export async function runTurn(ports: WorkerPorts, run: TurnRun): Promise<void> {
  const { ledger, clock, feed } = ports;
  const { message, signal } = run;
  const { sessionId, turnId } = message;
  const stream = sessionStream(sessionId);
  const remainingMs = () => message.requestedAtMs + message.deadlineMs - clock.nowMs();

  for (let state = await ledger.sessions.load(stream, Number.POSITIVE_INFINITY); ; state = await ledger.sessions.load(stream)) {
    const turn = turnOf(state, turnId) ?? turnOf(await ledger.sessions.load(stream), turnId);
    if (!turn || isTerminal(turn.status) || signal.aborted) return;
    if (remainingMs() <= 0) return endOverdue(ports, run, turn);

    const plan = await planOrFail(ports, run, turn);
    if (!plan) return;
    const claimed = await claim(ports, run, turn, plan);
    if (claimed === 'superseded') continue;
    if (claimed !== 'ours') return;

    const attempt = turn.attempt + 1;
    const live = openReplyFeed(ports, turnId, attempt, plan.call.model, state.keyId);
    const head = watchHead(ports, { sessionId, turnId, attempt }, signal);
    const deadlines = { firstTokenMs: plan.scenario.deadlines.firstTokenMs, totalMs: remainingMs() };
    const completion = await readCompletion({ model: plan.model, clock }, plan.request, deadlines, head.signal, live.push);
    head.stop();
    await live.flush();
    const outcome = { sessionId, turnId, attempt, plan, remainingMs: remainingMs(), worker: run.worker };
    const next = await recordOutcome(ports, { ...outcome, correlationId: message.correlationId }, completion);
    if (next.kind === 'over') return announceEnding(feed, turnId);
    await clock.sleep(next.inMs, signal);
  }
}

async function planOrFail(ports: WorkerPorts, run: TurnRun, turn: TurnState): Promise<PlannedAttempt | undefined> {
  const { sessionId, turnId } = run.message;
  const state = await ports.ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  try {
    return await planAttempt(ports, sessionId, state, turn);
  } catch (thrown) {
    if (!isTurnledgerError(thrown) || thrown.code === 'store_unavailable') throw thrown;
    ports.log.error({ turnId, code: thrown.code, cause: thrown }, 'the turn cannot be prepared for a model');
    const command = { turnId, code: thrown.code, stage: 'prompt' } as const;
    const result = await ports.ledger.sessions.transact(sessionStream(sessionId), (now) => failTurn(command, now), {
      context: contextOf(run),
    });
    if (result.outcome === 'recorded') await announceEnding(ports.feed, turnId);
    return undefined;
  }
}

/** Appends the claim. `superseded`: look at the stream again; `lost`: another worker has it, or it has ended. */
async function claim(ports: WorkerPorts, run: TurnRun, turn: TurnState, plan: PlannedAttempt): Promise<'ours' | 'superseded' | 'lost'> {
  const { sessionId, turnId } = run.message;
  const holderIsLost = turn.worker !== undefined && (await ports.holders.isLost(turn.worker));
  const fallback = fallbackLine(plan.scenario.fallbackLines, turnId);
  const command = {
    turnId, holderIsLost,
    attempt: turn.attempt + 1,
    worker: run.worker,
    leaseMs: limits.worker.leaseMs,
    calls: [plan.call],
    prompt: plan.prompt,
    maxAttempts: plan.scenario.retry.maxAttempts,
    ...(fallback !== undefined && { fallback }),
  };
  const result = await ports.ledger.sessions.transact(
    sessionStream(sessionId),
    // The lost holder was judged for the attempt seen; a newer attempt has another holder.
    (now) => claimTurn({ ...command, holderIsLost: holderIsLost && turnOf(now, turnId)?.attempt === turn.attempt }, now),
    { context: contextOf(run) },
  );
  if (result.outcome !== 'recorded') return result.outcome === 'refused' && result.reason === 'attempt_superseded' ? 'superseded' : 'lost';
  const claimed = turnOf(result.state, turnId);
  if (claimed?.worker === run.worker && claimed.attempt === command.attempt) return 'ours';
  await announceEnding(ports.feed, turnId);
  return 'lost';
}

/** Ends a turn whose deadline has passed before this worker could do anything for it. */
async function endOverdue(ports: WorkerPorts, run: TurnRun, turn: TurnState): Promise<void> {
  const { turnId, sessionId, requestedAtMs } = run.message;
  const elapsedMs = Math.max(0, ports.clock.nowMs() - requestedAtMs);
  const phase = turn.attempt === 0 ? 'queue' : 'total';
  const result = await ports.ledger.sessions.transact(sessionStream(sessionId), (now) => timeOutTurn({ turnId, phase, elapsedMs }, now), {
    context: contextOf(run),
  });
  if (result.outcome === 'recorded') await announceEnding(ports.feed, turnId);
}

const contextOf = ({ worker, message }: TurnRun) => ({ actor: `system:${worker}`, correlationId: message.correlationId });
