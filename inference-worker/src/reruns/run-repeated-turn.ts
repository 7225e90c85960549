import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { failTurn, isTerminal, type SessionState, type TurnState, turnOf } from '@turnledger/shared/domain';
import type { Repetition } from '../ports.ts';
import { runTurn } from '../run-turn.ts';
import { AttemptAdmission } from './attempt-admission.ts';
import { keptPast } from './kept-past.ts';
import type { RecordedTurn } from './recorded-turn.ts';
import type { RepeatedTurn, RepeatKit } from './rerun-ports.ts';
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
  const { ports, run, budget, calls, standing } = kit;
  const { sessions } = ports.ledger;
  const { rerunSessionId } = repeated;
  const stream = sessionStream(rerunSessionId);
  const admission = new AttemptAdmission(kit, repeated, recorded, turnId);
  const repetition: Repetition = {
    ...(await repetitionOf(kit, repeated, recorded)),
    admit: (plan, turn) => admission.admits(plan, turn),
    answered: () => admission.leavePlace(),
  };

  for (;;) {
    await calls.untilBeating(run.deadline);
    if (run.deadline.aborted) return undefined;
    const begunAtMs = ports.clock.nowMs() - admission.waitedMs;
    const message = {
      kind: 'requested',
      sessionId: rerunSessionId,
      turnId,
      deadlineMs: recorded.requested.deadlineMs,
      correlationId: run.rerunId,
      // What it waits for a place takes nothing off its time.
      get requestedAtMs() {
        return begunAtMs + admission.waitedMs;
      },
    } as const;
    const result = await calls.within(run.deadline, (signal) =>
      runTurn(ports, { message, worker: run.worker, signal, repetition }).finally(repetition.answered),
    );
    const refusal = admission.takeRefusal();
    const state = await sessions.load(stream, Number.POSITIVE_INFINITY);
    const turn = turnOf(state, turnId);
    if (!turn) throw new TurnledgerError('turn_not_found', { detail: turnId });
    if (isTerminal(turn.status)) return { sessionId: rerunSessionId, state, turn };
    if (run.deadline.aborted) return undefined;
    if (refusal?.why === 'over') return undefined;
    if (refusal?.why === 'money' && !(await budget.freed())) {
      if ((await standing()) === 'left') return undefined;
      if (refusal.attempt === 0) return 'unaffordable';
      const command = { turnId, code: 'spend_cap_reached', stage: 'prompt', lostAttempt: refusal.attempt } as const;
      await sessions.transact(stream, (now) => failTurn(command, now), { context: contextOf(run) });
    }
    if (result === 'held') {
      if (run.leaving.aborted) return undefined;
      await ports.clock.sleep(limits.liveness.lookMs, run.deadline);
    }
  }
}

/** What a turn is planned by that repeats another. A past of other answers is not told what the recorded one was. */
async function repetitionOf(
  { ports }: RepeatKit,
  repeated: RepeatedTurn,
  recorded: RecordedTurn,
): Promise<Omit<Repetition, 'admit' | 'answered'>> {
  const { mode, overrides } = repeated.request;
  const first = firstAsked(recorded);
  const tell = mode === 'teacher_forced' ? toldPast : keptPast;
  const told = await tell(ports.ledger, repeated, recorded);
  return {
    seed: repeated.turn.turnId,
    ...(overrides.model && { model: overrides.model }),
    ...(first && { recorded: first }),
    ...(told && { told }),
  };
}

function firstAsked({ started }: RecordedTurn): Repetition['recorded'] {
  const [call] = started?.calls ?? [];
  if (!started || !call) return undefined;
  return { name: call.model, endpoint: call.endpoint, scenarioVersion: started.prompt.scenarioVersion };
}
