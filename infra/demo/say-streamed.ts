import type { StartedSession } from '@turnledger/shared/client';
import { martaReis } from './lisbon-ledger.ts';
import type { ToldTurn } from './show-ledger.ts';
import type { TerminalPage } from './terminal-page.ts';

export const DETECTIVE = 'Detective';
export const MARTA = martaReis.persona.name;

/** Streams a turn onto the page. */
export async function sayStreamed(
  page: TerminalPage,
  session: StartedSession,
  prompt: string,
  signal: AbortSignal,
  idempotencyKey?: string,
): Promise<ToldTurn> {
  sayLine(page, DETECTIVE, prompt);
  const speech = page.speech(MARTA);
  const options = { signal, ...(idempotencyKey !== undefined && { idempotencyKey }) };
  const { id, response } = await session.say(prompt, { ...options, onDelta: (piece) => speech.write(piece) });
  speech.end();
  return { turnId: id, prompt, text: response };
}

/** A line as it stands. */
export function sayLine(page: TerminalPage, speaker: string, text: string, style: 'yellow' | 'cyan' = 'yellow'): void {
  const speech = page.speech(speaker, style);
  speech.write(text);
  speech.end();
}
