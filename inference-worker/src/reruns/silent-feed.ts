import type { TurnFeed } from '@turnledger/shared/ports';

/** A feed that nobody reads: what is asked again is shown when it is compared, not as it comes. */
export const silentFeed: TurnFeed = {
  publish: async () => {},
  async *read() {},
};
