import {
  positionToken,
  rerunDocument,
  rerunEstimateDocument,
  rerunStream,
  TurnledgerError,
} from '@turnledger/shared/contracts';
import { type RerunRequest, type RerunState, requestRerun } from '@turnledger/shared/domain';
import { json, type RouteReply, type RouteRequest, readRerun } from '@turnledger/shared/runtime';
import { contentHash } from '@turnledger/shared/trust';
import { estimateRerun } from './estimate-rerun.ts';
import { derivedRerunId, type IdempotencyKey, idempotencyHeader } from './idempotency.ts';
import { withRetryAdvice } from './outcome-unknown.ts';
import type { RerunPlan } from './plan-rerun.ts';
import type { CommandPorts } from './ports.ts';
import { requesterOf } from './requester.ts';

/** A re-run that somebody asks for, once for each key. */
export interface KeyedRerun {
  readonly rerunId: string;
  readonly bodyHash: string;
  readonly key: IdempotencyKey;
  /** By whom it is recorded, for which request. */
  readonly context: { readonly actor: string; readonly correlationId: string };
}

/** The re-run that a request asks for, of a session or scenario. Throws `request_invalid` for a key that cannot be one. */
export function keyedRerun(
  { ids }: Pick<CommandPorts, 'ids'>,
  request: RouteRequest<unknown, unknown>,
  kind: Parameters<typeof derivedRerunId>[0]['kind'],
  target: string,
): KeyedRerun {
  const { principal, role: actor, key, traceId: correlationId } = requesterOf(request, ids);
  return {
    key,
    context: { actor, correlationId },
    rerunId: derivedRerunId({ principal, kind, target, key: key.value, gameId: request.caller.gameId }),
    bodyHash: contentHash([kind, target, request.body]),
  };
}

/**
 * Answers a request for a re-run: with an estimate where it asks for no more, with what its key has made before, or with a new one. What was asked
 * before is not planned again: a session or an endpoint may be gone since. Throws what `plan` throws, `idempotency_key_reused`, `outcome_unknown`.
 */
export async function answerRerun(
  ports: CommandPorts,
  keyed: KeyedRerun,
  isDryRun: boolean,
  plan: () => Promise<RerunPlan>,
): Promise<RouteReply> {
  if (isDryRun) return json(200, rerunEstimateDocument(await estimateRerun(ports, await plan())));
  return (await repeatedRerun(ports, keyed)) ?? recordRerun(ports, keyed, (await plan()).request);
}

/** The answer of a key that has made its re-run already; undefined for a new one. Throws `idempotency_key_reused`, `store_unavailable`. */
export async function repeatedRerun(ports: CommandPorts, keyed: KeyedRerun): Promise<RouteReply | undefined> {
  const { request, revision } = await ports.ledger.reruns.load(rerunStream(keyed.rerunId));
  if (!request) return undefined;
  if (request.bodyHash !== keyed.bodyHash) throw new TurnledgerError('idempotency_key_reused');
  return reply(ports, keyed, { revision, isRepeated: true });
}

/** Records a re-run; from then on it runs. Throws `idempotency_key_reused`, `outcome_unknown` with advice on whether to ask again. */
export async function recordRerun(
  ports: CommandPorts,
  keyed: KeyedRerun,
  planned: Omit<RerunRequest, 'bodyHash'>,
): Promise<RouteReply> {
  const { rerunId, bodyHash, key, context } = keyed;
  const decide = (state: RerunState) => requestRerun({ ...planned, bodyHash }, state);
  const result = await ports.ledger.reruns
    .transact(rerunStream(rerunId), decide, { context, likelyNew: true })
    .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { rerun_id: rerunId })));
  if (result.outcome === 'refused') throw new TurnledgerError(result.reason);
  return reply(ports, keyed, { revision: result.revision, isRepeated: result.outcome === 'unchanged' });
}

async function reply(
  ports: CommandPorts,
  { rerunId, key }: KeyedRerun,
  { revision, isRepeated }: { readonly revision: number; readonly isRepeated: boolean },
): Promise<RouteReply> {
  return json(isRepeated ? 200 : 202, await recordedRerun(ports, rerunId, revision), {
    location: `/v1/reruns/${rerunId}`,
    ...idempotencyHeader(key),
    ...(isRepeated && { 'idempotency-replayed': 'true' }),
  });
}

/** A re-run as the commands about it answer: its document with where it stands in the log (`revision`). Throws `store_unavailable`. */
export async function recordedRerun({ ledger }: CommandPorts, rerunId: string, revision: number) {
  const rerun = await readRerun(ledger, rerunId);
  if (!rerun) throw new TurnledgerError('invariant_broken', { detail: 'a recorded re-run cannot be read' });
  return { ...rerunDocument(rerun), log_position: positionToken({ stream: rerunStream(rerunId), revision }) };
}
