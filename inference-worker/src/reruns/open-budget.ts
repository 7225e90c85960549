import { sessionStream } from '@turnledger/shared/contracts';
import { type RerunRequest, type RerunState, spentBy, turnOf } from '@turnledger/shared/domain';
import { mostOfAll } from './cost-bound.ts';
import { readRecordedTurn } from './recorded-turn.ts';
import { rerunTurnIdOf } from './rerun-ids.ts';
import { lanesAtOnce, rerunLanes } from './rerun-lanes.ts';
import type { RerunPorts } from './rerun-ports.ts';
import { SpendBudget } from './spend-budget.ts';

/**
 * The money of a re-run as earlier runs have left it: what was compared is spent, and what they have begun is held from the start, before
 * anything else is asked. Throws `price_unknown`, `store_unavailable`.
 */
export async function openBudget(
  ports: RerunPorts,
  rerunId: string,
  request: RerunRequest,
  { comparisons }: RerunState,
): Promise<SpendBudget> {
  const { spendCapMicroUsd } = request;
  if (spendCapMicroUsd === undefined) return new SpendBudget(undefined, 0);
  let spentMicroUsd = spentBy(comparisons);
  for (const { outcome, rerunSessionId, rerunTurnId, repeated } of comparisons)
    if (outcome !== 'reused' && repeated.costMicroUsd === undefined)
      spentMicroUsd += (await mostOfTurn(ports, rerunSessionId, rerunTurnId)) ?? 0;
  const budget = new SpendBudget(spendCapMicroUsd, spentMicroUsd);

  const compared = new Set(comparisons.map(({ turnId }) => turnId));
  // Lanes are taken in this order: behind as many as are run at once that nobody has begun, nobody has begun any.
  let untouched = 0;
  for await (const lane of rerunLanes(ports, rerunId, request, compared)) {
    let isTouched = false;
    for (const { rerunSessionId, turn } of lane) {
      const rerunTurnId = rerunTurnIdOf(rerunSessionId, turn.turnId);
      const microUsd = await mostOfTurn(ports, rerunSessionId, rerunTurnId);
      if (microUsd === undefined) break;
      isTouched = true;
      budget.hold(rerunTurnId, microUsd);
    }
    if (!isTouched) untouched += 1;
    if (untouched >= lanesAtOnce(request)) break;
  }
  return budget;
}

/** The most that a turn of a re-run has cost; undefined where it was not asked for. */
async function mostOfTurn(ports: RerunPorts, sessionId: string, turnId: string): Promise<number | undefined> {
  const state = await ports.ledger.sessions.load(sessionStream(sessionId));
  const turn = turnOf(state, turnId);
  if (!turn) return undefined;
  return mostOfAll(ports, (await readRecordedTurn(ports, { sessionId, state, turn })).calls);
}
