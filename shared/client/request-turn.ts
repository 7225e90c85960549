import { askJson } from './ask.ts';
import { clientBounds } from './client-bounds.ts';
import { type Connection, keyOfAction } from './connection.ts';
import type { CompletedTurn, Turn } from './documents.ts';
import { followToEnding } from './follow-turn.ts';
import { requireCompleted } from './problem-of-ending.ts';
import { toTurn } from './read-documents.ts';
import type { TurnEvent } from './turn-events.ts';
import { TurnStream } from './turn-stream.ts';

/** What `onDelta` is told beside the new piece. */
export interface DeltaContext {
  /** The whole reply so far, this piece included: what to show. A restart begins it anew. */
  readonly textSoFar: string;
  readonly attempt: number;
}

export interface DeltaOptions {
  /** Called with each piece of the reply as it comes; what it throws ends the waiting, not the turn. */
  readonly onDelta?: (text: string, context: DeltaContext) => void;
}

/** A turn to ask for: where, with what, and under which key. */
export interface TurnRequest {
  readonly path: string;
  readonly body: object;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each event of a stream before anybody else. */
  readonly onEvent?: (event: TurnEvent) => void;
}

/** Asks for a turn and waits for its reply in one answer. */
export async function awaitTurn(connection: Connection, request: TurnRequest): Promise<CompletedTurn> {
  const idempotencyKey = keyOfAction(connection, request.idempotencyKey);
  const { path, body, signal } = request;
  const ask = { method: 'POST', path, body, signal, idempotencyKey, silenceMs: clientBounds.turnAnswerMs } as const;
  return requireCompleted(await askJson(connection, ask, toTurn), idempotencyKey);
}

/**
 * Asks for a turn and waits no longer than that: the turn as it stands then, open or completed. Throws `turn_failed`, `turn_timed_out` and
 * `turn_cancelled` for a bad ending, as a wait without a bound does.
 */
export async function awaitTurnFor(
  connection: Connection,
  request: TurnRequest,
  waitSeconds: number | undefined,
): Promise<Turn> {
  const idempotencyKey = keyOfAction(connection, request.idempotencyKey);
  const { path, body, signal } = request;
  const ask = { method: 'POST', path, body, signal, idempotencyKey, silenceMs: clientBounds.turnAnswerMs } as const;
  return askJson(connection, { ...ask, headers: preferenceOf(waitSeconds) }, toTurn);
}

/** RFC 7240. */
const preferenceOf = (waitSeconds: number | undefined): { readonly [name: string]: string } => {
  if (waitSeconds === undefined) return {};
  return { prefer: waitSeconds === 0 ? 'respond-async' : `wait=${waitSeconds}` };
};

/** Asks for a turn and follows it. */
export function streamTurn(connection: Connection, request: TurnRequest): TurnStream {
  const idempotencyKey = keyOfAction(connection, request.idempotencyKey);
  const { path, body, signal, onEvent } = request;
  return new TurnStream(followToEnding(connection, { path, body, signal, idempotencyKey }), {
    idempotencyKey,
    onEvent,
  });
}

/** Asks for a turn, tells its text as it comes, and gives the completed turn. */
export async function narrateTurn(
  connection: Connection,
  request: TurnRequest,
  onDelta: NonNullable<DeltaOptions['onDelta']>,
): Promise<CompletedTurn> {
  const { signal } = request;
  const stop = new AbortController();
  const passOn = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', passOn, { once: true });
  if (signal?.aborted) passOn();
  try {
    const stream = streamTurn(connection, { ...request, signal: stop.signal });
    let textSoFar = '';
    for await (const event of stream) {
      if (event.type === 'turn.started') textSoFar = '';
      if (event.type !== 'reply.delta') continue;
      textSoFar += event.text;
      onDelta(event.text, { textSoFar, attempt: event.attempt });
    }
    return await stream.turn;
  } finally {
    signal?.removeEventListener('abort', passOn);
    stop.abort();
  }
}
