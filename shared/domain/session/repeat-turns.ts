import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import type { RerunSessionStarted, SessionEvent, TurnReused } from './events.ts';
import { type SessionState, turnOf } from './state.ts';
import { isTerminal } from './turn-state.ts';

/** Opens a session in which recorded turns are asked again; one that is there stays as it is, since its id says all of it. */
export function startRerunSession(
  command: RerunSessionStarted['data'],
  state: SessionState,
): Decision<SessionEvent<'plain'>, never> {
  return state.status === 'none' ? accepted({ type: 'RerunSessionStarted', data: command }) : unchanged;
}

export type ReuseTurn = TurnReused<'plain'>['data'];

/** Gives a turn that nobody has claimed yet its recorded reply; one that has ended stays as it is. */
export function reuseTurn(
  command: ReuseTurn,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'turn_not_found' | 'turn_held'> {
  const turn = turnOf(state, command.turnId);
  if (!turn) return refused('turn_not_found');
  if (isTerminal(turn.status)) return unchanged;
  return turn.attempt === 0 ? accepted({ type: 'TurnReused', data: command }) : refused('turn_held');
}
