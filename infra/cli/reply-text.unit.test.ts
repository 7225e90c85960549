import { describe, expect, test } from '@jest/globals';
import type { Turn, TurnEvent } from '@turnledger/shared/client';
import { ReplyText } from './reply-text.ts';

const started = (attempt: number): TurnEvent => ({
  type: 'turn.started',
  id: attempt * 1_000_000,
  turnId: 't',
  attempt,
  model: 'm',
  isRestart: attempt > 1,
});
const said = (text: string): TurnEvent => ({ type: 'reply.delta', id: 2, turnId: 't', attempt: 1, text });
const ended = (over: object): TurnEvent => ({
  type: 'turn.completed',
  id: 1_000_000_000,
  turn: { status: 'completed', error: null, fallback: null, ...over } as unknown as Turn,
});

/** The page that these events leave behind; a note stands in brackets. */
function page(...events: readonly TurnEvent[]): string {
  let text = '';
  const reply = new ReplyText({
    write: (piece) => (text += piece),
    note: (line) => (text += `[${line}]\n`),
  });
  for (const event of events) reply.take(event);
  return text;
}

describe('a reply as it comes', () => {
  test('is its words, and a line end behind them', () => {
    expect(page(started(1), said('At the '), said('desk.'), ended({ response: 'At the desk.' }))).toBe(
      'At the desk.\n',
    );
  });

  test('is told whole when its words were lost on the way', () => {
    expect(page(started(1), said('At the '), ended({ response: 'At the desk.' }))).toBe('At the desk.\n');
  });

  test('starts anew with a higher attempt, and says so', () => {
    expect(page(started(1), said('Hm'), started(2), said('Yes.'), ended({ response: 'Yes.' }))).toBe(
      'Hm\n[(attempt 2: the reply starts anew)]\nYes.\n',
    );
  });

  test('is told as it was recorded when the words before were others', () => {
    expect(page(started(1), said('Hm'), ended({ response: 'Yes.' }))).toBe(
      'Hm\n[(as it was recorded: the reply starts anew)]\nYes.\n',
    );
  });

  test('that fails keeps the words so far, and has the line to say instead', () => {
    const failed = ended({ status: 'failed', response: null, error: { code: 'model_cut' }, fallback: 'Not now.' });
    expect(page(started(1), said('Hm'), failed)).toBe('Hm\n[(failed: model_cut)]\nNot now.\n');
  });

  test('cannot obey a terminal, also when it comes in pieces', () => {
    const text = 'a\u001b[2Jb';
    expect(page(started(1), said('a\u001b'), said('[2Jb'), ended({ response: text }))).toBe('a�[2Jb\n');
  });
});
