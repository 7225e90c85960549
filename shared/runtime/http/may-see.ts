import { type ErrorCode, isRerunSessionId, sessionStream, TurnledgerError } from '../../contracts/index.ts';
import type { Participant } from '../../domain/index.ts';
import type { KeyVault } from '../../ports/index.ts';
import type { Ledger } from '../ledger/index.ts';
import { challenge } from './bearer-challenge.ts';
import type { Caller } from './caller.ts';

/** What says whose a session is; never changes once it was started. */
export interface SessionOwners {
  readonly gameId?: string;
  readonly participants: readonly Participant[];
}

export interface OwnershipPorts {
  readonly ledger: Ledger;
  readonly vault: KeyVault;
}

/** Whether nothing is kept from a caller: operators and games, unless a game binds them. */
const seesAll = ({ role, gameId }: Caller): boolean => role !== 'player' && gameId === undefined;

/**
 * Whether a caller may see a session: a token bound to a game those of that game (one without a game is foreign to it), a player's token
 * those in which they take part. Throws `store_unavailable`.
 */
async function maySee(caller: Caller, session: SessionOwners, vault: KeyVault): Promise<boolean> {
  if (caller.gameId !== undefined && caller.gameId !== session.gameId) return false;
  if (caller.role !== 'player') return true;
  const player = await vault.findPlayer(caller.subject);
  return session.participants.some((one) => one.kind === 'player' && one.playerId === player?.playerId);
}

/**
 * Lets a caller pass to a session of theirs. A foreign one and a missing one throw the same `missing`; for callers who see all, whether it
 * is there is left to whoever reads it. Asks the log, not a view: a session counts from the moment in which it was recorded.
 */
export async function requireSession(
  { ledger, vault }: OwnershipPorts,
  caller: Caller,
  sessionId: string,
  missing: ErrorCode,
): Promise<void> {
  // Where recorded turns are asked again is no session of a game: what is in it, its re-run shows.
  if (isRerunSessionId(sessionId)) throw new TurnledgerError(missing);
  if (seesAll(caller)) return;
  const state = await ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
  if (state.status === 'none' || !(await maySee(caller, state, vault))) throw new TurnledgerError(missing);
}

/** Refuses what concerns every game to a token that is bound to one. Throws `role_not_allowed`. */
export function requireUnbound({ gameId }: Caller): void {
  if (gameId !== undefined) throw notAllowed('the token is bound to a game, and scenarios belong to none');
}

/**
 * The game that a request is for: the one that binds its token when it names none. Another than that throws `role_not_allowed`, which says
 * nothing about what there is.
 */
export function gameOf({ gameId: bound }: Caller, wanted: string | undefined): string | undefined {
  if (bound !== undefined && wanted !== undefined && wanted !== bound)
    throw notAllowed('the token is bound to another game');
  return wanted ?? bound;
}

/** The player that a request is for: with a player's token the player themself, named or not. Throws `role_not_allowed` for another. */
export function playerOf({ role, subject }: Caller, wanted: string | undefined): string | undefined {
  if (role !== 'player') return wanted;
  if (wanted !== undefined && wanted !== subject) throw notAllowed('a player may speak for themself alone');
  return subject;
}

/** Refuses to a player's token what a game alone may do. Throws `role_not_allowed`. */
export function requireNoPlayer({ role }: Caller, detail: string): void {
  if (role === 'player') throw notAllowed(detail);
}

const notAllowed = (detail: string) =>
  new TurnledgerError('role_not_allowed', { detail, headers: challenge('insufficient_scope') });
