import { accepted, type Decision, refused, unchanged } from '../decision.ts';
import { historyLength, turnOf } from './effective-history.ts';
import type { RerunSessionStarted, SessionEvent, TurnRequested, TurnReused } from './events.ts';
import type { SessionState } from './state.ts';
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

export type RepeatTurn = Omit<TurnRequested<'plain'>['data'], 'position'>;

/** Asks for a turn again, at the next place; one that is there stays as it is, since its id says all of it. */
export function repeatTurn(
  command: RepeatTurn,
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'session_not_found' | 'turn_open'> {
  if (state.status === 'none') return refused('session_not_found');
  if (turnOf(state, command.turnId)) return unchanged;
  if (state.openTurnId !== undefined) return refused('turn_open', state.openTurnId);
  return accepted({ type: 'TurnRequested', data: { ...command, position: historyLength(state) + 1 } });
}

/** Puts a turn that was cancelled at the next place, as it was; one that is there stays as it is. */
export function carryCancelledTurn(
  { by, partial, ...turn }: RepeatTurn & { readonly by: string; readonly partial?: string },
  state: SessionState,
): Decision<SessionEvent<'plain'>, 'session_not_found' | 'turn_open'> {
  const requested = repeatTurn(turn, state);
  if (requested.outcome !== 'accepted') return requested;
  const { turnId } = turn;
  const data = { turnId, by, reason: 'requested' as const, ...(partial !== undefined && { partial }) };
  return accepted(...requested.events, { type: 'TurnCancelled', data });
}
