import { TurnledgerError } from '@turnledger/shared/contracts';
import type { TurnQueue } from '@turnledger/shared/ports';

const notHere = async () => {
  throw new TurnledgerError('invariant_broken', { detail: 'only the relay has a queue' });
};

/** The queue of a process that does not relay, so that it need not wait for a broker. */
export const noQueue: TurnQueue = { enqueue: notHere, consume: notHere, depth: () => 0 };
