import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { isTerminal, type SessionState, type TurnState, turnOf, turnsToRepeat } from '@turnledger/shared/domain';
import type { CommandPorts } from './ports.ts';
import { findPlayedSessions, type PlayedSessions } from './queries/find-played-sessions.ts';

/** A session's turns that may be asked again, as recorded; the last of them may be followed by a cancelled one, up to `throughTurnId`. */
export interface RepeatableSession {
  readonly sessionId: string;
  readonly throughTurnId: string;
  readonly turns: readonly TurnState[];
}

/** What a re-run is about. */
export interface RepeatableTurns {
  readonly scenarioId: string;
  readonly gameId?: string | undefined;
  readonly sessions: readonly RepeatableSession[];
}

type Ports = Pick<CommandPorts, 'ledger' | 'vault' | 'views'>;

/**
 * The turns of one session through one of its own, or through the newest that has ended. Throws `session_not_found`, `player_erased`,
 * `turn_not_found`, `turn_open`, `rerun_empty`, `store_unavailable`.
 */
export async function turnsOfSession(
  { ledger, vault }: Ports,
  sessionId: string,
  wantedTurnId: string | undefined,
): Promise<RepeatableTurns> {
  const state = await ledger.sessions.load(sessionStream(sessionId));
  if (state.status === 'none') throw new TurnledgerError('session_not_found');
  if (await isErased({ vault }, state)) throw new TurnledgerError('player_erased');
  if (wantedTurnId !== undefined) requireEnded(state, wantedTurnId);
  const session = repeatable(sessionId, state, wantedTurnId);
  if (!session) throw new TurnledgerError('rerun_empty');
  const { scenarioId, gameId } = state;
  return { scenarioId, gameId, sessions: [session] };
}

/**
 * The turns of all sessions of a scenario that are wanted, oldest session first. The view proposes sessions, and the ledger says what they are;
 * those without a turn to ask again, and those of erased players, are left out. Throws `rerun_empty`, `rerun_too_large`, `store_unavailable`.
 */
export async function turnsOfScenario(ports: Ports, wanted: PlayedSessions): Promise<RepeatableTurns> {
  const { maxSessions, maxTurns, maxLoadsAtOnce } = limits.rerun;
  const proposed = await findPlayedSessions(ports.views, wanted);
  if (proposed.length > maxSessions) throw tooLarge(`more than ${maxSessions} sessions`);
  const sessions: RepeatableSession[] = [];
  let turns = 0;
  for (let from = 0; from < proposed.length; from += maxLoadsAtOnce) {
    const some = proposed.slice(from, from + maxLoadsAtOnce);
    const found = await Promise.all(some.map((sessionId) => wantedSession(ports, sessionId, wanted)));
    for (const session of found) {
      if (!session) continue;
      sessions.push(session);
      turns += session.turns.length;
    }
    if (turns > maxTurns) throw tooLarge(`more than ${maxTurns} turns`);
  }
  if (sessions.length === 0) throw new TurnledgerError('rerun_empty');
  const { scenarioId, gameId } = wanted;
  return { scenarioId, gameId, sessions };
}

const tooLarge = (detail: string) => new TurnledgerError('rerun_too_large', { detail });

async function wantedSession(
  { ledger, vault }: Ports,
  sessionId: string,
  { scenarioId, scenarioVersion, gameId }: PlayedSessions,
): Promise<RepeatableSession | undefined> {
  const state = await ledger.sessions.load(sessionStream(sessionId));
  if (state.status === 'none' || state.scenarioId !== scenarioId) return undefined;
  if (gameId !== undefined && state.gameId !== gameId) return undefined;
  if (scenarioVersion !== undefined && state.scenarioVersion !== scenarioVersion) return undefined;
  const session = repeatable(sessionId, state);
  return session && !(await isErased({ vault }, state)) ? session : undefined;
}

const isErased = async ({ vault }: Pick<Ports, 'vault'>, { keyId }: SessionState): Promise<boolean> =>
  (await vault.dataKey(keyId)).outcome === 'erased';

function requireEnded(state: SessionState, turnId: string): void {
  const turn = turnOf(state, turnId);
  if (!turn) throw new TurnledgerError('turn_not_found');
  if (!isTerminal(turn.status)) throw new TurnledgerError('turn_open', { members: { turn_id: turnId } });
}

function repeatable(
  sessionId: string,
  state: SessionState,
  throughTurnId = newestOwnEnded(state),
): RepeatableSession | undefined {
  if (throughTurnId === undefined) return undefined;
  const turns = turnsToRepeat(state, throughTurnId);
  return turns.length === 0 ? undefined : { sessionId, throughTurnId, turns };
}

/** The newest turn of effective history that has ended; not one that a fork began with, which is another session's to repeat. */
function newestOwnEnded(state: SessionState): string | undefined {
  for (let node = state.history; node; node = node.previous) {
    const turn = turnOf(state, node.turnId);
    if (turn && isTerminal(turn.status)) return turn.turnId;
  }
  return undefined;
}
