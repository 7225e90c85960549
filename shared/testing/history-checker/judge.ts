import { checkAccounted } from './check-accounted.ts';
import { checkAcknowledged } from './check-acknowledged.ts';
import { checkEndings } from './check-endings.ts';
import { checkForks } from './check-forks.ts';
import { checkLogOrder } from './check-log-order.ts';
import { checkPaidOnce } from './check-paid-once.ts';
import { checkProgress } from './check-progress.ts';
import { checkPrompts } from './check-prompts.ts';
import { checkRevisions } from './check-revisions.ts';
import { checkRewinds } from './check-rewinds.ts';
import { checkSameKey } from './check-same-key.ts';
import { checkSummaries } from './check-summaries.ts';
import { checkViews } from './check-views.ts';
import type { Check, Evidence, Violation } from './history.ts';

const checks: readonly Check[] = [
  checkAcknowledged,
  checkEndings,
  checkProgress,
  checkViews,
  checkLogOrder,
  checkPrompts,
  checkRevisions,
  checkPaidOnce,
  checkAccounted,
  checkSameKey,
  checkRewinds,
  checkForks,
  checkSummaries,
];

/** Judges a run that has come to rest; every violation found, none for a run that kept its promises. Pure: it reads no clock and no store. */
export const judge = (evidence: Evidence): readonly Violation[] => checks.flatMap((check) => check(evidence));
