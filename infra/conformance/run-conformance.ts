import { setTimeout as delay } from 'node:timers/promises';
import { appendCases } from './append-cases.ts';
import { checkpointCases } from './checkpoint-cases.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { type ConformanceSession, openConformanceSession } from './conformance-run.ts';
import { idempotencyCases } from './idempotency-cases.ts';
import { openCallCases } from './open-call-cases.ts';
import { readAllCases } from './read-all-cases.ts';
import { readCases } from './read-cases.ts';
import { restartCases } from './restart-cases.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { sizeCases } from './size-cases.ts';
import { subscriptionCases } from './subscription-cases.ts';

/** Every rule; those that end the server last. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...appendCases,
  ...idempotencyCases,
  ...sizeCases,
  ...readCases,
  ...readAllCases,
  ...subscriptionCases,
  ...checkpointCases,
  ...openCallCases,
  ...restartCases,
];

/** A client call may hang for ever where the server does something unforeseen: that is a failure like any other. */
const CASE_TIMEOUT_MS = 30_000;

export type CaseResult =
  | { readonly name: string; readonly result: 'ok' }
  | { readonly name: string; readonly result: 'failed'; readonly reason: string }
  | { readonly name: string; readonly result: 'skipped' };

export interface ConformanceReport {
  readonly results: readonly CaseResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Checks one rule with clients of its own. Never throws. */
export const runCase = async (session: ConformanceSession, { name, check }: ConformanceCase): Promise<CaseResult> => {
  const run = session.open();
  const limit = new AbortController();
  const late = delay(CASE_TIMEOUT_MS, 'late', { signal: limit.signal }).catch(() => 'aborted');
  try {
    if ((await Promise.race([check(run), late])) !== 'late') return { name, result: 'ok' };
    return { name, result: 'failed', reason: `no answer within ${CASE_TIMEOUT_MS} ms` };
  } catch (error) {
    return { name, result: 'failed', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    limit.abort();
    await run.dispose();
  }
};

const clean = async (session: ConformanceSession): Promise<CaseResult> => {
  try {
    return { name: `cleaning: the ${await session.deleteStreams()} streams of this run are deleted`, result: 'ok' };
  } catch (error) {
    return {
      name: `cleaning: streams that begin with ${session.prefix} are left`,
      result: 'failed',
      reason: String(error),
    };
  }
};

/**
 * Checks every rule that was observed of EventStoreDB against a server, one after the other, in streams that no other run has; they are
 * deleted at the end. Rules that need a restart are skipped where none is allowed. Throws only when the server's URL cannot be read.
 */
export const runConformance = async (
  server: ServerUnderTest,
  onResult: (result: CaseResult) => void = () => undefined,
): Promise<ConformanceReport> => {
  const session = openConformanceSession(server);
  const results: CaseResult[] = [];
  for (const one of conformanceCases) {
    const isSkipped = one.needsPower === true && server.power === undefined;
    const result: CaseResult = isSkipped ? { name: one.name, result: 'skipped' } : await runCase(session, one);
    results.push(result);
    onResult(result);
  }
  const cleaned = await clean(session);
  results.push(cleaned);
  onResult(cleaned);
  const count = (of: CaseResult['result']) => results.filter(({ result }) => result === of).length;
  return { results, passed: count('ok'), failed: count('failed'), skipped: count('skipped') };
};
