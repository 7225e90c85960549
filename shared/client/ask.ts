import { clientBounds } from './client-bounds.ts';
import type { Connection } from './connection.ts';
import { Lifeline } from './lifeline.ts';
import { problemOfResponse } from './problem-of-response.ts';
import { readText } from './read-bytes.ts';
import { RetryBudget } from './retry-budget.ts';
import { mayAskAgain } from './retry-table.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';

/** One request, the same at every try. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** From the base URL on, with its query. */
  readonly path: string;
  readonly accept: 'application/json' | 'text/event-stream';
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
  /** The entity tag that what is changed must still have. */
  readonly ifMatch?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** What it is about, for the problem it may end in. */
  readonly sessionId?: string | undefined;
  readonly turnId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long it may stay silent before the connection counts as dead. */
  readonly silenceMs: number;
}

/** An answer whose body is still to be read; whoever has it ends the lifeline. */
export interface Answer {
  readonly response: Response;
  readonly lifeline: Lifeline;
}

/** A key as a structured-field string (RFC 8941). */
const quoted = (key: string): string => `"${key.replaceAll(/["\\]/g, '\\$&')}"`;

/**
 * Whatever broke a connection, as a problem that knows its request: the caller's abort, silence, or the network. `code` names a broken
 * network where there was an answer already.
 */
export function toProblem(thrown: unknown, ask: Ask, lifeline: Lifeline, code = 'network_failed'): TurnledgerProblem {
  const { idempotencyKey, sessionId, turnId, signal } = ask;
  const about = { idempotencyKey, sessionId, turnId };
  if (thrown instanceof TurnledgerProblem) {
    if (thrown.code !== 'answer_unreadable') return thrown;
    return new TurnledgerProblem(thrown.code, { ...about, detail: thrown.detail, cause: thrown.cause });
  }
  if (signal?.aborted) return new TurnledgerProblem('aborted', { ...about, cause: signal.reason });
  const retryable = mayAskAgain({ code, status: undefined, shouldRetry: null });
  const why = lifeline.isSilent ? { detail: `nothing came for ${lifeline.silenceMs} ms` } : { cause: thrown };
  return new TurnledgerProblem(code, { ...about, retryable, ...why });
}

function bodyOf({ body, idempotencyKey }: Ask): { readonly body?: string } {
  try {
    return body ? { body: JSON.stringify(body) } : {};
  } catch (cause) {
    throw new TurnledgerProblem('request_invalid', { detail: 'the body is not JSON', idempotencyKey, cause });
  }
}

/**
 * Asks once. Throws the problem for any answer but a success, `network_failed` and `aborted` without one, `request_invalid` for a body that
 * cannot be written as JSON, and whatever the game's own `token` throws.
 */
export async function askOnce(connection: Connection, ask: Ask): Promise<Answer> {
  const { method, path, accept, ifMatch, idempotencyKey, sessionId, turnId } = ask;
  const body = bodyOf(ask);
  const token = await connection.token();
  const lifeline = new Lifeline(ask.signal, ask.silenceMs);
  try {
    const headers = {
      accept,
      ...(ask.body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method === 'POST' && idempotencyKey !== undefined && { 'idempotency-key': quoted(idempotencyKey) }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      ...ask.headers,
    };
    const request = { method, headers, signal: lifeline.signal, ...body };
    const response = await lifeline.race(connection.fetch(connection.baseUrl + path, request));
    if (response.ok) return { response, lifeline };
    const text = await readText({ response, lifeline });
    throw problemOfResponse(response, text, { idempotencyKey, sessionId, turnId });
  } catch (thrown) {
    lifeline.end();
    throw toProblem(thrown, ask, lifeline);
  }
}

async function readJson(answer: Answer): Promise<unknown> {
  const text = await readText(answer);
  try {
    if (answer.response.headers.get('content-type')?.includes('json')) return JSON.parse(text);
  } catch {
    // Answered like any other body that is not JSON.
  }
  throw new TurnledgerProblem('answer_unreadable', { detail: 'it is not JSON' });
}

/**
 * Asks until there is an answer that `read` takes or the retries are used up; each try sends the same key. Throws what askOnce throws,
 * and `answer_unreadable`.
 */
export async function askJson<Document>(
  connection: Connection,
  partial: Omit<Ask, 'accept' | 'silenceMs'> & { readonly silenceMs?: number },
  read: (document: unknown, headers: Pick<Headers, 'get'>) => Document,
): Promise<Document> {
  const ask: Ask = { silenceMs: clientBounds.answerMs, ...partial, accept: 'application/json' };
  const budget = new RetryBudget(connection.retry, ask.signal);
  for (;;) {
    try {
      const answer = await askOnce(connection, ask);
      try {
        return read(await readJson(answer), answer.response.headers);
      } catch (thrown) {
        throw toProblem(thrown, ask, answer.lifeline);
      } finally {
        answer.lifeline.end();
      }
    } catch (thrown) {
      await budget.afterFailure(thrown);
    }
  }
}
