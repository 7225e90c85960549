import { setTimeout as sleep } from 'node:timers/promises';
import type { Turn, TurnledgerClient, TurnledgerSession } from '@turnledger/shared/client';
import { parsePositionToken } from '@turnledger/shared/contracts';
import type { HistoryValue } from '@turnledger/shared/testing/history-checker';
import { answered, hasEnded, type Outcome, turnValue } from './client-outcomes.ts';
import type { HistoryRecorder } from './history-recorder.ts';
import { promptOf, type WantedTurn } from './wanted-turn.ts';
import { outcomeSoFar, unwatchedTurn, type WatchedTurn, watch, watchToTheEnd } from './watch-turn.ts';

export interface UnderFireOptions {
  readonly name: string;
  readonly sessionId: string;
  readonly recorder: HistoryRecorder;
  /** Asks one time only. */
  readonly once: TurnledgerClient;
  /** Never gives up. */
  readonly steady: TurnledgerClient;
}

/** Pause after a try that was cut. */
const RETRY_MS = 40;

/** A session that a client plays while its service dies: what it can do, each try a line of the history. */
export class SessionUnderFire {
  readonly #options: UnderFireOptions;
  readonly #session: TurnledgerSession;
  /** What the handle asks its reads by, or something older: the position it was told last. */
  #logPosition: string | undefined;

  constructor(options: UnderFireOptions) {
    this.#options = options;
    this.#session = options.once.session(options.sessionId);
  }

  /** Asks once and waits for the ending. */
  ask(wanted: WantedTurn): Promise<Outcome> {
    const { key, input } = wanted;
    return this.#attempt('turn', key, { prompt: promptOf(wanted) }, async () =>
      answered(this.#told(await this.#session.say(input, { idempotencyKey: key }))),
    );
  }

  /** Asks again and again, until there is an ending or a refusal. */
  async finish(wanted: WantedTurn): Promise<void> {
    for (let outcome = await this.ask(wanted); !hasEnded(outcome) && outcome.type !== 'fail'; ) {
      await sleep(RETRY_MS);
      outcome = await this.ask(wanted);
    }
  }

  /** Asks for a stream and follows it, cut by cut, to its ending. */
  async watch(wanted: WantedTurn): Promise<void> {
    const { key, input } = wanted;
    const turn = unwatchedTurn();
    await this.#attempt('turn', key, { prompt: promptOf(wanted) }, () =>
      watchToTheEnd(this.#session.stream(input, { idempotencyKey: key }), turn),
    );
    // What a followed turn tells is nothing that its session's reads are held to.
    if (turn.ending) this.#told(turn.ending);
    if (turn.turnId !== undefined) await this.#follow(turn.turnId, turn);
  }

  /** Asks without waiting, then follows the turn, cut by cut, to its ending: a reader of the query side. */
  async askAndFollow(wanted: WantedTurn): Promise<void> {
    const { type, value } = await this.#request(wanted);
    const { turnId } = value;
    if (type === 'ok' && turnId !== undefined) await this.#follow(turnId, { ...unwatchedTurn(), turnId });
  }

  /**
   * The same by a stream that goes on by itself. Two operations, as above: the turn is answered for with its first event, and read from then
   * on; a cut in between tells nobody anything.
   */
  async watchSteadily(wanted: WantedTurn): Promise<void> {
    const { steady, sessionId } = this.#options;
    const { key, input } = wanted;
    const stream = steady.session(sessionId).stream(input, { idempotencyKey: key });
    const turn = unwatchedTurn();
    const events = stream[Symbol.asyncIterator]();
    const asked = await this.#attempt('turn', key, { prompt: promptOf(wanted) }, async () => {
      const { value: first } = await events.next();
      if (first) watch(turn, first);
      return outcomeSoFar(turn);
    });
    if (asked.type !== 'ok') return;
    const turnId = asked.value.turnId ?? '';
    await this.#attempt('read_turn', turnId, {}, async () => {
      for await (const event of events) watch(turn, event);
      return outcomeSoFar(turn);
    });
  }

  /** Asks without waiting, then cancels what is open by then, unless the client leaves it at that. */
  async askAndCancel(wanted: WantedTurn, isLeft: boolean): Promise<void> {
    const { type, value } = await this.#request(wanted);
    const { turnId } = value;
    if (type !== 'ok' || turnId === undefined || isLeft) return;
    await this.#attempt('cancel', turnId, {}, async () => {
      return { type: 'ok', value: turnValue(this.#told(await this.#session.cancelTurn(turnId))) };
    });
  }

  /** Goes back to a turn, or to the start, under one key, until it is answered or refused. */
  async rewind(key: string, toTurnId: string | undefined): Promise<Outcome> {
    const target = toTurnId === undefined ? 'start' : { turnId: toTurnId };
    const value = toTurnId === undefined ? {} : { toTurnId };
    for (;;) {
      const outcome = await this.#attempt('rewind', key, value, async () => {
        const { logPosition } = await this.#session.rewind(target, { idempotencyKey: key });
        this.#logPosition = logPosition ?? this.#logPosition;
        return { type: 'ok', value: {} };
      });
      if (outcome.type !== 'unknown') return outcome;
      await sleep(RETRY_MS);
    }
  }

  /** Reads the session's row, not older than what was told last. */
  async read(): Promise<void> {
    const { sessionId } = this.#options;
    if (this.#logPosition === undefined) return;
    const minRevision = parsePositionToken(this.#logPosition)?.revision ?? 0;
    await this.#attempt('read_session', sessionId, { minRevision }, async () => {
      const { etag } = await this.#session.read();
      return { type: 'ok', value: { sessionId, revision: Number(etag?.replaceAll('"', '')) } };
    });
  }

  #request(wanted: WantedTurn): Promise<Outcome> {
    const { key, input } = wanted;
    return this.#attempt('turn', key, { prompt: promptOf(wanted) }, async () => {
      const turn = await this.#session.requestTurn(input, { idempotencyKey: key, waitSeconds: 0 });
      return answered(this.#told(turn));
    });
  }

  async #follow(turnId: string, turn: WatchedTurn): Promise<void> {
    for (let isRefused = false; !turn.ending && !isRefused; ) {
      await sleep(RETRY_MS);
      const outcome = await this.#attempt('read_turn', turnId, {}, () =>
        watchToTheEnd(this.#session.followTurn(turnId, { after: turn.lastId }), turn),
      );
      isRefused = outcome.type === 'fail';
    }
  }

  #attempt(
    op: Parameters<HistoryRecorder['attempt']>[1],
    key: string,
    value: HistoryValue,
    run: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const { name, sessionId, recorder } = this.#options;
    return recorder.attempt(name, op, key, { sessionId, ...value }, run);
  }

  #told(turn: Turn): Turn {
    this.#logPosition = turn.logPosition ?? this.#logPosition;
    return turn;
  }
}
