import { limits } from '../../contracts/index.ts';
import type { AppendOutcome } from '../../ports/index.ts';

/** Sends an append whose answer may take this long; must not throw, and should settle by itself within the time. */
export type SendAppend = (timeoutMs: number) => Promise<AppendOutcome>;

interface LaneAppend {
  readonly stream: string;
  readonly bytes: number;
  readonly send: SendAppend;
  readonly dueMs: number;
  state: 'waiting' | 'sent' | 'settled';
  settle: (outcome: AppendOutcome) => void;
}

const notSent = (why: string): AppendOutcome => ({ outcome: 'unknown', cause: `not sent: ${why}` });

const tooLate = notSent(`its turn did not come within ${limits.log.appendTimeoutMs} ms`);

/**
 * The order in which appends go out: of one stream one after the other, as they were asked for (two calls on one connection may
 * overtake each other, and the second would conflict), of all streams at most limits.eventStore.maxAppendsInFlight at a time, first come,
 * first out. Every append is answered within limits.log.appendTimeoutMs of being asked for, its wait included: `unknown`, with a cause that
 * says whether it was sent. Waiting are at most limits.log.maxQueuedAppends and maxQueuedBytes; one more is `unknown` at once.
 */
export class AppendLanes {
  readonly #nowMs: () => number;
  /** Of each stream with an append that is under way or next in turn: those behind it. */
  readonly #behind = new Map<string, LaneAppend[]>();
  #next: LaneAppend[] = [];
  #inFlight = 0;
  #waiting = 0;
  #waitingBytes = 0;
  #isClosed = false;
  #whenIdle: (() => void) | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  append(stream: string, bytes: number, send: SendAppend): Promise<AppendOutcome> {
    if (this.#isClosed) return Promise.resolve(notSent('the log is closed'));
    if (this.#waiting >= limits.log.maxQueuedAppends || this.#waitingBytes + bytes > limits.log.maxQueuedBytes) {
      return Promise.resolve(notSent('too many appends wait already'));
    }
    return new Promise((resolve) => {
      const dueMs = this.#nowMs() + limits.log.appendTimeoutMs;
      const append: LaneAppend = { stream, bytes, send, dueMs, state: 'waiting', settle: resolve };
      const timer = setTimeout(() => this.#giveUp(append), limits.log.appendTimeoutMs);
      append.settle = (outcome) => {
        clearTimeout(timer);
        append.state = 'settled';
        resolve(outcome);
      };
      this.#waiting += 1;
      this.#waitingBytes += bytes;
      const behind = this.#behind.get(stream);
      if (behind === undefined) {
        this.#behind.set(stream, []);
        this.#next.push(append);
        this.#sendNext();
      } else {
        behind.push(append);
      }
    });
  }

  /** Takes no more; those that wait are told that they were not sent; resolves when those that are sent are answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const waiting = [...this.#next.splice(0), ...[...this.#behind.values()].flatMap((behind) => behind.splice(0))];
    for (const append of waiting) {
      this.#leaveQueue(append);
      append.settle(notSent('the log is closed'));
    }
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
  }

  #sendNext(): void {
    while (this.#inFlight < limits.eventStore.maxAppendsInFlight) {
      const append = this.#next.shift();
      if (append === undefined) return;
      this.#leaveQueue(append);
      // As little as the margin is no time for a call.
      if (append.dueMs - this.#nowMs() <= 2 * limits.eventStore.callMarginMs) {
        append.settle(tooLate);
        this.#advance(append.stream);
        continue;
      }
      this.#inFlight += 1;
      append.state = 'sent';
      // From a turn of its own: when a connection fails, the client closes its channel in the promise turns that follow, and by its source
      // a call that begins among them would throw where nobody catches it. Costs nothing that can be measured.
      setImmediate(() => void this.#send(append));
    }
  }

  async #send(append: LaneAppend): Promise<void> {
    const timeoutMs = Math.max(1, append.dueMs - this.#nowMs() - limits.eventStore.callMarginMs);
    const outcome = await append.send(timeoutMs);
    if (append.state === 'sent') this.#end(append, outcome);
  }

  /** The deadline has come. */
  #giveUp(append: LaneAppend): void {
    const after = `no answer within ${limits.log.appendTimeoutMs} ms`;
    if (append.state === 'sent') this.#end(append, { outcome: 'unknown', cause: after });
    else this.#drop(append);
  }

  #drop(append: LaneAppend): void {
    const behind = this.#behind.get(append.stream) ?? [];
    const place = behind.indexOf(append);
    this.#leaveQueue(append);
    append.settle(tooLate);
    if (place >= 0) {
      behind.splice(place, 1);
    } else {
      this.#next = this.#next.filter((other) => other !== append);
      this.#advance(append.stream);
    }
  }

  #end(append: LaneAppend, outcome: AppendOutcome): void {
    append.settle(outcome);
    this.#inFlight -= 1;
    this.#advance(append.stream);
    this.#sendNext();
    if (this.#inFlight === 0) this.#whenIdle?.();
  }

  /** The next append of a stream takes its place among the streams that are ready. */
  #advance(stream: string): void {
    const next = this.#behind.get(stream)?.shift();
    if (next === undefined) this.#behind.delete(stream);
    else this.#next.push(next);
  }

  #leaveQueue({ bytes }: LaneAppend): void {
    this.#waiting -= 1;
    this.#waitingBytes -= bytes;
  }
}
