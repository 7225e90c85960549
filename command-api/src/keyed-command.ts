import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { Decision, Expected, SessionEvent, SessionState } from '@turnledger/shared/domain';
import { idParam, type RouteRequest, requireSession } from '@turnledger/shared/runtime';
import { actorOfCaller } from './actor-of-caller.ts';
import { derivedMarkId, type IdempotencyKey } from './idempotency.ts';
import { readIfMatch, refusal } from './if-match.ts';
import { withRetryAdvice } from './outcome-unknown.ts';
import { bodyHmac } from './plan-session.ts';
import type { CommandPorts } from './ports.ts';
import { requesterOf } from './requester.ts';

/** What a command brings that leaves a mark in a session that is there, once for each key. */
export interface KeyedCommand {
  readonly sessionId: string;
  readonly stream: string;
  readonly key: IdempotencyKey;
  /** The id of the mark, derived from the key. */
  readonly markId: string;
  readonly actor: string;
  readonly traceId: string;
  readonly said: { readonly bodyHmac: string; readonly expectedRevision?: Expected };
}

/** Finds out who asks for what, where. Throws `session_not_found`, also for a session that is not theirs, `player_erased`, `request_invalid`. */
export async function openKeyedCommand(
  ports: CommandPorts,
  request: RouteRequest<object, unknown>,
  kind: Parameters<typeof derivedMarkId>[0],
): Promise<KeyedCommand> {
  const sessionId = idParam(request, 'session_id', 'session_not_found');
  await requireSession(ports, request.caller, sessionId, 'session_not_found');
  const { key } = requesterOf(request, ports.ids);
  const stream = sessionStream(sessionId);
  const { status, keyId } = await ports.ledger.sessions.load(stream, Number.POSITIVE_INFINITY);
  if (status === 'none') throw new TurnledgerError('session_not_found');
  const expectedRevision = readIfMatch(request);
  return {
    sessionId,
    stream,
    key,
    markId: derivedMarkId(kind, sessionId, key.value),
    actor: await actorOfCaller(request.caller, ports.vault),
    traceId: request.traceId,
    said: {
      bodyHmac: await bodyHmac(ports, keyId, request.body),
      ...(expectedRevision !== undefined && { expectedRevision }),
    },
  };
}

/** Records it; `isReplay`: its effect was there before. Throws what the decision refuses, and `outcome_unknown` with advice on whether to ask again. */
export async function recordKeyed(
  { ledger }: CommandPorts,
  { sessionId, stream, key, actor, traceId }: KeyedCommand,
  decide: (state: SessionState) => Decision<SessionEvent<'plain'>, Parameters<typeof refusal>[0]>,
): Promise<{ readonly state: SessionState; readonly revision: number; readonly isReplay: boolean }> {
  const result = await ledger.sessions
    .transact(stream, decide, { context: { actor, correlationId: traceId } })
    .catch((thrown: unknown) => Promise.reject(withRetryAdvice(thrown, key, { session_id: sessionId })));
  if (result.outcome === 'refused')
    throw refusal(result.reason, result.state.revision, result.turnId === undefined ? {} : { turn_id: result.turnId });
  return { state: result.state, revision: result.revision, isReplay: result.outcome === 'unchanged' };
}
