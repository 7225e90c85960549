import { limits, sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import {
  type LineageSegment,
  lineageThrough,
  type SessionState,
  startRerunSession,
  type TurnState,
} from '@turnledger/shared/domain';
import { inheritedPlace } from '@turnledger/shared/runtime';
import type { WorkerPorts } from '../ports.ts';
import { promptToRepeat, type RecordedTurn } from './recorded-turn.ts';
import type { RerunRun } from './rerun-ports.ts';
import { contextOf } from './run-context.ts';

/** A session of a re-run that is not open yet. */
export interface NewRerunSession {
  readonly run: RerunRun;
  readonly rerunSessionId: string;
  /** The recorded session, and the first turn of it that is asked again here. */
  readonly sessionId: string;
  readonly state: SessionState;
  readonly turn: TurnState;
  readonly recorded: RecordedTurn;
  readonly scenarioVersion: number;
}

/** Opens the session in which turns are asked again after the past that they had; one that is there stays. Throws `player_erased`, `store_unavailable`. */
export async function openRerunSession(ports: WorkerPorts, command: NewRerunSession): Promise<void> {
  const { ledger } = ports;
  const { run, rerunSessionId, sessionId, state, turn, scenarioVersion } = command;
  const stream = sessionStream(rerunSessionId);
  if ((await ledger.sessions.load(stream)).status !== 'none') return;
  const lineage = await pastOf(ports, command);
  const last = lineage.at(-1);
  const [head] = last
    ? await ledger.sessions.events(sessionStream(last.sessionId), last.throughRevision, last.throughRevision)
    : [];
  const parentHash = head?.metadata.hash;
  const { scenarioId, gameId, participants, keyId } = state;
  const started = {
    rerunId: run.rerunId,
    source: { sessionId, turnId: turn.turnId },
    lineage,
    scenarioId,
    scenarioVersion,
    participants,
    keyId,
    ...(parentHash !== undefined && { parentHash }),
    ...(gameId !== undefined && { gameId }),
  };
  const options = { context: contextOf(run), likelyNew: true };
  await ledger.sessions.transact(stream, (now) => startRerunSession(started, now), options);
}

/** What the turn was asked after, and no more than was known then: verdicts and summaries that came later are not in its prompt. */
async function pastOf(
  { ledger }: WorkerPorts,
  { sessionId, state, turn, recorded }: NewRerunSession,
): Promise<readonly LineageSegment[]> {
  const { previousTurnId: turnId, requestedRevision } = turn;
  if (turnId === undefined) return [];
  const inherited = await inheritedPlace(ledger.sessions, { sessionId, state }, turnId);
  // One more than a fork may have: a session that has them all may be asked again.
  const maxSegments = limits.session.maxForkSegments + 1;
  const lineage = lineageThrough({ sessionId, state, turnId, inherited, maxSegments });
  if (typeof lineage === 'string')
    throw new TurnledgerError('invariant_broken', { detail: `a past that cannot be: ${lineage}` });
  const throughRevision = promptToRepeat(recorded)?.foldedThroughRevision ?? requestedRevision;
  return lineage.map((segment) => (segment.sessionId === sessionId ? { ...segment, throughRevision } : segment));
}
