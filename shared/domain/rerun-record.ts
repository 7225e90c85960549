import type { RerunEvent, RerunMode, RerunOutcome } from './rerun/events.ts';

/** A re-run as a list shows it; what each turn came to is in its stream. */
export interface RerunRecord {
  readonly rerunId: string;
  readonly scenarioId: string;
  readonly gameId?: string;
  readonly mode: RerunMode;
  readonly status: 'running' | 'cancelling' | RerunOutcome;
  readonly sessions: number;
  readonly turns: number;
  readonly compared: number;
  readonly reused: number;
  readonly failed: number;
  readonly spentMicroUsd: number;
  readonly gateVersion?: number;
  readonly requestedAt: string;
  readonly endedAt?: string;
  /** Revision of the newest event folded in. */
  readonly revision: number;
}

/** Folds one event into a re-run's record; undefined until it was asked for. Never throws for content. */
export function evolveRerunRecord(
  record: RerunRecord | undefined,
  event: RerunEvent,
  context: { readonly rerunId: string; readonly revision: number; readonly recordedAt: string },
): RerunRecord | undefined {
  const { rerunId, revision, recordedAt } = context;
  if (event.type === 'RerunRequested') {
    const { scenarioId, gameId, mode, sources, turns, gateVersion } = event.data;
    return {
      rerunId,
      scenarioId,
      mode,
      turns,
      revision,
      status: 'running',
      sessions: sources.length,
      compared: 0,
      reused: 0,
      failed: 0,
      spentMicroUsd: 0,
      requestedAt: recordedAt,
      ...(gameId !== undefined && { gameId }),
      ...(gateVersion !== undefined && { gateVersion }),
    };
  }
  if (!record) return undefined;
  switch (event.type) {
    case 'RerunTurnCompared': {
      const { outcome, repeated } = event.data;
      const isReused = outcome === 'reused';
      return {
        ...record,
        revision,
        compared: record.compared + 1,
        reused: record.reused + (isReused ? 1 : 0),
        failed: record.failed + (outcome === 'failed' || outcome === 'timed_out' ? 1 : 0),
        spentMicroUsd: record.spentMicroUsd + (isReused ? 0 : (repeated.costMicroUsd ?? 0)),
      };
    }
    case 'RerunCancelled':
      return { ...record, revision, status: 'cancelling' };
    case 'RerunFinished':
      return { ...record, revision, status: event.data.outcome, endedAt: recordedAt };
  }
}
