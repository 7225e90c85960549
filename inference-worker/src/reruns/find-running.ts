import { limits, views, viewTable } from '@turnledger/shared/contracts';
import type { RerunPorts } from './rerun-ports.ts';

const RUNNING = `
  select key from ${viewTable(views.reruns)}
  where status in ('running', 'cancelling') and key <> all ($2::text[])
  order by requested_at, key limit $1`;

/** Finds re-runs that are not over, oldest first, in their view. */
export class RunningReruns {
  readonly #ports: Pick<RerunPorts, 'views' | 'clock' | 'log'>;
  /** Until when one that broke off is left alone, by monotonic time: what breaks off at every run must not keep others from theirs. */
  readonly #resting = new Map<string, number>();
  /** Before the first answer the projectors may not have made the view yet. */
  #isThere = false;

  constructor(ports: Pick<RerunPorts, 'views' | 'clock' | 'log'>) {
    this.#ports = ports;
  }

  /** Leaves one alone for limits.rerun.restMs. */
  rest(rerunId: string): void {
    this.#resting.set(rerunId, this.#ports.clock.monotonicMs() + limits.rerun.restMs);
  }

  /** Twice as many as are run at once, since those in hand are among them. None while the views cannot be read. */
  async find(): Promise<readonly string[]> {
    const { views: database, clock, log } = this.#ports;
    for (const [rerunId, untilMs] of this.#resting) if (untilMs <= clock.monotonicMs()) this.#resting.delete(rerunId);
    try {
      const values = [2 * limits.rerun.maxRunning, [...this.#resting.keys()]];
      const rows = await database.query<{ key: string }>(RUNNING, values);
      this.#isThere = true;
      return rows.map(({ key }) => key);
    } catch (cause) {
      if (this.#isThere) log.warn({ cause }, 're-runs cannot be looked for');
      this.#isThere = false;
      return [];
    }
  }
}
