import type { endSessionBody } from '../contracts/index.ts';
import { askJson } from './ask.ts';
import { clientBounds } from './client-bounds.ts';
import type { Connection } from './connection.ts';
import type { CompletedTurn, Replay, Session, Turn } from './documents.ts';
import { followToEnding } from './follow-turn.ts';
import { toPage, toReplay, toSession, toTurn } from './read-documents.ts';
import { awaitTurn, type DeltaOptions, narrateTurn, streamTurn, type TurnRequest } from './request-turn.ts';
import { isEnding, type TurnEvent } from './turn-events.ts';
import { sessionPath, type TurnOptions, turnBodyOf, turnPath } from './turn-request.ts';
import { TurnStream } from './turn-stream.ts';

export interface EndOptions {
  /** Default `completed`. */
  readonly outcome?: NonNullable<ReturnType<(typeof endSessionBody)['parse']>['outcome']>;
  readonly score?: number;
  readonly signal?: AbortSignal;
}

export interface FollowOptions {
  /** The id of the last event the caller has; 0 for all. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly signal?: AbortSignal;
}

/**
 * A session by its id; making one asks nothing. Its queries never answer from before what was written through it (they wait, bounded, and
 * fail with `view_behind`). Every method rejects with TurnledgerProblem.
 */
export class TurnledgerSession {
  readonly id: string;
  readonly #connection: Connection;
  #logPosition: string | undefined;

  constructor(connection: Connection, id: string, logPosition?: string) {
    this.#connection = connection;
    this.id = id;
    this.#logPosition = logPosition;
  }

  /** One player input, one reply; with `onDelta` its text is told as it comes. Rejects for a bad ending, with `fallback`. */
  async say(text: string, { onDelta, ...options }: TurnOptions & DeltaOptions = {}): Promise<CompletedTurn> {
    const request = this.#turnRequest(text, options);
    const turn = await (onDelta
      ? narrateTurn(this.#connection, request, onDelta)
      : awaitTurn(this.#connection, request));
    return this.#written(turn);
  }

  /** One player input, its turn as it happens. Throws `request_invalid` for a key that cannot be in a header. */
  stream(text: string, options: TurnOptions = {}): TurnStream {
    return streamTurn(this.#connection, this.#turnRequest(text, options));
  }

  /** A turn of this session as it happens, whoever asked for it. */
  followTurn(turnId: string, { after = 0, signal }: FollowOptions = {}): TurnStream {
    const turn = { sessionId: this.id, turnId, after, signal };
    return new TurnStream(followToEnding(this.#connection, turn), {});
  }

  /** Cancels a turn that is still open; asked again, it answers the same. */
  async cancelTurn(turnId: string, { signal }: Waiting = {}): Promise<Turn> {
    const path = `${turnPath(this.id, turnId)}/cancel`;
    const ask = { method: 'POST', path, sessionId: this.id, turnId, signal } as const;
    return this.#written(await askJson(this.#connection, ask, toTurn));
  }

  /** Ends the session; an open turn is cancelled with it. Asked again, it answers the same. */
  async end({ outcome, score, signal }: EndOptions = {}): Promise<Session> {
    const ask = { method: 'POST', path: `${sessionPath(this.id)}/end`, body: { outcome, score }, signal } as const;
    return this.#written(await askJson(this.#connection, { ...ask, sessionId: this.id }, toSession));
  }

  /** The session's turns in order, page by page as the loop goes on. */
  async *turns({ signal }: Waiting = {}): AsyncGenerator<Turn, void> {
    for (let cursor: string | undefined; ; ) {
      const query = { limit: String(clientBounds.maxPageRows), ...(cursor !== undefined && { cursor }) };
      const page = await this.#read('/turns', query, toPage, signal);
      yield* page.turns;
      if (page.nextCursor === undefined) return;
      cursor = page.nextCursor;
    }
  }

  /** The session re-rendered from its recorded events, up to a turn if one is named. No model is asked. */
  replay({ atTurn, signal }: Waiting & { readonly atTurn?: string } = {}): Promise<Replay> {
    return this.#read('/replay', atTurn === undefined ? {} : { at_turn: atTurn }, toReplay, signal);
  }

  #turnRequest(text: string, options: TurnOptions): TurnRequest {
    const { idempotencyKey, signal } = options;
    const onEvent = (event: TurnEvent) => {
      if (event.type === 'turn.requested') this.#written(event);
      else if (isEnding(event)) this.#written(event.turn);
    };
    return { path: `${sessionPath(this.id)}/turns`, body: turnBodyOf(text, options), idempotencyKey, signal, onEvent };
  }

  #read<Document>(
    path: string,
    query: { readonly [name: string]: string },
    read: (document: unknown) => Document,
    signal: AbortSignal | undefined,
  ): Promise<Document> {
    const position = this.#logPosition === undefined ? {} : { min_position: this.#logPosition };
    const search = new URLSearchParams({ ...query, ...position }).toString();
    const whole = `${sessionPath(this.id)}${path}${search && `?${search}`}`;
    return askJson(this.#connection, { method: 'GET', path: whole, sessionId: this.id, signal }, read);
  }

  #written<Document extends { readonly logPosition?: string }>(document: Document): Document {
    this.#logPosition = document.logPosition ?? this.#logPosition;
    return document;
  }
}
