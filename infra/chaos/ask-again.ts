import type { TurnledgerClient } from '@turnledger/shared/client';
import type { LoggedEvent, ModelCall, Violation } from '@turnledger/shared/testing/history-checker';
import { chaosScenarios } from './chaos-client.ts';

/** Of each scenario, the newest: a long run has thousands. */
const MAX_SESSIONS = 60;

/** What recorded turns came to that were asked again without a change. */
export interface AskedAgain {
  readonly turns: number;
  /** Their requests were made again letter by letter. */
  readonly reused: number;
  readonly violations: readonly Violation[];
}

/** Has the sessions of a run asked again; answers the ids of the re-runs, which run while the service goes and comes back. */
export async function askAgain(client: TurnledgerClient): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const { scenarioId } of chaosScenarios) {
    let [count, from] = [0, ''];
    for await (const { startedAt, turns } of client.sessions({ scenarioId })) {
      if (turns === 0) continue;
      from = startedAt;
      count += 1;
      if (count === MAX_SESSIONS) break;
    }
    if (count > 0) ids.push((await client.requestRerun({ scenarioId, from }, { concurrency: 32 })).id);
  }
  return ids;
}

/** Waits for the re-runs. R5: a prompt is the same whenever it is made from the log, so every reply stands, and every turn is compared. */
export async function judgeAgain(client: TurnledgerClient, ids: readonly string[]): Promise<AskedAgain> {
  const violations: Violation[] = [];
  let [turns, reused] = [0, 0];
  for (const id of ids) {
    const { status, progress } = await client.awaitRerun(id);
    turns += progress.turns;
    reused += progress.reused;
    if (status !== 'completed' || progress.compared !== progress.turns)
      violations.push({
        invariant: 'R5',
        sentence: 'a re-run has not compared every turn',
        evidence: { id, progress },
      });
    // No two answers of the model are alike.
    for await (const { sessionId, turnId, recorded, rerunTurnId, outcome, error } of client.rerunTurns(id, {
      diverged: 'only',
    })) {
      if (recorded.status !== 'completed') continue;
      const sentence = 'a recorded turn is asked otherwise when it is asked again';
      violations.push({ invariant: 'R5', sentence, sessionId, turnId, evidence: { id, rerunTurnId, outcome, error } });
    }
  }
  return { turns, reused, violations };
}

/** The calls that no re-run made: the judge knows players' sessions alone. */
export function callsOfPlayers(calls: readonly ModelCall[], log: readonly LoggedEvent[]): readonly ModelCall[] {
  const announced = new Set(
    log
      .filter(({ stream, type }) => stream.startsWith('rerunsession-') && type === 'TurnStarted')
      .flatMap(({ data }) => (JSON.parse(data) as { calls: readonly ModelCall[] }).calls)
      .map(({ callId }) => callId),
  );
  return calls.filter(({ callId }) => !announced.has(callId));
}

/** The same violations with the prompts' manifests of both turns beside them: a run is never the same again, and its log is thrown away. */
export function withManifests(violations: readonly Violation[], log: readonly LoggedEvent[]): readonly Violation[] {
  if (violations.length === 0) return violations;
  const claims = log
    .filter(({ type }) => type === 'TurnStarted')
    .map(({ data }) => JSON.parse(data) as { readonly turnId: string; readonly prompt: unknown });
  return violations.map((violation) => {
    const { rerunTurnId } = violation.evidence as { readonly rerunTurnId?: string };
    const manifestsOf = (id: string | undefined) =>
      claims.filter(({ turnId }) => turnId === id).map(({ prompt }) => prompt);
    const [recorded, repeated] = [manifestsOf(violation.turnId), manifestsOf(rerunTurnId)];
    return { ...violation, evidence: { ...(violation.evidence as object), recorded, repeated } };
  });
}
