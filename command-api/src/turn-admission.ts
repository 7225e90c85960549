import { isTurnledgerError, limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { isTerminal, turnOf } from '@turnledger/shared/domain';
import type { CommandPorts } from './ports.ts';

/** A turn that asks for room, before it is recorded. */
export interface EnteringTurn {
  readonly turnId: string;
  readonly sessionId: string;
  /** Whose turns are counted together; absent where no player takes part. */
  readonly playerId?: string | undefined;
  readonly deadlineMs: number;
}

interface OpenTurn {
  readonly sessionId: string;
  readonly playerId: string | undefined;
  /** Monotonic time at which it has ended in any case. */
  readonly endsByMs: number;
}

/** What a turn was given: `admitted` holds a place of its own, `known` shares one or needs none. */
export type Admission = 'admitted' | 'known';

/**
 * How many turns this process lets in at once, in all and for each player, and how fast (limits.admission).
 *
 * A turn leaves when its reply is sent. One that nobody waits for (202, or a client that went away) is looked up in the sessions as this
 * process knows them, when it would have somebody refused, and leaves with its deadline at the latest: a player's few turns each time, those
 * of everybody once a sweep at most. Remembers no open turn beyond the
 * process; how fast its players ask is the turn rate's to remember.
 */
export class TurnAdmission {
  readonly #ports: Pick<CommandPorts, 'ledger' | 'clock' | 'turnRate' | 'endingsMaxAgeMs'>;
  /** Turns that are being let in: one that comes twice at once is asked about once. */
  readonly #entering = new Map<string, Promise<Admission>>();
  readonly #open = new Map<string, OpenTurn>();
  /** The ids of their open turns. */
  readonly #openOfPlayer = new Map<string, Set<string>>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;
  #sweeping = Promise.resolve();

  constructor(ports: Pick<CommandPorts, 'ledger' | 'clock' | 'turnRate' | 'endingsMaxAgeMs'>) {
    this.#ports = ports;
  }

  /**
   * Lets a turn in. One that its session holds already is never refused: its key is answered however full it is. Throws
   * `too_many_open_turns`, `too_many_turns` (429, with Retry-After), `store_unavailable`.
   */
  async enter(turn: EnteringTurn): Promise<Admission> {
    const { turnId } = turn;
    const entering = this.#entering.get(turnId);
    if (entering !== undefined) return entering.then(() => 'known');
    if (this.#open.has(turnId)) return 'known';
    const admission = this.#letIn(turn).finally(() => this.#entering.delete(turnId));
    this.#entering.set(turnId, admission);
    return admission;
  }

  /** Takes back an admission whose turn was not recorded, or had been before: neither its place nor its rate is used up. */
  withdraw(turnId: string): void {
    const playerId = this.#open.get(turnId)?.playerId;
    if (playerId !== undefined) void this.#ports.turnRate.giveBack(playerId);
    this.leave(turnId);
  }

  /** Makes room again once a turn has ended. */
  leave(turnId: string): void {
    const turn = this.#open.get(turnId);
    if (!turn) return;
    this.#open.delete(turnId);
    const { playerId } = turn;
    if (playerId === undefined) return;
    const others = this.#turnsOf(playerId);
    others.delete(turnId);
    if (others.size === 0) this.#openOfPlayer.delete(playerId);
  }

  #turnsOf(playerId: string): Set<string> {
    return this.#openOfPlayer.get(playerId) ?? new Set();
  }

  #hasAll(playerId: string | undefined): boolean {
    return playerId !== undefined && this.#turnsOf(playerId).size >= limits.admission.maxOpenTurnsPerPlayer;
  }

  #isFull(playerId: string | undefined): boolean {
    return this.#open.size >= limits.admission.maxOpenTurns || this.#hasAll(playerId);
  }

  async #letIn(turn: EnteringTurn): Promise<Admission> {
    const { turnId, sessionId, playerId } = turn;
    if (this.#isFull(playerId)) await this.#makeRoom(playerId);
    const refusal = this.#isFull(playerId)
      ? tooMany('too_many_open_turns', limits.admission.sweepMs)
      : await this.#takePlace(turn);
    if (!refusal) return 'admitted';
    if (turnOf(await this.#ports.ledger.sessions.load(sessionStream(sessionId)), turnId)) return 'known';
    throw refusal;
  }

  /** Takes a place that is free, before anything is awaited, so that no two turns get the same one; the player's rate may refuse it. */
  async #takePlace({ turnId, sessionId, playerId, deadlineMs }: EnteringTurn): Promise<TurnledgerError | undefined> {
    const { clock, turnRate } = this.#ports;
    this.#open.set(turnId, {
      sessionId,
      playerId,
      endsByMs: clock.monotonicMs() + deadlineMs + limits.http.waitGraceMs,
    });
    if (playerId === undefined) return undefined;
    this.#openOfPlayer.set(playerId, this.#turnsOf(playerId).add(turnId));
    const waitMs = await turnRate.take(playerId);
    if (waitMs === 0) return undefined;
    this.leave(turnId);
    return tooMany('too_many_turns', waitMs);
  }

  /** Lets out what has ended where a turn would be refused otherwise. */
  async #makeRoom(playerId: string | undefined): Promise<void> {
    if (this.#open.size >= limits.admission.maxOpenTurns) await this.#sweep();
    if (playerId !== undefined && this.#hasAll(playerId))
      await this.#letOut([...this.#turnsOf(playerId)], this.#ports.clock.monotonicMs());
  }

  /** Starts a sweep, or waits for the one that is under way. */
  #sweep(): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs();
    if (nowMs - this.#sweptAtMs >= limits.admission.sweepMs) {
      this.#sweptAtMs = nowMs;
      this.#sweeping = this.#letOut(this.#open.keys(), nowMs);
    }
    return this.#sweeping;
  }

  async #letOut(turnIds: Iterable<string>, nowMs: number): Promise<void> {
    for (const turnId of turnIds) {
      const turn = this.#open.get(turnId);
      if (!turn) continue;
      if (turn.endsByMs <= nowMs || (await this.#hasEnded(turn.sessionId, turnId))) this.leave(turnId);
    }
  }

  /** A session that cannot be read says nothing of its turns; that must not refuse the turns of others. */
  async #hasEnded(sessionId: string, turnId: string): Promise<boolean> {
    const { ledger, endingsMaxAgeMs = Number.POSITIVE_INFINITY } = this.#ports;
    try {
      const status = turnOf(await ledger.sessions.load(sessionStream(sessionId), endingsMaxAgeMs), turnId)?.status;
      return status !== undefined && isTerminal(status);
    } catch (thrown) {
      if (!isTurnledgerError(thrown) || thrown.code === 'store_unavailable') throw thrown;
      return false;
    }
  }
}

const tooMany = (code: 'too_many_open_turns' | 'too_many_turns', waitMs: number) =>
  new TurnledgerError(code, { headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } });
