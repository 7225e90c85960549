import type { ScenarioVersion, TurnRecord, TurnState } from '@turnledger/shared/domain';
import { historyThroughTurn, readHistory, type SessionPoint } from '@turnledger/shared/runtime';
import { inheritedOf, knownSummaries, withTold } from './known-summaries.ts';
import type { WorkerPorts } from './ports.ts';
import { type ToldPast, tellAgain, toldUnder, windowTold } from './tell-again.ts';
import { promptReach, type ToldHistory, tellHistory } from './tell-summary.ts';

/** Of which turn, and by what rules. */
export interface WantedPast {
  readonly point: SessionPoint;
  readonly turn: TurnState;
  readonly scenario: ScenarioVersion;
  /** So many turns are read in any case. */
  readonly atLeast: number;
  /** What is told where the scenario version is that of the recorded prompt. */
  readonly told: ToldPast | undefined;
}

/** What went before a turn, as far as a prompt for it may go back. */
export interface ReadPast {
  /** Oldest first. */
  readonly turns: readonly TurnRecord<'opened'>[];
  /** What of it fits; `isCorrection`: beside the failure of an attempt before, which takes of the room that a recorded prompt had. */
  tell(room: { readonly tokenBudget: number; readonly isCorrection: boolean }): Promise<ToldHistory>;
}

/** Reads a turn's past from the log. Throws `store_unavailable`. */
export async function readPast(
  { ledger, vault }: Pick<WorkerPorts, 'ledger' | 'vault'>,
  { point, turn, scenario, atLeast, told }: WantedPast,
): Promise<ReadPast> {
  const { sessions } = ledger;
  const { windowTurns, summary: config } = scenario.history;
  const inherited = await inheritedOf(ledger, point.sessionId, point.state);
  const known = withTold(knownSummaries(point.state, inherited), told?.summary);
  const again = toldUnder(told, scenario);
  const reach = again ? 2 * windowTurns : promptReach(scenario, known, turn.position);
  const near = await historyThroughTurn(sessions, point, turn.previousTurnId, Math.max(reach, atLeast));
  const window = again ? windowTold(near, again, atLeast) : near;
  const turns = await readHistory({ sessions, vault }, point, window);
  const tell: ReadPast['tell'] = ({ tokenBudget, isCorrection }) =>
    again && !isCorrection
      ? tellAgain(turns, again)
      : tellHistory({
          turns: reach === 0 ? [] : turns,
          position: turn.position,
          windowTurns,
          tokenBudget,
          ...(config && { known }),
        });
  return { turns, tell };
}
