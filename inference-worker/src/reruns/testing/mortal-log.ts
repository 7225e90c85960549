import type { EventLog } from '@turnledger/shared/ports';

/** A log as a process sees it, until that process dies: from then on it answers nothing, and takes nothing. */
export function mortalLog(inner: EventLog): { readonly log: EventLog; die(): void } {
  let isDead = false;
  const never = <T>(): Promise<T> => new Promise(() => {});
  const log: EventLog = {
    append: (...asked) => (isDead ? never() : inner.append(...asked)),
    readStream: (...asked) => (isDead ? never() : inner.readStream(...asked)),
    readHead: (...asked) => (isDead ? never() : inner.readHead(...asked)),
    subscribe: (options) => inner.subscribe(options),
    headPosition: () => inner.headPosition(),
    close: async () => {},
  };
  return {
    log,
    die: () => {
      isDead = true;
    },
  };
}
