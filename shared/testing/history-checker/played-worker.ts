import { sessionStream } from '../../contracts/index.ts';
import {
  cancelTurn,
  claimTurn,
  completeTurn,
  type Decision,
  failAttempt,
  type SessionEvent,
  type SessionState,
  settleOnly,
  timeOutTurn,
} from '../../domain/index.ts';
import { samplePlannedCall, samplePrompt, sampleUsage } from '../sample-commands.ts';
import { PLAYED_HMAC, type PlayPorts, type TurnStage } from './turn-stage.ts';

const cost = { priceTable: 'none' } as const;
/** Time that passes between two steps, milliseconds. */
const STEP_MS = 1_000;
/** Two, so that a turn which loses two workers has failed. */
const MAX_ATTEMPTS = 2;

/** What workers, clients and the expiry loop do to one turn, step by step, each by the domain's own rule. */
export class PlayedWorker {
  readonly #ports: PlayPorts;
  readonly #stage: TurnStage;
  #callId = '';
  attempts = 0;

  constructor(ports: PlayPorts, stage: TurnStage) {
    this.#ports = ports;
    this.#stage = stage;
  }

  /** The claim of the next attempt, or the failure of a turn that has none left. */
  async claim(holderIsLost = false): Promise<void> {
    const { turnId, window, fallback } = this.#stage;
    const attempt = this.attempts + 1;
    this.#callId = this.#ports.ids.uuid();
    const prompt = { ...samplePrompt, ...window, hmac: PLAYED_HMAC };
    const calls = [samplePlannedCall(this.#callId)];
    const claimed = { turnId, attempt, calls, prompt, worker: this.#stage.worker(), leaseMs: 5_000 };
    const command = { ...claimed, holderIsLost, fallback, maxAttempts: MAX_ATTEMPTS };
    await this.#record((state) => claimTurn(command, state));
    this.attempts = Math.min(attempt, MAX_ATTEMPTS);
  }

  async call(): Promise<void> {
    const { clock } = this.#ports;
    await clock.advanceBy(STEP_MS);
    this.#stage.onCall({ model: 'default', callId: this.#callId, messages: this.#stage.messages, atMs: clock.nowMs() });
  }

  async die(): Promise<void> {
    await this.#ports.clock.advanceBy(STEP_MS);
    this.#stage.onDeath();
  }

  complete(reply: string): Promise<void> {
    const said = { reply, finishReason: 'stop', provider: { model: 'default' } } as const;
    const command = { ...this.#names(), ...said, usage: sampleUsage, cost, ttftMs: 1, durationMs: 2 };
    return this.#record((state) => completeTurn(command, state));
  }

  failAttempt(after: { readonly retryInMs: number } | { readonly fallback: string }): Promise<void> {
    const command = { ...this.#names(), ...after, code: 'model_overloaded', usage: sampleUsage, cost };
    return this.#record((state) => failAttempt(command, state));
  }

  settle(): Promise<void> {
    return this.#record((state) => settleOnly({ ...this.#names(), usage: sampleUsage, cost }, state));
  }

  cancel(partial?: string): Promise<void> {
    const command = {
      turnId: this.#stage.turnId,
      by: 'game',
      reason: 'requested',
      ...(partial && { partial }),
    } as const;
    return this.#record((state) => cancelTurn(command, state));
  }

  timeOut(fallback: string): Promise<void> {
    const command = { turnId: this.#stage.turnId, phase: 'total', elapsedMs: 30_000, fallback } as const;
    return this.#record((state) => timeOutTurn(command, state));
  }

  #names() {
    return { turnId: this.#stage.turnId, attempt: this.attempts, callId: this.#callId };
  }

  async #record(decide: (state: SessionState) => Decision<SessionEvent<'plain'>, string>): Promise<void> {
    const { sessionId, turnId } = this.#stage;
    await this.#ports.clock.advanceBy(STEP_MS);
    await this.#ports.ledger.sessions.transact(sessionStream(sessionId), decide, {
      context: { actor: 'system:worker', correlationId: turnId },
    });
  }
}
