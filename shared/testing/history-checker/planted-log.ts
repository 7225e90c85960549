import { TurnledgerError } from '../../contracts/index.ts';
import type { SessionEvent } from '../../domain/index.ts';
import { eventHash, zeroHash } from '../../trust/index.ts';
import { foldViews } from './fold-views.ts';
import type { Evidence, LoggedEvent, Violation } from './history.ts';

/** The evidence with another log: numbered and chained anew and the views folded from it, so that only the planted bug shows. */
export function withLog(evidence: Evidence, events: readonly LoggedEvent[]): Evidence {
  const log = renumbered(events);
  const rows = foldViews(log);
  return { ...evidence, log, views: { live: rows, rebuilt: rows } };
}

function renumbered(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const heads = new Map<string, { readonly revision: number; readonly hash: string }>();
  return events.map((event, index) => {
    const head = heads.get(event.stream) ?? { revision: -1, hash: zeroHash };
    const revision = head.revision + 1;
    const hash = eventHash({ ...event, revision }, head.hash);
    heads.set(event.stream, { revision, hash });
    return {
      ...event,
      revision,
      position: BigInt(index + 1),
      metadata: { ...event.metadata, prevHash: head.hash, hash },
    };
  });
}

/** The same event as somebody else would append it again: under an id of its own. */
export const appendedAgain = (event: LoggedEvent): LoggedEvent => ({
  ...event,
  eventId: event.eventId.replace(/^./, (digit) => (digit === 'f' ? '0' : 'f')),
});

/** The newest event of a type; a test that plants a bug there cannot go on without one. */
export function lastOf({ log }: Evidence, type: SessionEvent['type']): LoggedEvent {
  const event = log.findLast((one) => one.type === type);
  if (!event) throw new TurnledgerError('invariant_broken', { detail: `the history has no ${type}` });
  return event;
}

/** The invariants that violations name, once each. */
export const verdicts = (violations: readonly Violation[]): readonly string[] =>
  [...new Set(violations.map(({ invariant }) => invariant))].sort();

/** The turn an event names. */
export const turnIdIn = ({ opened }: LoggedEvent): string | undefined =>
  opened && 'turnId' in opened.data ? opened.data.turnId : undefined;
