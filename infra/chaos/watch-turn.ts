import type { Turn, TurnEvent, TurnStream } from '@turnledger/shared/client';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { type Outcome, outcomeOf, turnValue } from './client-outcomes.ts';

/** What a reader of a turn's stream has; survives a cut, and goes on where it was. */
export interface WatchedTurn {
  lastId: number;
  turnId: string | undefined;
  /** Deltas of the newest attempt, joined. */
  shown: { readonly attempt: number; readonly text: string };
  ending: Turn | undefined;
}

export const unwatchedTurn = (): WatchedTurn => ({
  lastId: 0,
  turnId: undefined,
  shown: { attempt: 0, text: '' },
  ending: undefined,
});

/** Writes down one event. Throws `invariant_broken` for one that was shown before: a stream that goes on after a cut repeats nothing. */
export function watch(turn: WatchedTurn, event: TurnEvent): void {
  if (event.id <= turn.lastId)
    throw new TurnledgerError('invariant_broken', { detail: `a stream showed ${event.id} after ${turn.lastId}` });
  turn.lastId = event.id;
  if (event.type === 'turn.requested') turn.turnId = event.turnId;
  else if (event.type === 'turn.started') turn.shown = { attempt: event.attempt, text: '' };
  else if (event.type === 'reply.delta') {
    turn.shown = { attempt: event.attempt, text: turn.shown.text + event.text };
  } else turn.ending = event.turn;
}

/** What has been seen so far, as an answer. */
export function outcomeSoFar({ turnId, ending, shown }: WatchedTurn): Outcome {
  if (ending) return { type: 'ok', value: { ...turnValue(ending), shown } };
  return { type: 'ok', value: { status: 'requested', ...(turnId !== undefined && { turnId }) } };
}

/** Reads a stream to its end, or until it is cut: what was seen stands, unless that was nothing. */
export async function watchToTheEnd(stream: TurnStream, turn: WatchedTurn): Promise<Outcome> {
  try {
    for await (const event of stream) watch(turn, event);
  } catch (thrown) {
    const outcome = outcomeOf(thrown);
    if (outcome.type === 'fail' || turn.turnId === undefined) return outcome;
  }
  return outcomeSoFar(turn);
}
