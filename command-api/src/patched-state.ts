import { limits, type StateInput, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { applyPatch, type Json, type SessionState } from '@turnledger/shared/domain';
import { type HistoryTurn, newestStateIn, openSessionEvent } from '@turnledger/shared/runtime';
import type { CommandPorts } from './ports.ts';

/** A state that a turn brings, as its event records it: always all of it. */
export interface BroughtState {
  readonly rev: number;
  readonly data: Json;
}

/** Why a patch is not taken, in a decision's form and as the client is told it. */
export interface PatchRefused {
  readonly outcome: 'refused';
  readonly reason: 'state_missing' | 'state_rev_mismatch' | 'state_patch_failed' | 'state_too_large';
  readonly error: TurnledgerError;
}

type StatePatch = Extract<StateInput, { readonly patch: unknown }>;

/**
 * The state that a patch makes of the newest one in the effective history of a session as it was decided on. Read from the log each time: a
 * decision that is taken again is about another state. Throws `player_erased`, `store_unavailable`.
 */
export async function patchedState(
  ports: Pick<CommandPorts, 'ledger' | 'vault'>,
  sessionId: string,
  session: SessionState,
  { rev, patch, baseRev }: StatePatch,
): Promise<BroughtState | PatchRefused> {
  const newest = await newestStateIn(ports.ledger.sessions, { sessionId, state: session });
  const stateRev = newest?.turn.stateRev;
  if (!newest || stateRev === undefined) return refused('state_missing');
  const members = { state_rev: stateRev };
  if (baseRev !== undefined && baseRev !== stateRev) return refused('state_rev_mismatch', { members });
  const patched = applyPatch(await stateOf(ports, newest), patch, bounds);
  if (patched.outcome === 'patched') return { rev, data: patched.document };
  const fields = [{ pointer: `/state/patch/${patched.operation}`, message: patched.message }];
  return refused(patched.outcome === 'failed' ? 'state_patch_failed' : 'state_too_large', { fields, members });
}

const bounds = {
  maxBytes: limits.http.maxStateBytes,
  maxDepth: limits.http.maxStateDepth,
  // No more than a body could bring.
  maxWrittenBytes: limits.http.maxBodyBytes,
  bytesOf: (value: Json) => Buffer.byteLength(JSON.stringify(value)),
};

const refused = (reason: PatchRefused['reason'], extras: TurnledgerError['extras'] = {}): PatchRefused => ({
  outcome: 'refused',
  reason,
  error: new TurnledgerError(reason, extras),
});

async function stateOf(
  { ledger, vault }: Pick<CommandPorts, 'ledger' | 'vault'>,
  { sessionId, state: { keyId }, turn: { requestedRevision } }: HistoryTurn,
): Promise<Json> {
  const stream = sessionStream(sessionId);
  const [stored] = await ledger.sessions.events(stream, requestedRevision, requestedRevision);
  const event = stored && (await openSessionEvent(stored, vault));
  if (event?.type !== 'TurnRequested' || !event.data.state)
    throw new TurnledgerError('invariant_broken', { detail: 'a turn with a state has none in the log' });
  // Null is a state too, and what stands in the place of an erased one.
  if ((await vault.dataKey(keyId)).outcome === 'erased') throw new TurnledgerError('player_erased');
  return event.data.state.data;
}
