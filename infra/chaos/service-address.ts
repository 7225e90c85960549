/** Where the service is, for clients that outlive it. */
export interface ServiceAddress {
  /** Its address; waits while it is down. */
  readonly get: () => Promise<string>;
  /** It serves there now; undefined: it is down. */
  set(url: string | undefined): void;
}

export function serviceAddress(): ServiceAddress {
  let tell: (url: string) => void = () => {};
  let isDown = true;
  const waiting = () =>
    new Promise<string>((resolve) => {
      tell = resolve;
    });
  let address = waiting();
  return {
    get: () => address,
    set: (url) => {
      if (url === undefined) {
        if (!isDown) address = waiting();
        isDown = true;
        return;
      }
      if (isDown) tell(url);
      else address = Promise.resolve(url);
      isDown = false;
    },
  };
}
