import { askJson } from './ask.ts';
import { type Connection, keyOfAction } from './connection.ts';
import type { Bookmark, CompletedTurn, Lineage, Replay, Session, SessionState, Turn } from './documents.ts';
import { followReplay } from './follow-replay.ts';
import { followSession } from './follow-session.ts';
import { followToEnding } from './follow-turn.ts';
import { type Query, rowsOf, withQuery } from './pages.ts';
import { toBookmark, toLineage, toReplay, toSession, toState, toTurn } from './read-documents.ts';
import {
  awaitTurn,
  awaitTurnFor,
  type DeltaOptions,
  narrateTurn,
  streamTurn,
  type TurnRequest,
} from './request-turn.ts';
import type { SpectatedEvent } from './session-events.ts';
import type {
  BookmarkOptions,
  EndOptions,
  FollowOptions,
  ForkOptions,
  ForkPoint,
  JudgeOptions,
  MoveVerdict,
  ReconfigureOptions,
  ReplayOptions,
  RewindOptions,
  RewindTarget,
  SpectateOptions,
  Waiting,
} from './session-options.ts';
import { isEnding, type TurnEvent } from './turn-events.ts';
import {
  sessionPath,
  type TurnOptions,
  turnBodyOf,
  turnPath,
  type UserInput,
  type WaitOptions,
} from './turn-request.ts';
import { TurnStream } from './turn-stream.ts';
import { TurnledgerProblem } from './turnledger-problem.ts';
import { snakeCased } from './wire-names.ts';

interface PostedCommand {
  readonly body: object;
  readonly key?: string;
  readonly ifMatch?: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const wireTarget = (target: Exclude<RewindTarget, 'start'>) =>
  'bookmark' in target ? { to_bookmark: target.bookmark } : { to_turn_id: target.turnId };

const wireForkPoint = (from: ForkPoint) =>
  'bookmark' in from ? { at_bookmark: from.bookmark } : { at_turn_id: from.turnId };

/** A session that was just opened, as it was recorded. */
export type StartedSession = TurnledgerSession & { readonly record: Session };

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

  /** One player input, or a trigger, one reply; with `onDelta` its text is told as it comes. Rejects for a bad ending, with `fallback`. */
  async say(input: UserInput, { onDelta, ...options }: TurnOptions & DeltaOptions = {}): Promise<CompletedTurn> {
    const request = this.#turnRequest(input, options);
    return this.#recorded(
      onDelta ? narrateTurn(this.#connection, request, onDelta) : awaitTurn(this.#connection, request),
    );
  }

