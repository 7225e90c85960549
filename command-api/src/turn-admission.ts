import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { isTerminal, turnOf } from '@turnledger/shared/domain';
import type { CommandPorts } from './ports.ts';
import { TurnRate } from './turn-rate.ts';

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
 * of everybody once a sweep at most. Remembers nothing beyond the process: after a restart a player starts anew.
 */
export class TurnAdmission {
  readonly #ports: Pick<CommandPorts, 'ledger' | 'clock'>;
  readonly #rate: TurnRate;
  readonly #open = new Map<string, OpenTurn>();
  /** The ids of their open turns. */
  readonly #openOfPlayer = new Map<string, Set<string>>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;
  #sweeping = Promise.resolve();

  constructor(ports: Pick<CommandPorts, 'ledger' | 'clock' | 'playerTurnsPerMinute'>) {
    this.#ports = ports;
    this.#rate = new TurnRate(ports.playerTurnsPerMinute ?? 0, ports.clock);
  }

  /**
   * Lets a turn in. One that its session holds already is never refused: its key is answered however full it is. Throws
   * `too_many_open_turns`, `too_many_turns` (429, with Retry-After), `store_unavailable`.
   */
  async enter(turn: EnteringTurn): Promise<Admission> {
    const { turnId, sessionId, playerId } = turn;
    if (!this.#open.has(turnId) && this.#isFull(playerId)) await this.#makeRoom(playerId);
    // From here on nothing is awaited until the place is taken, so that no two turns get the same one.
    if (this.#open.has(turnId)) return 'known';
    const refusal = this.#refusalOf(playerId);
    if (refusal) {
      if (turnOf(await this.#ports.ledger.sessions.load(sessionStream(sessionId)), turnId)) return 'known';
      throw refusal;
    }
    const endsByMs = this.#ports.clock.monotonicMs() + turn.deadlineMs + limits.http.waitGraceMs;
    this.#open.set(turnId, { sessionId, playerId, endsByMs });
    if (playerId !== undefined) this.#openOfPlayer.set(playerId, this.#turnsOf(playerId).add(turnId));
    return 'admitted';
  }

  /** Takes back an admission whose turn was not recorded, or had been before: neither its place nor its rate is used up. */
  withdraw(turnId: string): void {
    const playerId = this.#open.get(turnId)?.playerId;
    if (playerId !== undefined) this.#rate.giveBack(playerId);
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

  /** The last question takes its turn out of the player's bucket when the answer is yes. */
  #refusalOf(playerId: string | undefined): TurnledgerError | undefined {
    if (this.#isFull(playerId)) return tooMany('too_many_open_turns', limits.admission.sweepMs);
    const waitMs = playerId === undefined ? 0 : this.#rate.take(playerId);
    return waitMs > 0 ? tooMany('too_many_turns', waitMs) : undefined;
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
      const { sessionId, endsByMs } = turn;
      const state = await this.#ports.ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
      const status = turnOf(state, turnId)?.status;
      if (endsByMs <= nowMs || (status !== undefined && isTerminal(status))) this.leave(turnId);
    }
  }
}

const tooMany = (code: 'too_many_open_turns' | 'too_many_turns', waitMs: number) =>
  new TurnledgerError(code, { headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } });
