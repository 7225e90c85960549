import { isTurnledgerError, limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type RerunComparison, repeatTurn, turnOf } from '@turnledger/shared/domain';
import { type ComparedPlace, compareTurn, compareUnanswered } from './compare-turn.ts';
import { mostOfAll } from './cost-bound.ts';
import { isTransient } from './is-transient.ts';
import { openRerunSession } from './open-rerun-session.ts';
import { type RecordedTurn, readRecordedTurn } from './recorded-turn.ts';
import { repeatVerdict } from './repeat-verdict.ts';
import { repeatedRequest } from './repeated-request.ts';
import { rerunTurnIdOf } from './rerun-ids.ts';
import type { RepeatedTurn, RepeatKit } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';
import { runRepeatedTurn } from './run-repeated-turn.ts';

/**
 * Takes a turn that is asked again to its ending, from wherever an earlier run has left it, and compares it. `unaffordable`: it could cost
 * more than is left; undefined: it may not begin any more, or this run goes no further. Throws `price_unknown`, and what no later try would mend.
 */
export async function repeatRecordedTurn(
  kit: RepeatKit,
  repeated: RepeatedTurn,
): Promise<RerunComparison | 'unaffordable' | undefined> {
  const { ports, run, budget } = kit;
  const { sessionId, state, turn, rerunSessionId } = repeated;
  const rerunTurnId = rerunTurnIdOf(rerunSessionId, turn.turnId);
  const place = { sessionId, turnId: turn.turnId, position: turn.position, rerunSessionId, rerunTurnId };
  let recorded: RecordedTurn | undefined;
  try {
    for (;;) {
      try {
        recorded = await readRecordedTurn(ports, { sessionId, state, turn });
        await request(kit, repeated, recorded, rerunTurnId);
        const ended = await runRepeatedTurn(kit, repeated, recorded, rerunTurnId);
        if (ended === 'unaffordable' || ended === undefined) return ended;
        const again = await readRecordedTurn(ports, ended);
        const comparison = compareTurn(place, recorded, again);
        const carriesOn = repeated.request.mode === 'free_running';
        if (carriesOn && comparison.move === 'same') await repeatVerdict(kit, recorded, ended);
        if (budget.isCapped) budget.settle(rerunTurnId, mostOfAll(ports, again.calls));
        return comparison;
      } catch (thrown) {
        if (run.deadline.aborted) return undefined;
        if (recorded && isTurnledgerError(thrown) && thrown.code === 'player_erased')
          return await unanswered(kit, place, recorded, thrown.code);
        if (!isTurnledgerError(thrown) || !isTransient(thrown.code)) throw thrown;
        ports.log.warn({ rerunId: run.rerunId, turnId: turn.turnId, cause: thrown }, 'a store failed under a re-run');
        if (run.leaving.aborted) return undefined;
        await ports.clock.sleep(limits.worker.endingRetryMs, run.deadline);
      }
    }
  } finally {
    budget.leave(rerunTurnId);
  }
}

/** Settles what a turn has cost whose answer cannot be had, and compares it. Throws `store_unavailable`, `price_unknown`. */
async function unanswered(
  { ports, budget }: RepeatKit,
  place: ComparedPlace,
  recorded: RecordedTurn,
  code: string,
): Promise<RerunComparison> {
  const { rerunSessionId: sessionId, rerunTurnId } = place;
  const state = await ports.ledger.sessions.load(sessionStream(sessionId));
  const turn = turnOf(state, rerunTurnId);
  const begun = turn && (await readRecordedTurn(ports, { sessionId, state, turn }));
  if (budget.isCapped) budget.settle(rerunTurnId, begun ? mostOfAll(ports, begun.calls) : 0);
  return compareUnanswered(place, recorded, code, begun);
}

/** Opens its session where that is not there, and asks for the turn in it. Throws `player_erased` where there is nothing left to ask. */
async function request(
  { ports, run }: RepeatKit,
  { request: { overrides }, sessionId, state, turn, rerunSessionId }: RepeatedTurn,
  recorded: RecordedTurn,
  rerunTurnId: string,
): Promise<void> {
  const { requested } = recorded;
  const scenarioVersion = overrides.scenarioVersion ?? turn.scenarioVersion;
  const command = repeatedRequest(requested, overrides, { turnId: rerunTurnId, scenarioVersion });
  // Also where no words are: an earlier turn may be open for good, since its answer cannot be recorded.
  const isErased = (await ports.vault.dataKey(state.keyId)).outcome === 'erased';
  if (!command || isErased) throw new TurnledgerError('player_erased');
  await openRerunSession(ports, {
    run,
    rerunSessionId,
    sessionId,
    state,
    turn,
    recorded,
    scenarioVersion,
  });
  const options = { context: contextOf(run) };
  const { sessions } = ports.ledger;
  const result = await sessions.transact(sessionStream(rerunSessionId), (now) => repeatTurn(command, now), options);
  if (result.outcome === 'refused')
    throw new TurnledgerError('invariant_broken', { detail: `a repeated turn: ${result.reason}` });
}
