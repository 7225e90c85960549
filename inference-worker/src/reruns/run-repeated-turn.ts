import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { isTerminal, reuseTurn, type SessionState, type TurnState, turnOf } from '@turnledger/shared/domain';
import { costMicroUsdOf } from '@turnledger/shared/runtime';
import type { PlannedAttempt } from '../planned-attempt.ts';
import { runTurn } from '../run-turn.ts';
import type { RecordedTurn } from './recorded-turn.ts';
import type { RepeatedTurn, RepeatPorts } from './rerun-ports.ts';

/** A turn that has ended, where it is recorded. */
export interface EndedTurn {
  readonly sessionId: string;
  readonly state: SessionState;
  readonly turn: TurnState;
}

/**
 * Runs a turn of a re-run to its ending: with the recorded reply where the request is the recorded one and that is wanted, else by asking.
 * Its deadline counts from each run of it and not from its request, which may be a crash ago. `unaffordable`: what it could cost is not left;
 * undefined: the run was aborted, or nothing further is to be asked. Throws as runTurn does, and `price_unknown`.
 */
export async function runRepeatedTurn(
  { ports, run, budget, calls, beginCall }: RepeatPorts,
  { request, sessionId, turn: source, rerunSessionId }: RepeatedTurn,
  recorded: RecordedTurn,
  turnId: string,
): Promise<EndedTurn | 'unaffordable' | undefined> {
  const { sessions } = ports.ledger;
  const stream = sessionStream(rerunSessionId);
  const { model } = request.overrides;
  const [firstCall] = recorded.started?.calls ?? [];
  let isRefused = false;
  let isStopped = false;
  let waitedMs = 0;
  let leavePlace: (() => void) | undefined;

  const reuse = async (plan: PlannedAttempt): Promise<boolean> => {
    const { reply, move, finishReason, model: repliedBy, status } = recorded.record;
    const isSame = plan.prompt.hmac === recorded.started?.prompt.hmac && answersItsFirstRequest(recorded);
    if (!request.reuse || !isSame || status !== 'completed' || reply === undefined || reply === null) return false;
    const command = {
      turnId,
      source: { sessionId, turnId: source.turnId },
      hmac: plan.prompt.hmac,
      reply,
      ...(move && { move }),
      finishReason: finishReason ?? 'stop',
      model: repliedBy ?? plan.call.model,
    };
    const options = { context: { actor: `system:${run.worker}`, correlationId: run.rerunId } };
    const result = await sessions.transact(stream, (state) => reuseTurn(command, state), options);
    return result.outcome !== 'refused';
  };

  const place = async () => {
    const sinceMs = ports.clock.nowMs();
    const leave = await beginCall();
    waitedMs += ports.clock.nowMs() - sinceMs;
    return leave;
  };

  const answered = () => {
    leavePlace?.();
    leavePlace = undefined;
  };

  const admit = async (plan: PlannedAttempt, turn: TurnState): Promise<boolean> => {
    if (turn.attempt === 0 && (await reuse(plan))) return false;
    leavePlace ??= await place();
    isStopped = leavePlace === undefined;
    if (isStopped || !budget.isCapped) return !isStopped;
    // Attempts of a run before this one may have cost as much, and nothing is held for them.
    const attempts = budget.holds(turnId) ? 1 : turn.attempt + 1;
    isRefused = !budget.tryHold(turnId, attempts * mostOf(plan, ports.prices));
    return !isRefused;
  };

  for (;;) {
    await calls.untilBeating(run.deadline);
    if (run.deadline.aborted) return undefined;
    isRefused = false;
    const { deadlineMs } = recorded.requested;
    const message = {
      kind: 'requested',
      sessionId: rerunSessionId,
      turnId,
      deadlineMs,
      correlationId: run.rerunId,
    } as const;
    const begunAtMs = ports.clock.nowMs() - waitedMs;
    const result = await calls.within(run.deadline, (signal) =>
      runTurn(ports, {
        message: {
          ...message,
          // What it waits for a place takes nothing off its time.
          get requestedAtMs() {
            return begunAtMs + waitedMs;
          },
        },
        worker: run.worker,
        signal,
        repetition: {
          seed: source.turnId,
          admit,
          answered,
          ...(model && { model }),
          ...(firstCall && { recorded: { name: firstCall.model, endpoint: firstCall.endpoint } }),
        },
      }).finally(answered),
    );
    const state = await sessions.load(stream, Number.POSITIVE_INFINITY);
    const turn = turnOf(state, turnId);
    if (!turn) throw new TurnledgerError('turn_not_found', { detail: turnId });
    if (isTerminal(turn.status)) return { sessionId: rerunSessionId, state, turn };
    if (run.deadline.aborted || isStopped) return undefined;
    if (isRefused && !(await budget.freed())) return 'unaffordable';
    if (result === 'held') await ports.clock.sleep(limits.liveness.lookMs, run.deadline);
  }
}

/**
 * Whether the reply is one to the request that the turn was first asked with: a further attempt may have been told of what came between, as a
 * summary or a verdict. One that corrects a move, or asks elsewhere, is another request by itself; of that what it was told has to be the same.
 */
function answersItsFirstRequest({ started, startedLast }: RecordedTurn): boolean {
  if (!started || !startedLast) return false;
  const [first, last] = [started.prompt, startedLast.prompt];
  if (first.hmac === last.hmac) return true;
  const isElsewhere = started.calls[0]?.endpoint !== startedLast.calls[0]?.endpoint;
  if (last.correctionOfAttempt === undefined && !isElsewhere) return false;
  return first.summaryId === last.summaryId && first.fromTurnId === last.fromTurnId;
}

/** The most that an attempt may cost: its prompt as it was counted, and the longest reply it allows. Throws `price_unknown`. */
function mostOf({ model, call, request, prompt }: PlannedAttempt, prices: RepeatPorts['ports']['prices']): number {
  if (model.isScripted) return 0;
  const price = prices?.get(call.endpoint)?.models.get(call.model);
  if (!price) throw new TurnledgerError('price_unknown', { detail: `${call.model} at ${call.endpoint}` });
  const output = request.parameters.maxTokens ?? limits.scenario.maxReplyTokens;
  return costMicroUsdOf(price, { input: prompt.estimatedTokens, cached: 0, output });
}
