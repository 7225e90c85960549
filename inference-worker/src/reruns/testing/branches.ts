import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import { forkSession, lineageThrough, rewindSession } from '@turnledger/shared/domain';
import type { Ids } from '@turnledger/shared/ports';
import { inheritedPlace, type Ledger } from '@turnledger/shared/runtime';
import { sampleHmac } from '@turnledger/shared/testing';

interface BranchPorts {
  readonly ledger: Ledger;
  readonly ids: Ids;
}

const context = { actor: 'game', correlationId: 'test' };

/** Mulberry32, as the kill test draws: a failing run is repeated by its seed. */
export function drawsOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Takes a session back to a turn of its history, or to before the first. Throws `invariant_broken` where that is refused. */
export async function rewindTo(
  { ledger, ids }: BranchPorts,
  sessionId: string,
  toTurnId: string | undefined,
): Promise<void> {
  const stream = sessionStream(sessionId);
  const point = { sessionId, state: await ledger.sessions.load(stream) };
  const inherited = await inheritedPlace(ledger.sessions, point, toTurnId);
  const command = {
    rewindId: ids.uuid(),
    by: 'game',
    bodyHmac: sampleHmac,
    maxRewinds: limits.session.maxRewinds,
    ...(toTurnId !== undefined && { toTurnId }),
    ...(inherited && { inherited }),
  };
  const { outcome } = await ledger.sessions.transact(stream, (state) => rewindSession(command, state), { context });
  if (outcome === 'refused') throw new TurnledgerError('invariant_broken', { detail: 'a rewind was refused' });
}

/** A session that goes on from any turn that another ever had, by how many stretches it has for a past; undefined where those would be too many. */
export async function forkAt(
  { ledger, ids }: BranchPorts,
  sessionId: string,
  turnId: string,
): Promise<{ readonly forkId: string; readonly depth: number } | undefined> {
  const { sessions } = ledger;
  const state = await sessions.load(sessionStream(sessionId));
  const inherited = await inheritedPlace(sessions, { sessionId, state }, turnId);
  const { maxForkSegments: maxSegments } = limits.session;
  const lineage = lineageThrough({ sessionId, state, turnId, inherited, maxSegments });
  if (lineage === 'session_fork_limit') return undefined;
  if (typeof lineage === 'string') throw new TurnledgerError('invariant_broken', { detail: lineage });
  const { scenarioId, scenarioVersion, participants, keyId } = state;
  const forkId = ids.uuid();
  const command = {
    ...{ lineage, scenarioId, scenarioVersion, participants, keyId },
    parentHash: sampleHmac,
    bodyHmac: sampleHmac,
  };
  await sessions.transact(sessionStream(forkId), (now) => forkSession(command, now), { context });
  return { forkId, depth: lineage.length };
}
