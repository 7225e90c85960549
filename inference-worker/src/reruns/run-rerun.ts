import { isTurnledgerError, limits, rerunStream, sessionStream } from '@turnledger/shared/contracts';
import {
  finishRerun,
  isRunning,
  isTerminal,
  type RerunComparison,
  type RerunFinished,
  type RerunRequest,
  turnOf,
} from '@turnledger/shared/domain';
import type { FencedCalls } from '../fenced-calls.ts';
import { CallPlaces } from './call-places.ts';
import { carryCancelledTurn } from './carry-cancelled-turn.ts';
import { ComparisonBook } from './comparison-book.ts';
import { closeGateOf, isGateGivenUp } from './gate-of-rerun.ts';
import { isTransient } from './is-transient.ts';
import { openBudget } from './open-budget.ts';
import { repeatRecordedTurn } from './repeat-turn.ts';
import { rerunTurnIdOf } from './rerun-ids.ts';
import { lanesAtOnce, rerunLanes } from './rerun-lanes.ts';
import type { RepeatedTurn, RepeatKit, RerunPorts, RerunRun, RunStanding } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';

type Ending = RerunFinished['data'];

/**
 * Takes a re-run from wherever its stream says it stands to its ending: asks what is not compared yet, as many turns at once as it may, and
 * records what they came to. Stops early when it is cancelled, when its money is spent and when a model is gone; turns that are under way end
 * first. Fails where the log takes no comparisons. Leaves it as it is when the run is aborted: whoever runs it next goes on. Throws what no later
 * try would mend.
 */
export async function runRerun(ports: RerunPorts, run: RerunRun, calls: FencedCalls): Promise<void> {
  const state = await ports.ledger.reruns.load(rerunStream(run.rerunId));
  const { request } = state;
  if (!request || !isRunning(state)) return;
  if (await isGateGivenUp(ports, run.rerunId, request))
    return finish(ports, run, request, { outcome: 'failed', code: 'gate_abandoned' });
  const book = new ComparisonBook(ports, run, state);
  const asked = await askAll(ports, run, calls, { request, book }).catch((thrown: unknown) =>
    endingBy(ports, run, thrown),
  );
  const ending = await book.flush().then(
    () => asked,
    (thrown: unknown) => endingBy(ports, run, thrown),
  );
  if (!ending || run.deadline.aborted) return;
  await finish(ports, run, request, ending);
}

/** Undefined when the run was told to leave, or a store failed, before everything was asked. */
async function askAll(
  ports: RerunPorts,
  run: RerunRun,
  calls: FencedCalls,
  { request, book }: { readonly request: RerunRequest; readonly book: ComparisonBook },
): Promise<Ending | undefined> {
  const budget = await openBudget(ports, run.rerunId, request, book.state);
  const compared = new Set(book.state.comparisons.map(({ turnId }) => turnId));
  const lanes = rerunLanes(ports, run.rerunId, request, compared);
  let ending: Ending | undefined;
  let isInterrupted = false;
  const stopWith = (reason: Ending) => {
    ending ??= reason;
  };
  const isLeft = () => isInterrupted || run.leaving.aborted || run.deadline.aborted;

  // Read anew before each call: that costs a read, and a call after somebody has said stop costs money.
  const standing = async (maxAgeMs = 0): Promise<RunStanding> => {
    const now = await book.look(maxAgeMs);
    if (now.status === 'cancelling') stopWith({ outcome: 'cancelled' });
    // Whoever has led meanwhile has brought it to its end.
    else if (!isRunning(now)) isInterrupted = true;
    if (isLeft()) return 'left';
    return ending ? 'ending' : 'running';
  };
  const places = new CallPlaces(request.concurrency);
  const kit: RepeatKit = { ports, run, budget, calls, standing, takePlace: () => places.take() };

  const work = async (): Promise<void> => {
    while (!isLeft()) {
      const next = await lanes.next();
      if (next.done) return;
      for (const repeated of next.value) {
        const now = await standing(limits.rerun.gatherMs);
        // One that an earlier run has brought to its end is paid, and compared whatever comes.
        if (now === 'left' || (now === 'ending' && !(await hasEnded(ports, repeated)))) return;
        if (repeated.turn.status === 'cancelled') {
          await carryCancelledTurn(kit, repeated);
          continue;
        }
        const comparison = await repeatRecordedTurn(kit, repeated);
        if (comparison === undefined) return;
        if (comparison === 'unaffordable') return stopWith({ outcome: 'spend_cap_reached' });
        await book.add(comparison);
        if (comparison.code === 'spend_cap_reached') return stopWith({ outcome: 'spend_cap_reached' });
        if (isGone(comparison, request)) return stopWith({ outcome: 'failed', code: 'model_unavailable' });
      }
    }
  };
  const workOrFail = () =>
    work().catch((thrown: unknown) => {
      const reason = endingBy(ports, run, thrown);
      if (reason) stopWith(reason);
      else isInterrupted = true;
    });
  await Promise.all(Array.from({ length: lanesAtOnce(request) }, workOrFail));
  if (isInterrupted) return undefined;
  return ending ?? (isLeft() ? undefined : { outcome: 'completed' });
}

async function hasEnded({ ledger }: RerunPorts, { rerunSessionId, turn }: RepeatedTurn): Promise<boolean> {
  const state = await ledger.sessions.load(sessionStream(rerunSessionId));
  const repeated = turnOf(state, rerunTurnIdOf(rerunSessionId, turn.turnId));
  return repeated !== undefined && isTerminal(repeated.status);
}

/** What a re-run comes to by what was thrown; undefined where a store did not answer: it is run again, and goes on from what is recorded. */
function endingBy({ log }: RerunPorts, { rerunId }: RerunRun, thrown: unknown): Ending | undefined {
  log.error({ rerunId, cause: thrown }, 'a re-run cannot go on');
  const code = isTurnledgerError(thrown) ? thrown.code : 'invariant_broken';
  return isTransient(code) ? undefined : { outcome: 'failed', code };
}

/**
 * What the provider, or the operator's configuration, no longer has: no other turn will fare better. One that failed when it was recorded may have
 * named a model that never was.
 */
const isGone = ({ code, recorded }: RerunComparison, { overrides: { model } }: RerunRequest): boolean =>
  (code === 'model_unavailable' || code === 'model_not_found') && (recorded.status !== 'failed' || model !== undefined);

/** First what waits for it, then itself: a crash between the two leaves a re-run that is finished again, by the same figures. */
async function finish(ports: RerunPorts, run: RerunRun, request: RerunRequest, ending: Ending): Promise<void> {
  const stream = rerunStream(run.rerunId);
  const { reruns } = ports.ledger;
  const options = { context: contextOf(run) };
  const state = await reruns.load(stream);
  if (!isRunning(state)) return;
  const outcome = state.status === 'cancelling' ? 'cancelled' : ending.outcome;
  const isJudged =
    request.gateVersion !== undefined &&
    (await closeGateOf(ports, run, { scenarioId: request.scenarioId, outcome, state }));
  await reruns.transact(stream, (now) => finishRerun({ ...ending, isJudged }, now), options);
}
