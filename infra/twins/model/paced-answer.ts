import type { ServerResponse } from 'node:http';

/** One answer being written; every wait ends early when its connection is gone. */
export interface PacedAnswer {
  readonly response: ServerResponse;
  readonly isGone: boolean;
  pause(ms: number): Promise<void>;
  /** Waits until the connection is gone. */
  stall(): Promise<void>;
  /** Writes and waits until the socket has room again. */
  write(bytes: string | Buffer): Promise<void>;
  /** Lets what is written leave before anything else is. */
  flush(): Promise<void>;
}

export const pacedAnswer = (response: ServerResponse): PacedAnswer => {
  let isGone = false;
  let wake = () => {};
  const done = () => {
    isGone = true;
    wake();
  };
  response.on('close', done);
  response.on('error', done);
  response.on('drain', () => wake());

  /** Waits for `arm` to be called back, or for the connection to go. */
  const until = (arm: (resume: () => void) => () => void): Promise<void> =>
    new Promise((resolve) => {
      if (isGone) {
        resolve();
        return;
      }
      const disarm = arm(() => wake());
      wake = () => {
        wake = () => {};
        disarm();
        resolve();
      };
    });

  return {
    response,
    get isGone() {
      return isGone;
    },
    pause: async (ms) => {
      if (ms <= 0) return;
      await until((resume) => {
        const timer = setTimeout(resume, ms);
        return () => clearTimeout(timer);
      });
    },
    stall: () => until(() => () => {}),
    write: async (bytes) => {
      if (isGone || response.write(bytes)) return;
      await until(() => () => {});
    },
    flush: () =>
      until((resume) => {
        const immediate = setImmediate(resume);
        return () => clearImmediate(immediate);
      }),
  };
};
