import { views } from '../contracts/index.ts';
import type { EventLog, ViewStore } from '../ports/index.ts';
import { eventsThrough } from './event-log-following.ts';
import { foldViews as foldEvents } from './history-checker/fold-views.ts';
import type { ViewContent } from './history-checker/history.ts';

/**
 * Folds a log into views in the plainest way there is: every event once, in order, in memory. What projectors with their batches, crashes
 * and rivals come to must equal this (invariant R4).
 */
export const foldViews = async (log: EventLog): Promise<readonly ViewContent[]> =>
  foldEvents(await eventsThrough(log, await log.headPosition()));

/** Puts the views of a whole log into an empty store, for tests of what reads them. */
export async function fillViews(store: ViewStore, log: EventLog): Promise<void> {
  await store.prepare(Object.values(views));
  await store.commit(await foldViews(log), {
    from: await store.checkpoint(views.sessions),
    to: await log.headPosition(),
  });
}
