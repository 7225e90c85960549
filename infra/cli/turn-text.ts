import type { Turn } from '@turnledger/shared/client';
import { visible, visibleText } from '../terminal/visible.ts';

type Asked = Pick<Turn, 'position' | 'prompt' | 'trigger'>;

/** What a turn answers, as a line begins it: `3 > words`, `3 * trigger`; words of a player who was erased are not there. */
export function askedText({ position, prompt, trigger }: Asked): string {
  if (trigger) return `${position} * ${visible(trigger.name)}`;
  return `${position} > ${prompt === null ? '(erased)' : visibleText(prompt)}`;
}

/** How a turn ended, if it was not by its reply: the reason in parentheses, and below it the scenario's line to say instead. */
export function endingLines({
  status,
  error,
  fallback,
}: Pick<Turn, 'status' | 'error' | 'fallback'>): readonly string[] {
  if (status === 'completed') return [];
  // `(cancelled: turn_cancelled)` would say it twice.
  const reason = error && error.code !== `turn_${status}` ? `: ${visible(error.code)}` : '';
  return [`(${status}${reason})`, ...(fallback === null ? [] : [visibleText(fallback)])];
}

/** A turn as a conversation shows it: what was said, the reply, and a bad ending. */
export function turnLines(turn: Turn): readonly string[] {
  return [askedText(turn), ...(turn.response === null ? [] : [visibleText(turn.response)]), ...endingLines(turn)];
}
