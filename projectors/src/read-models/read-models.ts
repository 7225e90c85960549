import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { ParkedEvent, ParkedEvents, ViewDefinition, ViewStore } from '@turnledger/shared/ports';
import type { Log } from '@turnledger/shared/runtime';
import { parkedNowhere } from '../parked-nowhere.ts';
import type { Projector } from '../run-projector.ts';
import { type AnyFold, type AnyLateFold, foldBatch } from './fold-batch.ts';
import { gameStatesView } from './game-states-view.ts';
import { llmCallsView } from './llm-calls-view.ts';
import { playersView } from './players-view.ts';
import { RecentRows } from './recent-rows.ts';
import { rerunsView } from './reruns-view.ts';
import { scenarioVersionsView } from './scenario-versions-view.ts';
import { sessionsView } from './sessions-view.ts';
import { turnsView } from './turns-view.ts';
import { usageDailyView } from './usage-daily-view.ts';
import { toViewEvents } from './view-events.ts';
import type { FoldedRow } from './view-fold.ts';

/** Every read model. They share one loop and one statement a batch, so that their rows always agree with each other. */
const folds = [
  sessionsView,
  turnsView,
  llmCallsView,
  gameStatesView,
  playersView,
  scenarioVersionsView,
  rerunsView,
] as readonly unknown[] as readonly AnyFold[];
const late = [usageDailyView] as readonly unknown[] as readonly AnyLateFold[];
const all = [...folds, ...late];
const liveness = new Map(folds.map((fold) => [fold.definition, fold.isLive]));
const isLive = (view: ViewDefinition, row: FoldedRow) => liveness.get(view)?.(row) ?? true;

/** Makes the tables of all views where absent, so that whoever reads them need not wait for the first event. Throws `store_unavailable`. */
export const prepareReadModels = (store: ViewStore): Promise<void> =>
  store.prepare(all.map(({ definition }) => definition));

/**
 * Projects all views. A view whose checkpoint lags behind (a new version, built beside the old) is brought up to the others first, by
 * itself; then all go on together. Events that cannot be read are parked with their reason before the checkpoint passes them.
 */
export function readModels(
  store: ViewStore,
  log: Log,
  onCaughtUp: (position: bigint) => void = () => {},
  parked: ParkedEvents = parkedNowhere,
): Projector {
  const checkpoints = new Map<AnyFold | AnyLateFold, bigint>();
  const recent = new RecentRows(store, limits.projector.recentRowsChars);
  return {
    name: 'read-models',
    gatherMs: limits.projector.gatherMs,
    async start() {
      recent.forget();
      await prepareReadModels(store);
      for (const view of all) checkpoints.set(view, await store.checkpoint(view.definition));
      return [...checkpoints.values()].reduce((lowest, one) => (one < lowest ? one : lowest));
    },
    async apply(recorded, position) {
      const unreadable: ParkedEvent[] = [];
      const events = toViewEvents(recorded, log, (event, code) =>
        unreadable.push({ loop: 'read-models', event, code }),
      );
      if (unreadable.length > 0) await parked.park(unreadable);
      const behind = new Set([...checkpoints.values()].filter((checkpoint) => checkpoint < position));
      for (const from of behind) {
        const isMember = (view: AnyFold | AnyLateFold) => checkpoints.get(view) === from;
        const members = { folds: folds.filter(isMember), late: late.filter(isMember) };
        const wanted = events.filter((event) => event.recorded.position > from);
        const { changes, held } = await foldBatch(recent, members, wanted);
        const outcome = await store.commit(changes, { from, to: position });
        if (outcome === 'moved') {
          throw new TurnledgerError('store_unavailable', { detail: 'another projector has moved the checkpoint' });
        }
        recent.keep(changes, held, isLive);
        for (const view of [...members.folds, ...members.late]) checkpoints.set(view, position);
      }
    },
    onCaughtUp,
  };
}
