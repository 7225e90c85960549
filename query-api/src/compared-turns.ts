import { type RerunTurnDocument, rerunTurnDocument, sessionStream } from '@turnledger/shared/contracts';
import {
  isTerminal,
  type RerunComparison,
  type SessionState,
  type TurnRecord,
  type TurnState,
  turnOf,
} from '@turnledger/shared/domain';
import { readTurns } from '@turnledger/shared/runtime';
import type { QueryPorts } from './ports.ts';

type Readers = Pick<QueryPorts, 'ledger' | 'vault'>;

/** Comparisons with the texts of both sides, each read from its own session; null where it was erased. Throws `store_unavailable`. */
export async function comparedTurns(
  readers: Readers,
  comparisons: readonly RerunComparison[],
): Promise<readonly RerunTurnDocument[]> {
  const [recorded, repeated] = await Promise.all([
    turnsById(readers, comparisons),
    turnsById(
      readers,
      comparisons.map(({ rerunSessionId, rerunTurnId }) => ({ sessionId: rerunSessionId, turnId: rerunTurnId })),
    ),
  ]);
  return comparisons.map((one) => rerunTurnDocument(one, recorded.get(one.turnId), repeated.get(one.rerunTurnId)));
}

/** Turns by their ids; those of one session are read together, so that a page costs as many reads as it names sessions. */
async function turnsById(
  { ledger: { sessions }, vault }: Readers,
  wanted: readonly { readonly sessionId: string; readonly turnId: string }[],
): Promise<ReadonlyMap<string, TurnRecord<'opened'>>> {
  const bySession = new Map<string, string[]>();
  for (const { sessionId, turnId } of wanted) bySession.set(sessionId, [...(bySession.get(sessionId) ?? []), turnId]);
  const read = [...bySession].map(async ([sessionId, turnIds]) => {
    const { state, turns } = await endedTurns(sessions, sessionId, turnIds);
    return turns.length === 0 ? [] : readTurns({ sessions, vault }, sessionId, state, turns);
  });
  return new Map((await Promise.all(read)).flat().map((turn) => [turn.turnId, turn]));
}

/** Turns of a session that were compared, and so have ended; a state in which one has not is too old, and read again. */
async function endedTurns(
  sessions: Readers['ledger']['sessions'],
  sessionId: string,
  turnIds: readonly string[],
): Promise<{ readonly state: SessionState; readonly turns: readonly TurnState[] }> {
  const stream = sessionStream(sessionId);
  const foundIn = (state: SessionState) => ({ state, turns: turnIds.flatMap((turnId) => turnOf(state, turnId) ?? []) });
  const known = foundIn(await sessions.load(stream, Number.POSITIVE_INFINITY));
  const areEnded = known.turns.filter(({ status }) => isTerminal(status)).length === turnIds.length;
  return areEnded ? known : foundIn(await sessions.load(stream));
}
