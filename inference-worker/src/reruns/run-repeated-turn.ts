import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { failTurn, isTerminal, type SessionState, type TurnState, turnOf } from '@turnledger/shared/domain';
import type { PlannedAttempt } from '../planned-attempt.ts';
import type { Repetition } from '../ports.ts';
import { runTurn } from '../run-turn.ts';
import { mostOf, mostOfAll } from './cost-bound.ts';
import { type RecordedTurn, readRecordedTurn } from './recorded-turn.ts';
import type { RepeatedTurn, RepeatKit } from './rerun-ports.ts';
import { reuseReply } from './reuse-reply.ts';
import { contextOf } from './run-context.ts';
import { toldPast } from './told-past.ts';

/** A turn that has ended, where it is recorded. */
export interface EndedTurn {
  readonly sessionId: string;
  readonly state: SessionState;
  readonly turn: TurnState;
}

/**
 * Runs a turn of a re-run to its ending: with the recorded reply where the request is the recorded one and that is wanted, else by asking.
 * Its deadline counts from each run of it and not from its request, which may be a crash ago. One that has no money left for another
 * attempt fails by `spend_cap_reached`. `unaffordable`: not even for its first; undefined: it has not begun and may not any more, or this run goes
 * no further. Throws as runTurn does, and `price_unknown`.
 */
export async function runRepeatedTurn(
  kit: RepeatKit,
  repeated: RepeatedTurn,
  recorded: RecordedTurn,
  turnId: string,
): Promise<EndedTurn | 'unaffordable' | undefined> {
  const { ports, run, budget, calls, standing, takePlace } = kit;
  const { request, sessionId, state: recordedIn, turn: source, rerunSessionId } = repeated;
  const { sessions } = ports.ledger;
  const stream = sessionStream(rerunSessionId);
  const { model } = request.overrides;
  const first = firstAsked(recorded);
  const isForced = request.mode === 'teacher_forced';
  const told = isForced && (await toldPast(ports.ledger, { sessionId, state: recordedIn }, recorded));
  const options = { context: contextOf(run) };
  let refusal: Refusal | undefined;
  let waitedMs = 0;
  let leavePlace: (() => void) | undefined;

  const place = async () => {
    const sinceMs = ports.clock.nowMs();
    const leave = await takePlace();
    waitedMs += ports.clock.nowMs() - sinceMs;
    return leave;
  };

  const answered = () => {
    leavePlace?.();
    leavePlace = undefined;
  };

  const admit = async (plan: PlannedAttempt, turn: TurnState): Promise<boolean> => {
    if (turn.attempt === 0 && (await reuseReply(kit, repeated, recorded, turnId, plan))) return false;
    const { attempt } = turn;
    leavePlace ??= await place();
    // Whatever it has waited for, somebody may have said stop meanwhile.
    if (attempt === 0 && (await standing()) !== 'running') refusal = { why: 'over', attempt };
    else if (budget.isCapped) {
      const state = await sessions.load(stream, Number.POSITIVE_INFINITY);
      const begun = attempt > 0 && (await readRecordedTurn(ports, { sessionId: rerunSessionId, state, turn }));
      const soFarMicroUsd = begun ? mostOfAll(ports, begun.calls) : 0;
      if (!budget.tryHold(turnId, soFarMicroUsd, mostOf(ports, plan))) refusal = { why: 'money', attempt };
    }
    return refusal === undefined;
  };

  for (;;) {
    await calls.untilBeating(run.deadline);
    if (run.deadline.aborted) return undefined;
    refusal = undefined;
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
          ...(first && { recorded: first }),
          ...(told && { told }),
        },
      }).finally(answered),
    );
    const state = await sessions.load(stream, Number.POSITIVE_INFINITY);
    const turn = turnOf(state, turnId);
    if (!turn) throw new TurnledgerError('turn_not_found', { detail: turnId });
    if (isTerminal(turn.status)) return { sessionId: rerunSessionId, state, turn };
    if (run.deadline.aborted) return undefined;
    // Set while the turn ran, which the compiler does not follow.
    const refused = refusal as Refusal | undefined;
    if (refused?.why === 'over') return undefined;
    if (refused?.why === 'money' && !(await budget.freed())) {
      if ((await standing()) === 'left') return undefined;
      if (refused.attempt === 0) return 'unaffordable';
      const command = { turnId, code: 'spend_cap_reached', stage: 'prompt', lostAttempt: refused.attempt } as const;
      await sessions.transact(stream, (now) => failTurn(command, now), options);
    }
    if (result === 'held') {
      if (run.leaving.aborted) return undefined;
      await ports.clock.sleep(limits.liveness.lookMs, run.deadline);
    }
  }
}

/** Why an attempt was not admitted, and how many were claimed before it. */
interface Refusal {
  readonly why: 'money' | 'over';
  readonly attempt: number;
}

function firstAsked({ started }: RecordedTurn): Repetition['recorded'] {
  const [call] = started?.calls ?? [];
  if (!started || !call) return undefined;
  return { name: call.model, endpoint: call.endpoint, scenarioVersion: started.prompt.scenarioVersion };
}