  /** One player input, its turn as it happens. Throws `request_invalid` for a key that cannot be in a header. */
  stream(input: UserInput, options: TurnOptions = {}): TurnStream {
    return streamTurn(this.#connection, this.#turnRequest(input, options));
  }

  /** As `say`, waiting no longer than `waitSeconds`: a turn that is still open then is answered as it stands, and `followTurn` goes on. */
  async requestTurn(input: UserInput, { waitSeconds, ...options }: TurnOptions & WaitOptions = {}): Promise<Turn> {
    return this.#recorded(awaitTurnFor(this.#connection, this.#turnRequest(input, options), waitSeconds));
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

  /** Says what the game made of a turn's move; asked again, it answers the same. Another verdict is `move_already_judged`. */
  async judgeMove(turnId: string, verdict: MoveVerdict, { ifMatch, signal }: JudgeOptions = {}): Promise<Turn> {
    const path = `${turnPath(this.id, turnId)}/move`;
    const body = snakeCased(verdict) as object;
    const ask = { method: 'POST', path, body, ifMatch, sessionId: this.id, turnId, signal } as const;
    return this.#written(await askJson(this.#connection, ask, toTurn));
  }

  /** Ends the session; an open turn is cancelled with it. Asked again, it answers the same. */
  async end({ outcome, score, ifMatch, signal }: EndOptions = {}): Promise<Session> {
    return this.#change('/end', { outcome, score }, ifMatch, signal);
  }

  /** Its next turns play under another version of its scenario; an open one goes on as it is. */
  async reconfigure({ scenarioVersion, reason, ifMatch, signal }: ReconfigureOptions): Promise<Session> {
    return this.#change('/reconfigure', { scenario_version: scenarioVersion, reason }, ifMatch, signal);
  }

  /** Marks a turn to come back to. */
  async bookmark({ turnId, label, idempotencyKey, signal }: BookmarkOptions = {}): Promise<Bookmark> {
    const key = keyOfAction(this.#connection, idempotencyKey);
    const body = { turn_id: turnId, label };
    return this.#written(await askJson(this.#connection, this.#post('/bookmarks', { body, key, signal }), toBookmark));
  }

  /** Goes back: what was said after the target is forgotten by the character, and stays in the record. Refused while a turn is open. */
  async rewind(
    target: RewindTarget,
    { reason, ifMatch, idempotencyKey, signal }: RewindOptions = {},
  ): Promise<Session> {
    const key = keyOfAction(this.#connection, idempotencyKey);
    const to = target === 'start' ? { to_turn_id: null } : wireTarget(target);
    const ask = this.#post('/rewind', { body: { ...to, reason }, key, ifMatch, signal });
    return this.#written(await askJson(this.#connection, ask, toSession));
  }

  /** A new session that goes on from a turn of this one; neither hears what is said in the other from there on. */
  async fork(
    from: ForkPoint = {},
    { scenarioVersion, metadata, idempotencyKey, signal }: ForkOptions = {},
  ): Promise<StartedSession> {
    const key = keyOfAction(this.#connection, idempotencyKey);
    const body = { ...wireForkPoint(from), scenario_version: scenarioVersion, metadata };
    const record = await askJson(this.#connection, this.#post('/fork', { body, key, signal }), toSession);
    return Object.assign(new TurnledgerSession(this.#connection, record.id, record.logPosition), { record });
  }

  /** The whole session as it happens, turn after turn, whoever plays it, until it has ended. */
  events({ from, after = 0, signal }: SpectateOptions = {}): AsyncGenerator<SpectatedEvent, void> {
    const path = withQuery(`${sessionPath(this.id)}/events`, { from });
    return followSession(this.#connection, { path, sessionId: this.id, after, signal });
  }

  /** Its turns with what they followed, those that were rewound away too. */
  lineage({ signal }: Waiting = {}): Promise<Lineage> {
    return this.#read('/lineage', {}, toLineage, signal);
  }

  /** The session as it stands. */
  read({ signal }: Waiting = {}): Promise<Session> {
    return this.#read('', {}, toSession, signal);
  }

  /** The game's state as the last turn that brought one left it. */
  state({ signal }: Waiting = {}): Promise<SessionState> {
    return this.#read('/state', {}, toState, signal);
  }

  /** One of its turns as it stands. */
  turn(turnId: string, { signal }: Waiting = {}): Promise<Turn> {
    return this.#read(`/turns/${encodeURIComponent(turnId)}`, {}, toTurn, signal);
  }

  /** The session's turns in order, page by page as the loop goes on. */
  turns({ signal }: Waiting = {}): AsyncGenerator<Turn, void> {
    const list = { path: `${sessionPath(this.id)}/turns`, query: this.#query(), toRow: toTurn, sessionId: this.id };
    return rowsOf(this.#connection, { ...list, signal });
  }

  /** The session re-rendered from its recorded events, up to a turn if one is named. No model is asked. */
  replay({ atTurn, signal }: Waiting & { readonly atTurn?: string } = {}): Promise<Replay> {
    return this.#read('/replay', { atTurn }, toReplay, signal);
  }

  /** The same as its followers were shown it, event by event, at the pace at which it was recorded. */
  replayEvents({ speed = 1, atTurn, signal }: ReplayOptions = {}): AsyncGenerator<TurnEvent, void> {
    const path = withQuery(`${sessionPath(this.id)}/replay`, this.#query({ atTurn, speed }));
    return followReplay(this.#connection, { path, sessionId: this.id, signal });
  }

  #turnRequest(input: UserInput, options: TurnOptions): TurnRequest {
    const { idempotencyKey, signal } = options;
    const onEvent = (event: TurnEvent) => {
      if (event.type === 'turn.requested') this.#written(event);
      else if (isEnding(event)) this.#written(event.turn);
    };
    return { path: `${sessionPath(this.id)}/turns`, body: turnBodyOf(input, options), idempotencyKey, signal, onEvent };
  }

  #query(asked: Query = {}): Query {
    return { ...asked, minPosition: this.#logPosition };
  }

  #read<Document>(
    path: string,
    asked: Query,
    read: (document: unknown, headers: Pick<Headers, 'get'>) => Document,
    signal: AbortSignal | undefined,
  ): Promise<Document> {
    const whole = withQuery(`${sessionPath(this.id)}${path}`, this.#query(asked));
    return askJson(this.#connection, { method: 'GET', path: whole, sessionId: this.id, signal }, read);
  }

  async #change(
    path: string,
    body: object,
    ifMatch: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Session> {
    return this.#written(await askJson(this.#connection, this.#post(path, { body, ifMatch, signal }), toSession));
  }

  #post(path: string, { key, ...said }: PostedCommand) {
    const whole = `${sessionPath(this.id)}${path}`;
    return { method: 'POST', path: whole, sessionId: this.id, idempotencyKey: key, ...said } as const;
  }

  /** A turn is recorded however it ends, and a bad ending says where. */
  async #recorded<Ended extends Turn>(turn: Promise<Ended>): Promise<Ended> {
    try {
      return this.#written(await turn);
    } catch (thrown) {
      if (thrown instanceof TurnledgerProblem) this.#written(thrown);
      throw thrown;
    }
  }

  #written<Document extends { readonly logPosition?: string | undefined }>(document: Document): Document {
    this.#logPosition = document.logPosition ?? this.#logPosition;
    return document;
  }
}
