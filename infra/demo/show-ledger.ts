import type { Session, StartedSession, Turn } from '@turnledger/shared/client';
import type { TerminalPage } from './terminal-page.ts';

/** What was said, as the player saw it. */
export interface ToldTurn {
  readonly turnId: string;
  readonly prompt: string;
  readonly text: string;
}

export interface LedgerToShow {
  readonly session: StartedSession;
  readonly page: TerminalPage;
  readonly told: readonly ToldTurn[];
  readonly signal: AbortSignal;
}

/** Renders the session from its recorded events. Answers whether that is, word for word, what the player saw. */
export async function showLedger({ session, page, told, signal }: LedgerToShow): Promise<boolean> {
  const replay = await session.replay({ signal });
  for (const turn of replay.turns) showTurn(page, turn);
  return page.check(isAsTold(replay, told), `${replay.turns.length} turns, word for word as they were streamed.`);
}

function showTurn(page: TerminalPage, { position, status, response }: Turn): void {
  const words = (response ?? '').split(' ').filter((word) => word !== '');
  const isShort = words.length <= 8;
  page.fact(`turn ${position}`, `${status.padEnd(10)} “${words.slice(0, 8).join(' ')}${isShort ? '' : ' …'}”`);
}

const isAsTold = (
  { session, turns }: { readonly session: Session; readonly turns: readonly Turn[] },
  told: readonly ToldTurn[],
): boolean =>
  session.turns === told.length &&
  turns.length === told.length &&
  told.every(({ turnId, prompt, text }, index) => {
    const turn = turns[index];
    return turn?.id === turnId && turn.prompt === prompt && turn.response === text;
  });
