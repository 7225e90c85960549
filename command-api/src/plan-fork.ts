import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { type ForkSession, lineageThrough, newestEnded } from '@turnledger/shared/domain';
import { inheritedPlace, pinnedScenario } from '@turnledger/shared/runtime';
import { derivedSessionKeyId } from './idempotency.ts';
import type { CommandPorts } from './ports.ts';

/** What a caller wants of a fork. */
export interface WantedFork {
  readonly forkId: string;
  /** The session it is to go on from. */
  readonly sessionId: string;
  /** The last turn of its past; absent: the newest that has ended. */
  readonly turnId?: string | undefined;
  /** The version of the scenario that it is to play; absent: the session's. */
  readonly scenarioVersion?: number | undefined;
}

/**
 * Finds out what a fork begins with, from the session as it stands now, and makes the data key that it needs. Throws `turn_not_found`,
 * `turn_open`, `session_fork_limit`, `scenario_not_found`, `store_unavailable`.
 */
export async function planFork(
  { ledger, vault }: CommandPorts,
  { forkId, sessionId, turnId, scenarioVersion }: WantedFork,
): Promise<Omit<ForkSession, 'bodyHmac' | 'metadata'>> {
  const { sessions } = ledger;
  const state = await sessions.load(sessionStream(sessionId));
  const target = turnId ?? newestEnded(state)?.turnId;
  if (target === undefined) throw new TurnledgerError('turn_not_found');
  const inherited = await inheritedPlace(sessions, { sessionId, state }, target);
  const { maxForkSegments: maxSegments } = limits.session;
  const lineage = lineageThrough({ sessionId, state, turnId: target, inherited, maxSegments });
  if (typeof lineage === 'string') {
    throw new TurnledgerError(lineage, lineage === 'turn_open' ? { members: { turn_id: target } } : {});
  }
  const { scenarioId, gameId, participants } = state;
  const { version } = await pinnedScenario(ledger, {
    scenarioId,
    scenarioVersion: scenarioVersion ?? state.scenarioVersion,
  });
  // The data key of its one player; for any other session one of its own, as at a start.
  const hasOnePlayer = participants.filter(({ kind }) => kind === 'player').length === 1;
  const keyId = hasOnePlayer ? state.keyId : derivedSessionKeyId(forkId);
  if (!hasOnePlayer) await vault.ensureKey(keyId);
  const last = lineage.at(-1);
  const [head] = last
    ? await sessions.events(sessionStream(last.sessionId), last.throughRevision, last.throughRevision)
    : [];
  const parentHash = head?.metadata.hash;
  if (parentHash === undefined)
    throw new TurnledgerError('invariant_broken', { detail: 'a lineage has no last event' });
  return {
    lineage,
    parentHash,
    scenarioId,
    scenarioVersion: version,
    participants,
    keyId,
    ...(gameId !== undefined && { gameId }),
  };
}
