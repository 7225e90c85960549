import { askJson } from './ask.ts';
import { type Connection, keyOfAction } from './connection.ts';
import type { ConfiguredModel, ModelConfiguration, Scenario, ScenarioStats } from './documents.ts';
import { type ReadOptions, rowsOf, withQuery } from './pages.ts';
import { toConfigured, toScenario, toScenarioStats } from './read-documents.ts';
import { snakeCased } from './wire-names.ts';

export interface ConfigureOptions {
  /** The version that was edited; another one by now is `scenario_version_mismatch`. */
  readonly expectedVersion?: number;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Publishes a version; however often its answer is lost, one. */
export async function configureModel(
  connection: Connection,
  { expectedVersion, idempotencyKey, signal, ...parameters }: ModelConfiguration & ConfigureOptions,
): Promise<ConfiguredModel> {
  const ask = {
    method: 'POST',
    path: '/llm/configure',
    body: snakeCased(parameters) as object,
    idempotencyKey: keyOfAction(connection, idempotencyKey),
    ifMatch: expectedVersion === undefined ? undefined : `"${expectedVersion}"`,
    signal,
  } as const;
  return askJson(connection, ask, toConfigured);
}

const scenarioPath = (scenarioId: string) => `/v1/scenarios/${encodeURIComponent(scenarioId)}`;

/** The published version, whole. */
export const readScenario = (
  connection: Connection,
  scenarioId: string,
  { minPosition, signal }: ReadOptions,
): Promise<Scenario> => {
  const path = withQuery(scenarioPath(scenarioId), { minPosition });
  return askJson(connection, { method: 'GET', path, signal }, toScenario);
};

/** What became of the moves of its versions, newest first, page by page as the loop goes on. */
export const readScenarioStats = (
  connection: Connection,
  scenarioId: string,
  { minPosition, signal }: ReadOptions,
): AsyncGenerator<ScenarioStats, void> =>
  rowsOf(connection, {
    path: `${scenarioPath(scenarioId)}/stats`,
    query: { minPosition },
    toRow: toScenarioStats,
    signal,
  });

export interface RetireOptions {
  readonly reason?: string;
  readonly signal?: AbortSignal;
}

/** No session starts with it any more; those that run go on. Asked again, it changes nothing. */
export async function retireScenario(
  connection: Connection,
  scenarioId: string,
  { reason, signal }: RetireOptions,
): Promise<void> {
  const ask = { method: 'POST', path: `${scenarioPath(scenarioId)}/retire`, body: { reason }, signal } as const;
  await askJson(connection, ask, () => undefined);
}
