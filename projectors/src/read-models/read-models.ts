import { TurnledgerError } from '@turnledger/shared/contracts';
import type { ViewStore } from '@turnledger/shared/ports';
import type { Log } from '@turnledger/shared/runtime';
import type { Projector } from '../run-projector.ts';
import { foldBatch, toViewEvents } from './fold-batch.ts';
import { scenarioVersionsView } from './scenario-versions-view.ts';
import { sessionsView } from './sessions-view.ts';
import { turnsView } from './turns-view.ts';
import type { ViewFold } from './view-fold.ts';

type AnyFold = ViewFold<{ readonly revision: number }>;

/** Every read model. They share one loop and one transaction a batch, so that their rows always agree with each other. */
const allViews = [sessionsView, turnsView, scenarioVersionsView] as readonly unknown[] as readonly AnyFold[];

/**
 * Projects all views. A view whose checkpoint lags behind (a new version, built beside the old) is brought up to the others first, by
 * itself; then all go on together.
 */
export function readModels(store: ViewStore, log: Log, onCaughtUp: (position: bigint) => void = () => {}): Projector {
  const checkpoints = new Map<AnyFold, bigint>();
  return {
    name: 'read-models',
    async start() {
      await store.prepare(allViews.map(({ definition }) => definition));
      for (const view of allViews) checkpoints.set(view, await store.checkpoint(view.definition));
      return [...checkpoints.values()].reduce((lowest, one) => (one < lowest ? one : lowest));
    },
    async apply(recorded, position) {
      const events = toViewEvents(recorded, log);
      const behind = new Map<bigint, AnyFold[]>();
      for (const [view, checkpoint] of checkpoints) {
        if (checkpoint < position) behind.set(checkpoint, [...(behind.get(checkpoint) ?? []), view]);
      }
      for (const [from, views] of behind) {
        const wanted = events.filter((event) => event.recorded.position > from);
        const changes = await foldBatch(store, views, wanted);
        const outcome = await store.commit(changes, { from, to: position });
        if (outcome === 'moved')
          throw new TurnledgerError('store_unavailable', { detail: 'another projector has moved the checkpoint' });
        for (const view of views) checkpoints.set(view, position);
      }
    },
    onCaughtUp,
  };
}
