import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelCall, StartedSession, TurnledgerClient, UsageRow } from '@turnledger/shared/client';
import { martaReis } from './lisbon-ledger.ts';
import type { TerminalPage } from './terminal-page.ts';

export interface UsageToShow {
  readonly client: TurnledgerClient;
  readonly session: StartedSession;
  readonly page: TerminalPage;
  /** How many turns were asked for, and by how many requests. */
  readonly asked: { readonly turns: number; readonly requests: number };
  /** Of the last write: nothing older may answer. */
  readonly minPosition: string;
  readonly signal: AbortSignal;
}

/** What a cancelled call cost is written down after its turn's ending: a second as a rule. */
const SETTLED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;

/** Shows what the ledger says was used. Answers whether each turn was bought once. */
export async function showUsage({ client, session, page, asked, minPosition, signal }: UsageToShow): Promise<boolean> {
  const calls = await settledCalls(client, { sessionId: session.id, minPosition, signal });
  const { rows } = await client.usage({ by: 'scenario', minPosition, signal });
  // A service that others play on has more to show.
  for (const row of rows) if (row.scenarioId === martaReis.scenarioId) showRow(page, row);
  const models = [...new Set(calls.map(({ model, endpoint }) => `${model} at ${endpoint}`))].join(', ');
  const statuses = [...new Set(calls.map(({ status }) => status))];
  const counts = statuses.map((status) => `${calls.filter((call) => call.status === status).length} ${status}`);
  page.fact('calls', `${calls.length} to ${models}: ${counts.join(', ')}`);
  const isOnce = calls.length === asked.turns;
  return page.check(isOnce, `${asked.requests} requests, ${asked.turns} turns, ${calls.length} calls of a model.`);
}

/** The session's calls in their order, once each is accounted for or has had its time. */
async function settledCalls(
  client: TurnledgerClient,
  filter: { readonly sessionId: string; readonly minPosition: string; readonly signal: AbortSignal },
): Promise<readonly ModelCall[]> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const calls: ModelCall[] = [];
    for await (const call of client.modelCalls(filter)) calls.unshift(call);
    if (waitedMs >= SETTLED_WITHIN_MS || calls.every(({ usage }) => usage !== null)) return calls;
    await sleep(LOOK_EVERY_MS, undefined, { signal: filter.signal });
  }
}

function showRow(page: TerminalPage, row: UsageRow): void {
  const { scenarioId, turnsCompleted, turnsCancelled, promptTokens, completionTokens, costMicroUsd } = row;
  page.fact('scenario', scenarioId ?? '');
  page.fact('turns', `${turnsCompleted} completed, ${turnsCancelled} cancelled`);
  page.fact('tokens', `${promptTokens} read, ${completionTokens} said`);
  page.fact(
    'cost',
    costMicroUsd === 0 ? 'nothing: the scripted character is free' : `${costMicroUsd ?? '?'} micro-USD`,
  );
}
