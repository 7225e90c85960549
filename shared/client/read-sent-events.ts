import type { Answer } from './ask.ts';
import { clientBounds } from './client-bounds.ts';
import { readBytes } from './read-bytes.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type ServerSentEvent, SseParser } from './sse-parser.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

/**
 * The events of one connection as they were sent, until it ends or breaks; the budget learns how far apart the service wants reconnects.
 * `onId` is told the id to come back with, also where it came without an event. Throws `answer_unreadable`.
 */
export async function* readSentEvents(
  answer: Answer,
  budget: Pick<RetryBudget, 'spaceOut'>,
  onId: (id: string) => void = () => undefined,
): AsyncGenerator<ServerSentEvent, void> {
  const isStream = answer.response.headers.get('content-type')?.includes('text/event-stream');
  if (!isStream) throw new TurnledgerProblem('answer_unreadable', { detail: 'it is not a stream' });
  const parser = new SseParser(clientBounds.maxEventChars);
  for await (const bytes of readBytes(answer)) {
    yield* parser.push(bytes);
    onId(parser.lastId);
    budget.spaceOut(parser.retryMs ?? clientBounds.reconnectMs);
  }
}
