import type { RewindTarget, TurnledgerSession } from '@turnledger/shared/client';
import { wrongUse } from './exit-codes.ts';

const START = 'start';
const PLACE = /^[1-9]\d{0,3}$/;
const BOOKMARK = /^[A-Za-z0-9_-]{43}$/;

/**
 * Where a player means to go back to: `start`, or a turn as `forkPoint` reads it. Throws `config_invalid` for a place that is not there.
 */
export const rewindTarget = async (
  session: TurnledgerSession,
  text: string,
  signal: AbortSignal,
): Promise<RewindTarget> => (text === START ? START : forkPoint(session, text, signal));

/**
 * The turn that a player means: the place of one as `/history` shows it, a bookmark, or a turn's id, in which only the service can find a
 * mistake. Throws `config_invalid` for a place that is not there.
 */
export async function forkPoint(
  session: TurnledgerSession,
  text: string,
  signal: AbortSignal,
): Promise<{ readonly bookmark: string } | { readonly turnId: string }> {
  if (BOOKMARK.test(text)) return { bookmark: text };
  if (!PLACE.test(text)) return { turnId: text };
  for await (const { id, position } of session.turns({ signal })) if (position === Number(text)) return { turnId: id };
  throw wrongUse(`There is no turn ${text}; /history shows the turns.`);
}
