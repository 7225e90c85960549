import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { claimTurn, fallbackLine, isTerminal, type TurnState, turnOf } from '@turnledger/shared/domain';
import { endOverdue, failUnprepared } from './end-without-call.ts';
import { holdOn } from './held-claim.ts';
import { judgeAnswer, showText } from './judge-answer.ts';
import { planAttempt } from './plan-attempt.ts';
import type { PlannedAttempt } from './planned-attempt.ts';
import type { TurnRun, WorkerPorts } from './ports.ts';
import { readCompletion } from './read-completion.ts';
import { recordOutcome } from './record-outcome.ts';
import { announceEnding, openReplyFeed } from './reply-feed.ts';
import { watchTurn } from './watch-turn.ts';

/**
 * Takes a turn from wherever its stream says it stands to its ending: plan, claim, call, record, and again while attempts are left.
 *
 * The message is a hint; every step decides on the stream. `over`: the turn has ended, or this run of it was aborted or not admitted; `held`: another
 * worker has it that may live, so look again. Throws `turn_not_found` for a turn that the log does not have, and what the stores throw;
 * nothing is lost by that, since the claim says what may have been spent.
 */
export async function runTurn(ports: WorkerPorts, run: TurnRun): Promise<'over' | 'held'> {
  const { ledger, clock } = ports;
  const { message, signal } = run;
  const { sessionId, turnId } = message;
  const stream = sessionStream(sessionId);
  const remainingMs = () => message.requestedAtMs + message.deadlineMs - clock.nowMs();

  for (
    let state = await ledger.sessions.load(stream, Number.POSITIVE_INFINITY);
    ;
    state = await ledger.sessions.load(stream)
  ) {
    const turn = turnOf(state, turnId) ?? turnOf(await ledger.sessions.load(stream), turnId);
    if (!turn) throw new TurnledgerError('turn_not_found', { detail: turnId });
    if (isTerminal(turn.status) || signal.aborted) return 'over';
    if (remainingMs() <= 0) {
      await endOverdue(ports, run, turn);
      return 'over';
    }
    // Asked before the plan is made, which may cost reads and keys for a turn that is another's.
    if ((await holdOn(ports.holders, turn)) === 'held') {
      // What is known of it here may be old news: whoever asks next must not meet the same.
      await ledger.sessions.load(stream);
      return 'held';
    }

    const plan = await planOrFail(ports, run, turn);
    if (!plan) return 'over';
    if (run.repetition && !(await run.repetition.admit(plan, turn))) return 'over';
    const claimed = await claim(ports, run, turn, plan);
    if (claimed === 'superseded') continue;
    if (claimed !== 'ours') return claimed === 'held' ? 'held' : 'over';

    const attempt = turn.attempt + 1;
    const live = openReplyFeed(ports, turnId, attempt, plan.call.model, state.keyId);
    const head = watchTurn(ports, { sessionId, turnId, attempt }, signal);
    const deadlines = { firstTokenMs: plan.scenario.deadlines.firstTokenMs, totalMs: remainingMs() };
    const call = { model: plan.model, callId: plan.call.callId, clock };
    const shown = showText(plan.moves, live.push);
    const answer = await readCompletion(call, plan.request, deadlines, head.signal, shown.push).finally(head.stop);
    run.repetition?.answered();
    const completion = judgeAnswer(answer, plan.moves);
    shown.end(completion);
    await live.flush();
    const outcome = { sessionId, turnId, attempt, plan, remainingMs: remainingMs(), worker: run.worker };
    const next = await recordOutcome(ports, { ...outcome, correlationId: message.correlationId }, completion);
    if (next.kind === 'over') {
      await announceIfEnded(ports, run);
      return 'over';
    }
    await clock.sleep(next.inMs, signal);
  }
}

/**
 * An attempt may be over without its turn being so: another worker has taken it over, or this process is out of time. A live stream that
 * was told of an ending then would show nothing of the attempt that follows.
 */
async function announceIfEnded(
  { ledger, feed }: WorkerPorts,
  { message: { sessionId, turnId } }: TurnRun,
): Promise<void> {
  const turn = turnOf(await ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY), turnId);
  if (turn && isTerminal(turn.status)) await announceEnding(feed, turnId);
}

async function planOrFail(ports: WorkerPorts, run: TurnRun, turn: TurnState): Promise<PlannedAttempt | undefined> {
  const { sessionId } = run.message;
  const state = await ports.ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  try {
    return await planAttempt(ports, sessionId, state, turn, run.repetition);
  } catch (thrown) {
    await failUnprepared(ports, run, turn, thrown);
    return undefined;
  }
}

/** Appends the claim. `superseded`: look at the stream again; `held`: another worker has it; `ended`: it is over, or this run is. */
async function claim(
  ports: WorkerPorts,
  run: TurnRun,
  turn: TurnState,
  plan: PlannedAttempt,
): Promise<'ours' | 'superseded' | 'held' | 'ended'> {
  const { sessionId, turnId } = run.message;
  const holderIsLost = (await holdOn(ports.holders, turn)) === 'lost';
  // A worker that cannot beat claims nothing (rule 4); nor does one whose turn has ended meanwhile.
  if (run.signal.aborted) return 'ended';
  const fallback = fallbackLine(plan.scenario.fallbackLines, turnId);
  const command = {
    turnId,
    holderIsLost,
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
    (now) =>
      claimTurn({ ...command, holderIsLost: holderIsLost && turnOf(now, turnId)?.attempt === turn.attempt }, now),
    { context: contextOf(run) },
  );
  if (result.outcome !== 'recorded') {
    // Held by an attempt that was not there when the plan was made: it may be our own, whose append was never answered.
    const isNews = result.outcome === 'refused' && turnOf(result.state, turnId)?.attempt !== turn.attempt;
    if (isNews) return 'superseded';
    return result.outcome === 'refused' && result.reason === 'turn_held' ? 'held' : 'ended';
  }
  const claimed = turnOf(result.state, turnId);
  const isOurs = claimed?.status === 'started' && claimed.worker === run.worker && claimed.attempt === command.attempt;
  if (isOurs) return 'ours';
  await announceEnding(ports.feed, turnId);
  return 'ended';
}

const contextOf = ({ worker, message }: TurnRun) => ({
  actor: `system:${worker}`,
  correlationId: message.correlationId,
});
