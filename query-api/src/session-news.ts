import { limits, sessionStream } from '@turnledger/shared/contracts';
import type { SessionState } from '@turnledger/shared/domain';
import type { FollowPorts } from '@turnledger/shared/runtime';

/** Somebody who waits for a session's log to grow past a revision. */
interface Waiter {
  readonly revision: number;
  readonly settle: (state: SessionState | undefined) => void;
  readonly fail: (reason: unknown) => void;
}

/** A session that somebody waits for: one look and one reader of its hints for all of them. */
interface Watch {
  readonly waiters: Set<Waiter>;
  readonly over: AbortController;
  /** As the last look found it. */
  state?: SessionState;
}

/**
 * Tells who watches a session that its log has grown. The log is the truth: it is looked at every limits.worker.headCheckMs, once for all who
 * wait for the same session in this process; the session's own feed (`sessionHint`) has it looked at sooner. A feed that is away, or has more
 * readers than it takes, costs that time and nothing else. Nothing is kept of a session that nobody waits for.
 */
export class SessionNews {
  readonly #ports: FollowPorts;
  readonly #watches = new Map<string, Watch>();

  constructor(ports: FollowPorts) {
    this.#ports = ports;
  }

  /** Sessions that somebody waits for now, for tests and metrics. */
  get watched(): number {
    return this.#watches.size;
  }

  /** The session once its log is past a revision; undefined when the signal aborts first. Rejects with `store_unavailable`. */
  past(sessionId: string, revision: number, signal: AbortSignal): Promise<SessionState | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const watch = this.#watches.get(sessionId) ?? this.#open(sessionId, revision);
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        watch.waiters.delete(waiter);
        if (watch.waiters.size === 0) this.#close(sessionId, watch);
      };
      const onAbort = () => waiter.settle(undefined);
      const waiter: Waiter = {
        revision,
        settle: (state) => {
          leave();
          resolve(state);
        },
        fail: (reason) => {
          leave();
          reject(reason);
        },
      };
      watch.waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      // Whoever comes to a watch that is under way may have missed its last hint.
      if (watch.state && watch.state.revision > revision) waiter.settle(watch.state);
    });
  }

  #open(sessionId: string, revision: number): Watch {
    const watch: Watch = { waiters: new Set(), over: new AbortController() };
    this.#watches.set(sessionId, watch);
    this.#run(sessionId, watch, revision).catch((reason: unknown) => {
      for (const waiter of [...watch.waiters]) waiter.fail(reason);
    });
    return watch;
  }

  #close(sessionId: string, watch: Watch): void {
    watch.over.abort();
    if (this.#watches.get(sessionId) === watch) this.#watches.delete(sessionId);
  }

  /** Two loops, since a race of a hint that is long in coming against every check would gather their reactions for hours. */
  async #run(sessionId: string, watch: Watch, revision: number): Promise<void> {
    await Promise.all([this.#followHints(sessionId, watch, revision), this.#check(sessionId, watch)]);
  }

  async #check(sessionId: string, watch: Watch): Promise<void> {
    const { signal } = watch.over;
    while (!signal.aborted) {
      await this.#ports.clock.sleep(limits.worker.headCheckMs, signal);
      if (!signal.aborted) await this.#look(sessionId, watch);
    }
  }

  async #followHints(sessionId: string, watch: Watch, revision: number): Promise<void> {
    const { signal } = watch.over;
    // The hint of an event has its revision and one as id: those of what is known already are not wanted.
    const hints = this.#ports.feed.read(sessionId, { after: revision + 1, signal })[Symbol.asyncIterator]();
    for (;;) {
      // A feed that fails looks like one that has nothing more to say.
      const { done } = await hints.next().catch(() => ({ done: true }));
      if (done || signal.aborted) return;
      await this.#look(sessionId, watch);
    }
  }

  async #look(sessionId: string, watch: Watch): Promise<void> {
    const state = await this.#ports.sessions.load(sessionStream(sessionId));
    watch.state = state;
    for (const waiter of [...watch.waiters]) if (state.revision > waiter.revision) waiter.settle(state);
  }
}
