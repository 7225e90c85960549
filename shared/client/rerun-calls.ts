import { askJson } from './ask.ts';
import { clientBounds } from './client-bounds.ts';
import { type Connection, keyOfAction } from './connection.ts';
import type { Rerun, RerunEstimate, RerunRow, RerunTurn } from './documents.ts';
import { rowsOf } from './pages.ts';
import { toRerun, toRerunEstimate, toRerunRow, toRerunTurn } from './read-rerun-documents.ts';
import type {
  AwaitRerunOptions,
  EstimateRerunOptions,
  OpenGateOptions,
  RequestRerunOptions,
  RerunFilter,
  RerunTarget,
  RerunTurnsOptions,
} from './rerun-options.ts';
import { pause } from './retry-budget.ts';
import type { Waiting } from './session-options.ts';
import { sessionPath } from './turn-request.ts';
import { snakeCased } from './wire-names.ts';

/** Recorded turns asked again, and compared with what was recorded. For games and operators. */
export interface RerunCalls {
  /** Has them asked again; answers as soon as that is recorded, with the re-run as it begins. */
  requestRerun(target: RerunTarget, options?: RequestRerunOptions): Promise<Rerun>;
  /** What that would take; nothing is recorded and nobody asked. */
  estimateRerun(target: RerunTarget, options?: EstimateRerunOptions): Promise<RerunEstimate>;
  /** Holds a version back until a re-run of recorded sessions under it meets its thresholds; answers with that re-run as it begins. */
  openGate(scenarioId: string, options: OpenGateOptions): Promise<Rerun>;
  /** Re-runs, newest first, page by page as the loop goes on. */
  reruns(filter?: RerunFilter): AsyncGenerator<RerunRow, void>;
  rerun(rerunId: string, options?: Waiting): Promise<Rerun>;
  /** Its turns, each beside the recorded one, in the order in which they were compared, page by page as the loop goes on. */
  rerunTurns(rerunId: string, options?: RerunTurnsOptions): AsyncGenerator<RerunTurn, void>;
  /** Looks at it until it is over, however it ended. An abort leaves it running; `cancelRerun` ends it. */
  awaitRerun(rerunId: string, options?: AwaitRerunOptions): Promise<Rerun>;
  /** No further turn is asked; those under way end first. Of one that is over it changes nothing. */
  cancelRerun(rerunId: string, options?: Waiting): Promise<Rerun>;
}

const rerunPath = (rerunId: string) => `/v1/reruns/${encodeURIComponent(rerunId)}`;

export const rerunCalls = (connection: Connection): RerunCalls => ({
  requestRerun: async (target, { idempotencyKey: given, ...options } = {}) => {
    const idempotencyKey = keyOfAction(connection, given);
    return askJson(connection, { ...rerunAsk(target, options), idempotencyKey }, toRerun);
  },
  estimateRerun: async (target, options = {}) =>
    askJson(connection, rerunAsk(target, { ...options, dryRun: true }), toRerunEstimate),
  openGate: async (scenarioId, { idempotencyKey: given, signal, ...gate }) => {
    const idempotencyKey = keyOfAction(connection, given);
    const path = `/v1/scenarios/${encodeURIComponent(scenarioId)}/gate`;
    return askJson(connection, { method: 'POST', path, body: wireBody(gate), idempotencyKey, signal }, toRerun);
  },
  reruns: ({ signal, ...query } = {}) => rowsOf(connection, { path: '/v1/reruns', query, toRow: toRerunRow, signal }),
  rerun: (rerunId, waiting) => readRerun(connection, rerunId, waiting),
  rerunTurns: (rerunId, { signal, ...query } = {}) =>
    rowsOf(connection, { path: `${rerunPath(rerunId)}/turns`, query, toRow: toRerunTurn, signal }),
  awaitRerun: (rerunId, options = {}) => awaitRerun(connection, rerunId, options),
  cancelRerun: async (rerunId, { signal } = {}) =>
    askJson(connection, { method: 'POST', path: `${rerunPath(rerunId)}/cancel`, signal }, toRerun),
});

const wireBody = (options: object): object => snakeCased(options) as object;

function rerunAsk(target: RerunTarget, { signal, ...options }: EstimateRerunOptions & { readonly dryRun?: true }) {
  if (!('sessionId' in target)) {
    return { method: 'POST', path: '/v1/reruns', body: wireBody({ ...target, ...options }), signal } as const;
  }
  const { sessionId, ...through } = target;
  const path = `${sessionPath(sessionId)}/reruns`;
  return { method: 'POST', path, body: wireBody({ ...through, ...options }), sessionId, signal } as const;
}

const readRerun = async (connection: Connection, rerunId: string, { signal }: Waiting = {}): Promise<Rerun> =>
  askJson(connection, { method: 'GET', path: rerunPath(rerunId), signal }, toRerun);

/** The pause doubles from look to look: a re-run takes a moment or an hour, and every look folds all of it. */
async function awaitRerun(
  connection: Connection,
  rerunId: string,
  { onProgress, signal }: AwaitRerunOptions,
): Promise<Rerun> {
  for (let pauseMs: number = clientBounds.firstRerunPauseMs; ; pauseMs *= 2) {
    const rerun = await readRerun(connection, rerunId, signal && { signal });
    onProgress?.(rerun);
    if (rerun.status !== 'running' && rerun.status !== 'cancelling') return rerun;
    await pause(Math.min(pauseMs, clientBounds.maxRerunPauseMs), signal);
  }
}
