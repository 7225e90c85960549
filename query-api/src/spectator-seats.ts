import { limits, TurnledgerError } from '@turnledger/shared/contracts';

const { retryAfterMs } = limits.http;

/** How many watch whole sessions at this process; limits.spectate.maxSpectators may. */
export class SpectatorSeats {
  #taken = 0;

  get taken(): number {
    return this.#taken;
  }

  /** Takes a seat until the signal aborts, as a request's does when its answer is over. Throws `too_many_spectators` when none is free. */
  take(left: AbortSignal): void {
    if (left.aborted) return;
    if (this.#taken >= limits.spectate.maxSpectators)
      throw new TurnledgerError('too_many_spectators', { headers: { 'retry-after': String(retryAfterMs / 1_000) } });
    this.#taken += 1;
    left.addEventListener(
      'abort',
      () => {
        this.#taken -= 1;
      },
      { once: true },
    );
  }
}
