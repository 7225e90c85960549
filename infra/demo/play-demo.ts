import type { StartedSession, Turn, TurnledgerClient } from '@turnledger/shared/client';
import { TurnledgerProblem } from '@turnledger/shared/client';
import { askAgain } from './ask-again.ts';
import { detectiveSays, martaReis, WORDS_BEFORE_STEPS } from './lisbon-ledger.ts';
import { loadSave } from './load-save.ts';
import { DETECTIVE, MARTA, sayLine, sayStreamed } from './say-streamed.ts';
import { showLedger, type ToldTurn } from './show-ledger.ts';
import { showUsage } from './show-usage.ts';
import type { TerminalPage } from './terminal-page.ts';

export interface DemoToPlay {
  readonly client: TurnledgerClient;
  readonly page: TerminalPage;
  /** The endpoint of a second model, where the stage has one. */
  readonly understudy: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Plays the first scene of the Lisbon Ledger through the client: four turns, one of them asked for twice, one cancelled, what the ledger
 * says of them, two other endings from an old save, and the same questions asked of another model. Answers whether every promise was kept. Rejects with TurnledgerProblem.
 */
export async function playDemo({ client, page, understudy, signal }: DemoToPlay): Promise<boolean> {
  page.heading('1. A character is published, and a session is opened');
  const { scenarioId, version, configHash } = await client.configureModel({ ...martaReis, signal });
  page.fact('scenario', `${scenarioId}, version ${version}, ${configHash.slice(0, 16)}…`);
  const session = await client.startSession({ scenarioId, playerId: 'detective-7', gameId: 'lisbon-ledger', signal });
  page.fact('session', session.id);

  page.heading('2. Four turns, streamed');
  sayLine(page, MARTA, martaReis.persona.greeting, 'cyan');
  const told: ToldTurn[] = [];
  told.push(await sayStreamed(page, session, detectiveSays.alibi, signal));
  told.push(await sayStreamed(page, session, detectiveSays.page, signal));
  const { isOnce, turn } = await sayTwice(page, session, detectiveSays.weight, signal);
  told.push(turn);
  const cut = await sayAndCancel(page, session, detectiveSays.truth, signal);
  told.push(cut.turn);

  page.heading('3. The session, rendered again from the log; no model is asked');
  const isRecorded = await showLedger({ session, page, told, signal });

  page.heading('4. An old save is loaded, twice');
  const saves = await loadSave({ session, page, saved: turn, signal });

  page.heading('5. What was used');
  const turns = told.length + saves.turns;
  const asked = { turns, requests: turns + 1 };
  const isPaidOnce = await showUsage({ client, session, page, asked, minPosition: saves.logPosition, signal });

  page.heading('6. The same questions, asked again');
  const isAskedAgain = await askAgain({ client, session, page, understudy, signal });
  return isOnce && cut.isCancelled && isRecorded && saves.isForgotten && isPaidOnce && isAskedAgain;
}

/** A button pressed twice, or an answer lost on its way: one key, one turn. */
async function sayTwice(page: TerminalPage, session: StartedSession, prompt: string, signal: AbortSignal) {
  const idempotencyKey = 'the-weight-of-cork';
  const turn = await sayStreamed(page, session, prompt, signal, idempotencyKey);
  const again = await session.say(prompt, { idempotencyKey, signal });
  page.note('The same request goes out a second time, under the same key.');
  page.fact('first answer', turn.turnId);
  page.fact('second answer', again.id);
  const isOnce = page.check(
    again.id === turn.turnId && again.response === turn.text,
    'Both are one turn, word for word: nothing is bought twice.',
  );
  return { isOnce, turn };
}

/** Lets her speak until there are steps on the stairs. */
async function sayAndCancel(page: TerminalPage, session: StartedSession, prompt: string, signal: AbortSignal) {
  sayLine(page, DETECTIVE, prompt);
  const speech = page.speech(MARTA);
  const stream = session.stream(prompt, { signal });
  let words = 0;
  let cancelled: Promise<Turn> | undefined;
  for await (const event of stream) {
    if (event.type !== 'reply.delta') continue;
    speech.write(event.text);
    words += event.text.split(/\s+/).filter((word) => word !== '').length;
    if (words >= WORDS_BEFORE_STEPS) cancelled ??= session.cancelTurn(event.turnId, { signal });
  }
  speech.end();
  const turn = cancelled && (await cancelled);
  const ending = await stream.turn.catch((problem: unknown) => problem);
  const isCancelled = ending instanceof TurnledgerProblem && ending.code === 'turn_cancelled' && turn !== undefined;
  page.note(
    'Steps on the stairs: the turn is cancelled, and the model with it. What she had said stays in the ledger.',
  );
  page.check(isCancelled, `The turn is ${turn?.status ?? 'not cancelled'}, and its words so far are kept.`);
  return { isCancelled, turn: { turnId: turn?.id ?? '', prompt, text: turn?.response ?? '' } };
}
