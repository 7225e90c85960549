import {
  completeSummary,
  type Decision,
  failSummary,
  type SessionEvent,
  type SessionState,
  startSummary,
} from '../domain/index.ts';
import {
  sampleIds,
  samplePlannedCall,
  samplePrompt,
  sampleSummary,
  sampleSummaryClaim,
  sampleSummaryFailure,
} from './sample-commands.ts';

export const summaryStepKinds = ['summarise', 'summary_done', 'summary_failed', 'summary_late'] as const;

/** What the domain decides on a step about a summary, right or wrong; odd ones have proven the holder lost. */
export function decideSummaryStep(
  {
    kind,
    turn,
    isOdd,
  }: { readonly kind: (typeof summaryStepKinds)[number]; readonly turn: number; readonly isOdd: boolean },
  state: SessionState,
): Decision<SessionEvent<'plain'>, string> {
  const { open, late = [], held = [] } = state.summaries ?? {};
  const ended = kind === 'summary_late' ? late[0] : open;
  const call = { summaryId: ended?.summaryId ?? 'summary 0', callId: ended?.callId ?? 'call of summary 0' };
  const turnIds = historyIds(state);
  switch (kind) {
    case 'summarise': {
      const summaryId = `summary ${state.revision}`;
      const throughPosition = Math.max(1, turnIds.length - (turn % 3));
      const extended = held.at(-1);
      return startSummary(
        sampleSummaryClaim({
          summaryId,
          fromTurnId: turnIds[0] ?? 'none',
          throughTurnId: turnIds[throughPosition - 1] ?? 'none',
          throughPosition,
          worker: `worker-${turn}`,
          calls: [{ ...samplePlannedCall(`call of ${summaryId}`), purpose: 'summary' }],
          prompt: { ...samplePrompt, ...(extended && { summaryId: extended.summaryId }) },
          ...(isOdd && open && { lostSummaryId: open.summaryId }),
        }),
        state,
      );
    }
    case 'summary_done':
      return completeSummary(sampleSummary({ ...call, fromTurnId: turnIds[0] ?? 'none' }), state);
    case 'summary_failed':
    case 'summary_late':
      return failSummary(sampleSummaryFailure(call), state);
  }
}

/** What a generated fork begins with. */
export const stepInheritedTurns = [sampleIds.olderParentTurn, sampleIds.parentTurn] as const;

/** Effective history, oldest first; of a generated fork with what it began with. */
export function historyIds({ history, inherited }: SessionState): readonly string[] {
  const ids: string[] = [];
  for (let node = history; node; node = node.previous) ids.push(node.turnId);
  return [...stepInheritedTurns.slice(0, inherited?.position ?? 0), ...ids.reverse()];
}
