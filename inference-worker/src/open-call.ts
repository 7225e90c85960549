import type { Clock, Model, ModelEvent, ModelRequest } from '@turnledger/shared/ports';

/** Given as the reason of an abort, since without one Node makes a DOMException with its stack each time: 3 % of a turn. */
const OVER = 'over';

type Step = IteratorResult<ModelEvent, unknown> | 'late';

/** Whom to ask, under which id of the log's. */
export interface ModelCall {
  readonly model: Model;
  readonly callId: string;
  readonly clock: Clock;
}

/** One request to a model, while it is being read. */
export interface OpenCall {
  /** The model's next event, or `late` once the deadline has passed or the signal has aborted. Throws what the model throws. */
  next(): Promise<Step>;
  /** Sets the deadline, on the monotonic clock; it is asked for again when its timer fires, and may be later by then. */
  endAt(dueAtMs: () => number): void;
  close(): void;
}

/** A call with one timer at a time and one listener, however many events it brings. */
export function openCall({ model, callId, clock }: ModelCall, request: ModelRequest, signal: AbortSignal): OpenCall {
  const call = new AbortController();
  let timer = new AbortController();
  let isOver = false;
  let wake: () => void = () => {};
  const end = () => {
    isOver = true;
    wake();
  };
  const onAbort = () => {
    call.abort(OVER);
    end();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  let events: AsyncIterator<ModelEvent> | undefined;
  let dueAt: () => number = () => Number.POSITIVE_INFINITY;
  let wakesAtMs = Number.POSITIVE_INFINITY;
  const wait = async ({ signal: cleared }: AbortController) => {
    for (let leftMs = dueAt() - clock.monotonicMs(); leftMs > 0; leftMs = dueAt() - clock.monotonicMs()) {
      wakesAtMs = clock.monotonicMs() + leftMs;
      await clock.sleep(leftMs, cleared);
      if (cleared.aborted) return;
    }
    end();
  };
  return {
    next: () =>
      new Promise<Step>((resolve, reject) => {
        if (isOver) return resolve('late');
        wake = () => resolve('late');
        events ??= model.reply(request, callId, call.signal)[Symbol.asyncIterator]();
        events.next().then(resolve, reject);
      }),
    endAt(dueAtMs) {
      dueAt = dueAtMs;
      // A timer that fires too early finds the later deadline and waits on; only an earlier one needs another timer.
      if (dueAtMs() >= wakesAtMs) return;
      timer.abort(OVER);
      timer = new AbortController();
      void wait(timer);
    },
    close() {
      signal.removeEventListener('abort', onAbort);
      timer.abort(OVER);
      call.abort(OVER);
      // The adapter closes its connection on the abort; whether its iterator returns in time is not ours to wait for.
      void events?.return?.(undefined)?.then(undefined, () => {});
    },
  };
}
