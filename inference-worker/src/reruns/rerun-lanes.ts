import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import {
  type RerunRequest,
  type SessionState,
  type TurnState,
  turnOf,
  turnsToCarryOn,
  turnsToRepeat,
} from '@turnledger/shared/domain';
import { rerunSessionIdOf } from './rerun-ids.ts';
import type { RepeatedTurn, RerunPorts } from './rerun-ports.ts';

/**
 * What a re-run still has to ask, as lanes whose turns follow one another; lanes may be run side by side. After its recorded history each turn
 * is a lane; where the new answers carry on, each session is one. Sessions are read as their lanes are taken. Throws `store_unavailable`,
 * `invariant_broken` for a source that is not there.
 */
export async function* rerunLanes(
  { ledger }: RerunPorts,
  rerunId: string,
  request: RerunRequest,
  compared: ReadonlySet<string>,
): AsyncGenerator<readonly RepeatedTurn[], void> {
  for (const { sessionId, throughTurnId } of request.sources) {
    const state = await loadThrough(ledger, sessionId, throughTurnId);
    const repeated = (turn: TurnState, sourceTurnId?: string): RepeatedTurn => {
      const part = { rerunId, sourceSessionId: sessionId, ...(sourceTurnId !== undefined && { sourceTurnId }) };
      return { request, sessionId, state, turn, rerunSessionId: rerunSessionIdOf(part) };
    };
    const left = turnsToRepeat(state, throughTurnId).filter(({ turnId }) => !compared.has(turnId));
    if (request.mode === 'free_running') {
      const onTheWay = turnsToCarryOn(state, left);
      if (onTheWay.length > 0) yield onTheWay.map((turn) => repeated(turn));
    } else {
      for (const turn of left) yield [repeated(turn, turn.turnId)];
    }
  }
}

/** Half of them are made ready or recorded while the turns of the others are asked. */
export const lanesAtOnce = ({ concurrency }: RerunRequest): number => 2 * concurrency;

async function loadThrough(
  { sessions }: RerunPorts['ledger'],
  sessionId: string,
  throughTurnId: string,
): Promise<SessionState> {
  const state = await sessions.load(sessionStream(sessionId));
  if (turnOf(state, throughTurnId)) return state;
  throw new TurnledgerError('invariant_broken', { detail: `session ${sessionId} has no turn ${throughTurnId}` });
}
