import { views } from '@turnledger/shared/contracts';
import {
  countedVersion,
  evolveUsageRecord,
  type SessionEvent,
  type UsageChange,
  type UsageRecord,
  usageKey,
  usageOf,
} from '@turnledger/shared/domain';
import type { LateFold } from './view-fold.ts';

type Changes = readonly [UsageChange, ...UsageChange[]];

const none: ReadonlyMap<string, Changes> = new Map();

/**
 * One row a day, game, scenario version, model and endpoint. Its revision counts events; `position` says up to which event of the log it
 * holds everything, so that an event that is read again is not counted again.
 */
export const usageDailyView: LateFold<UsageRecord, Changes> = {
  definition: views.usageDaily,
  changesOf: ({ recorded, event }, { session, turn, call }) => {
    const scenarioVersion = countedVersion(event as SessionEvent<'sealed'>, turn, call);
    if (!session || scenarioVersion === undefined) return none;
    const changes = usageOf(event as SessionEvent<'sealed'>, {
      recordedAt: recorded.metadata.recordedAt ?? '',
      gameId: session.gameId,
      scenarioId: session.scenarioId,
      scenarioVersion,
      call,
      lastCall: turn?.lastCall,
    });
    const byKey = new Map<string, Changes>();
    for (const change of changes) {
      const key = usageKey(change.group);
      byKey.set(key, [...(byKey.get(key) ?? []), change] as readonly UsageChange[] as Changes);
    }
    return byKey;
  },
  evolve: (row, changes, { recorded }) =>
    row && BigInt(row.position) >= recorded.position ? undefined : evolveUsageRecord(row, changes, recorded.position),
};
