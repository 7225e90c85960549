import { rerunStream, sessionStream } from '../contracts/index.ts';
import {
  compareTurns,
  failAttempt,
  historyThrough,
  type RerunComparison,
  type RerunRequest,
  type RerunState,
  requestRerun,
  reuseTurn,
  type SessionState,
  startRerunSession,
  turnOf,
} from '../domain/index.ts';
import { grouped } from './history-checker/grouped.ts';
import { answerSample, claimSample, type PlayedPorts, requestSample, sampleHmac } from './played-session.ts';
import { sampleFailure } from './sample-commands.ts';
import { sampleComparison, sampleFigures, sampleRerunRequest } from './sample-reruns.ts';

const context = { actor: 'rerun', correlationId: 'sample-correlation' } as const;

/** A turn of a session that was played. */
export interface SourceTurn {
  readonly sessionId: string;
  readonly turnId: string;
}

/** What comes of a turn that is asked again: the recorded reply, another one, or none. */
export type Repetition = 'reused' | 'failed' | { readonly reply: string };

/** Asks for a re-run of turns; answers its id. */
export async function rerunSample(
  { ledger, ids }: PlayedPorts,
  turns: readonly SourceTurn[],
  changes: Partial<RerunRequest> = {},
): Promise<string> {
  const rerunId = ids.uuid();
  const bySession = grouped(turns, ({ sessionId }) => sessionId);
  const sources = [...bySession].map(([sessionId, own]) => ({
    sessionId,
    throughTurnId: own.at(-1)?.turnId ?? '',
    turns: own.length,
  }));
  const request = sampleRerunRequest({ sources, turns: turns.length, ...changes });
  await ledger.reruns.transact(rerunStream(rerunId), (state: RerunState) => requestRerun(request, state), { context });
  return rerunId;
}

/** Opens the session of a re-run in which turns are asked again from one on, after what was recorded before it; answers its id. */
export async function startRerunSample(
  { ledger, ids }: PlayedPorts,
  rerunId: string,
  source: SourceTurn,
): Promise<string> {
  const id = ids.uuid();
  const sessionId = `${id.slice(0, 14)}8${id.slice(15)}`;
  const state = await ledger.sessions.load(sessionStream(source.sessionId));
  const { scenarioId, scenarioVersion, gameId, participants, keyId } = state;
  const lineage = recordedBefore(state, source);
  const command = {
    rerunId,
    source,
    lineage,
    scenarioId,
    scenarioVersion,
    participants,
    keyId,
    ...(lineage.length > 0 && { parentHash: sampleHmac }),
    ...(gameId !== undefined && { gameId }),
  };
  await ledger.sessions.transact(sessionStream(sessionId), (empty) => startRerunSession(command, empty), { context });
  return sessionId;
}

function recordedBefore(state: SessionState, { sessionId, turnId }: SourceTurn) {
  const turn = turnOf(state, turnId);
  const before = turn && historyThrough(state, turn).at(-2);
  if (!before) return [];
  const { position: throughPosition, lastRevision: throughRevision } = before;
  return [{ sessionId, throughTurnId: before.turnId, throughPosition, throughRevision }];
}

/** Asks a turn again in a session of a re-run, and ends it; answers the comparison, which is not recorded yet. */
export async function repeatSample(
  ports: PlayedPorts,
  rerunSessionId: string,
  source: SourceTurn,
  repetition: Repetition,
): Promise<RerunComparison> {
  const { sessions } = ports.ledger;
  const recorded = turnOf(await sessions.load(sessionStream(source.sessionId)), source.turnId);
  const asked = await requestSample(ports, rerunSessionId, { text: 'Asked again.' });
  const { turnId } = asked;
  const base = { ...source, position: recorded?.position ?? 1, rerunSessionId, rerunTurnId: turnId };
  const stream = sessionStream(rerunSessionId);
  if (repetition === 'reused') {
    const reuse = {
      turnId,
      source,
      hmac: sampleHmac,
      reply: 'A friend.',
      finishReason: 'stop',
      model: 'default',
    } as const;
    await sessions.transact(stream, (state) => reuseTurn(reuse, state), { context });
    return sampleComparison({ ...base, outcome: 'reused', isSameText: true, similarity: 1 });
  }
  if (repetition === 'failed') {
    const failure = sampleFailure({ turnId, callId: await claimSample(ports, asked), cost: { priceTable: 'sample' } });
    await sessions.transact(stream, (state) => failAttempt(failure, state), { context });
    const { similarity: _none, ...comparison } = sampleComparison({ ...base, outcome: 'failed', code: failure.code });
    return { ...comparison, repeated: sampleFigures({ status: 'failed' }) };
  }
  await answerSample(ports, asked, repetition.reply);
  return sampleComparison(base);
}

/** Records what turns came to that were asked again. */
export const compareSample = (
  { ledger }: PlayedPorts,
  rerunId: string,
  comparisons: readonly RerunComparison[],
): Promise<unknown> =>
  ledger.reruns.transact(rerunStream(rerunId), (state: RerunState) => compareTurns(comparisons, state), { context });
