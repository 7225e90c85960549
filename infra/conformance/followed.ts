import { once } from 'node:events';
import type { AllStreamSubscription, ResolvedEvent, StreamSubscription } from '@eventstore/db-client';

/** A subscription whose events are collected as they come. */
export interface Followed {
  readonly events: readonly ResolvedEvent[];
  /** Errors, and whether it ended in good order. */
  readonly errors: readonly unknown[];
  readonly hasEnded: boolean;
  /** Resolves when so many events have come in all. */
  received(count: number): Promise<void>;
  unsubscribe(): Promise<void>;
}

/** Collects from now on; the handlers are there before the first byte can come. */
export const follow = (subscription: AllStreamSubscription | StreamSubscription): Followed => {
  const events: ResolvedEvent[] = [];
  const errors: unknown[] = [];
  let hasEnded = false;
  subscription.on('data', (event: ResolvedEvent) => void events.push(event));
  subscription.on('error', (error: unknown) => void errors.push(error));
  subscription.once('end', () => {
    hasEnded = true;
  });
  return {
    events,
    errors,
    get hasEnded() {
      return hasEnded;
    },
    async received(count) {
      while (events.length < count) await once(subscription, 'data');
    },
    unsubscribe: () => subscription.unsubscribe(),
  };
};
