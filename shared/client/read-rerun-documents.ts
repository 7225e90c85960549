import type { Rerun, RerunEstimate, RerunRow, RerunTurn } from './documents.ts';
import { membersOf, unreadable } from './read-documents.ts';
import { camelCased } from './wire-names.ts';

/** A re-run of the wire. Throws `answer_unreadable` for what has no progress. */
export function toRerun(document: unknown): Rerun {
  const rerun = membersOf(camelCased(document));
  if (typeof rerun.id === 'string' && typeof rerun.progress === 'object') return rerun as unknown as Rerun;
  throw unreadable('it is not a re-run');
}

/** A re-run of a list. Throws `answer_unreadable`. */
export function toRerunRow(document: unknown): RerunRow {
  const row = membersOf(camelCased(document));
  if (typeof row.id === 'string') return row as unknown as RerunRow;
  throw unreadable('it is not a re-run');
}

/** A turn that was asked again. Throws `answer_unreadable`. */
export function toRerunTurn(document: unknown): RerunTurn {
  const turn = membersOf(camelCased(document));
  if (typeof turn.rerunTurnId === 'string') return turn as unknown as RerunTurn;
  throw unreadable('it is not a turn of a re-run');
}

/** What a re-run would take. Throws `answer_unreadable`. */
export function toRerunEstimate(document: unknown): RerunEstimate {
  const estimate = membersOf(camelCased(document));
  if (estimate.dryRun === true) return estimate as unknown as RerunEstimate;
  throw unreadable('it is not an estimate');
}
