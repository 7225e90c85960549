import { limits, sessionStream } from '@turnledger/shared/contracts';
import type { TurnState } from '@turnledger/shared/domain';
import type { Model } from '@turnledger/shared/ports';
import { countTokens, type MoveRules, openSessionEvent } from '@turnledger/shared/runtime';
import { correctionMessages } from './assemble-prompt-with-moves.ts';
import type { AskedMove } from './judge-answer.ts';
import type { WorkerPorts } from './ports.ts';
import { TOKENS_PER_MESSAGE } from './select-window.ts';

/** What an attempt asks of moves, and what it corrects, if it does. */
export interface PlannedMoves extends AskedMove {
  readonly correctionOfAttempt?: number;
  readonly corrected?: string;
  readonly correctionTokens: number;
}

/**
 * How the next attempt of a turn asks for a move. It corrects the first attempt whose move was not valid, also when one between has failed
 * for another reason: what was wrong is still wrong. Throws `store_unavailable`.
 */
export async function planMoves(
  { ledger, vault }: WorkerPorts,
  sessionId: string,
  { invalidMove }: TurnState,
  rules: MoveRules,
  model: Model,
): Promise<PlannedMoves> {
  const asked = { rules, form: model.keepsFormat ? 'structured' : 'block' } as const;
  if (!invalidMove) return { ...asked, correctionTokens: 0 };
  const { attempt, revision } = invalidMove;
  const [stored] = await ledger.sessions.events(sessionStream(sessionId), revision, revision);
  const failed = stored && (await openSessionEvent(stored, vault));
  const reply = failed?.type === 'TurnAttemptFailed' ? (failed.data.reply ?? '') : '';
  const corrected = correctedPart(reply);
  const messages = correctionMessages(corrected).map(({ content }) => content);
  const correctionTokens = (await countTokens(messages.join(''))) + messages.length * TOKENS_PER_MESSAGE;
  return { ...asked, correctionOfAttempt: attempt, corrected, correctionTokens };
}

/** The end of an answer, where its move stands; half a pair of surrogates that is left of the cut becomes a replacement character. */
export const correctedPart = (reply: string): string => reply.slice(-limits.moves.maxCorrectedChars).toWellFormed();
