import { sessionStream } from '@turnledger/shared/contracts';
import type { TurnState } from '@turnledger/shared/domain';
import type { PlannedAttempt } from '../planned-attempt.ts';
import { mostOf, mostOfAll } from './cost-bound.ts';
import { type RecordedTurn, readRecordedTurn } from './recorded-turn.ts';
import type { RepeatedTurn, RepeatKit } from './rerun-ports.ts';
import { reuseReply } from './reuse-reply.ts';

/** Why an attempt was not admitted, and how many were claimed before it. `over`: somebody has said stop. */
export interface Refusal {
  readonly why: 'money' | 'over';
  readonly attempt: number;
}

/** Decides before each claim of a repeated turn whether it asks: by the recorded reply, the place, the re-run's standing and its money, in that order. */
export class AttemptAdmission {
  readonly #kit: RepeatKit;
  readonly #repeated: RepeatedTurn;
  readonly #recorded: RecordedTurn;
  readonly #turnId: string;
  #refusal: Refusal | undefined;
  #waitedMs = 0;
  #leavePlace: (() => void) | undefined;

  constructor(kit: RepeatKit, repeated: RepeatedTurn, recorded: RecordedTurn, turnId: string) {
    this.#kit = kit;
    this.#repeated = repeated;
    this.#recorded = recorded;
    this.#turnId = turnId;
  }

  /** Why the attempt that was wanted last may not ask; told once. */
  takeRefusal(): Refusal | undefined {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    return refusal;
  }

  /** How long it has waited for places so far: that is nobody's fault. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** False: the recorded reply stands, and the turn has ended by it, or there is a refusal. Throws `price_unknown`, and what the log does. */
  async admits(plan: PlannedAttempt, turn: TurnState): Promise<boolean> {
    const { attempt } = turn;
    if (attempt === 0 && (await reuseReply(this.#kit, this.#repeated, this.#recorded, this.#turnId, plan)))
      return false;
    this.#leavePlace ??= await this.#takePlace();
    // Whatever it has waited for, somebody may have said stop meanwhile.
    if (attempt === 0 && (await this.#kit.standing()) !== 'running') this.#refusal = { why: 'over', attempt };
    else if (!(await this.#isPaidFor(plan, turn))) this.#refusal = { why: 'money', attempt };
    return this.#refusal === undefined;
  }

  /** Leaves the place, if it has one: the model has answered, or was given up. */
  leavePlace(): void {
    this.#leavePlace?.();
    this.#leavePlace = undefined;
  }

  async #takePlace(): Promise<() => void> {
    const { clock } = this.#kit.ports;
    const sinceMs = clock.nowMs();
    const leave = await this.#kit.takePlace();
    this.#waitedMs += clock.nowMs() - sinceMs;
    return leave;
  }

  async #isPaidFor(plan: PlannedAttempt, turn: TurnState): Promise<boolean> {
    const { ports, budget } = this.#kit;
    if (!budget.isCapped) return true;
    const sessionId = this.#repeated.rerunSessionId;
    const state = await ports.ledger.sessions.load(sessionStream(sessionId), Number.POSITIVE_INFINITY);
    const begun = turn.attempt > 0 && (await readRecordedTurn(ports, { sessionId, state, turn }));
    const soFarMicroUsd = begun ? mostOfAll(ports, begun.calls) : 0;
    return budget.tryHold(this.#turnId, soFarMicroUsd, mostOf(ports, plan));
  }
}
