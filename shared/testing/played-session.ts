import { limits, playerStream, type SealedEvent, scenarioStream, sessionStream } from '../contracts/index.ts';
import {
  claimTurn,
  completeTurn,
  configureScenario,
  type RequestTurn,
  registerPlayer,
  requestTurn,
  type ScenarioConfig,
  startSession,
} from '../domain/index.ts';
import type { EventLog, Ids, KeyVault, TurnMessage } from '../ports/index.ts';
import { decodeEvent, type Ledger } from '../runtime/index.ts';
import { contentHash } from '../trust/index.ts';
import { sampleClaim, sampleCompletion, samplePlannedCall, samplePrompt, sampleUsage } from './sample-commands.ts';
import { sampleConfig } from './sample-scenario.ts';

/** What a session needs to be played; over any adapters. */
export interface PlayedPorts {
  readonly ledger: Ledger;
  readonly vault: KeyVault;
  readonly log: EventLog;
  readonly ids: Ids;
}

/** A keyed hash of the right shape for what no test looks into. */
export const sampleHmac = 'b0'.repeat(32);

const context = { actor: 'game', correlationId: 'sample-correlation' } as const;

/** Publishes the sample scenario, changed as a test needs it. */
export async function publishSample(
  { ledger }: PlayedPorts,
  changes: Partial<ScenarioConfig> = {},
  scenarioId = 'tavern',
  publish = true,
): Promise<void> {
  const config = { ...sampleConfig(), ...changes };
  const command = { config, configHash: contentHash(config), publish };
  await ledger.scenarios.transact(scenarioStream(scenarioId), (state) => configureScenario(command, state), {
    context,
  });
}

/** Starts a session of a published scenario for a player of its own; answers its id. */
export async function startSample(
  { ledger, vault, ids }: PlayedPorts,
  {
    scenarioId = 'tavern',
    gameId,
    player = ids.uuid(),
  }: { scenarioId?: string; gameId?: string; player?: string } = {},
): Promise<string> {
  const sessionId = ids.uuid();
  const { playerId, keyId } = await vault.identifyPlayer(player);
  const registration = { externalId: player, keyId };
  await ledger.players.transact(playerStream(playerId), (state) => registerPlayer(registration, state), { context });
  const { promotedVersion: scenarioVersion } = await ledger.scenarios.load(scenarioStream(scenarioId));
  const participants = [{ kind: 'player', playerId } as const, { kind: 'npc', scenarioId } as const];
  const command = {
    scenarioId,
    scenarioVersion,
    participants,
    keyId,
    bodyHmac: sampleHmac,
    ...(gameId !== undefined && { gameId }),
  };
  await ledger.sessions.transact(sessionStream(sessionId), (state) => startSession(command, state), { context });
  return sessionId;
}

/** Requests a turn; answers the message that the relay would make of it. */
export async function requestSample(
  { ledger, ids, log }: PlayedPorts,
  sessionId: string,
  changes: Partial<RequestTurn> = {},
): Promise<TurnMessage> {
  const request: RequestTurn = {
    turnId: ids.uuid(),
    speaker: { kind: 'game' },
    ...(changes.trigger === undefined && { text: 'Who goes there?' }),
    tokens: 4,
    deadlineMs: 30_000,
    bodyHmac: sampleHmac,
    maxTurns: limits.scenario.maxTurns,
    maxRecordedTurns: limits.session.maxRecordedTurns,
    ...changes,
  };
  const stream = sessionStream(sessionId);
  await ledger.sessions.transact(stream, (state) => requestTurn(request, state), { context });
  const requestedAtMs = Date.parse((await log.readHead(stream))?.metadata.recordedAt ?? '');
  const { turnId, deadlineMs } = request;
  return { kind: 'requested', sessionId, turnId, deadlineMs, requestedAtMs, correlationId: context.correlationId };
}

/** Claims an open turn for some worker; answers the call's id. */
export async function claimSample(
  { ledger, ids }: PlayedPorts,
  { sessionId, turnId }: TurnMessage,
  worker = ids.uuid(),
): Promise<string> {
  const callId = ids.uuid();
  const prompt = { ...samplePrompt, hmac: sampleHmac };
  const claim = sampleClaim({ turnId, worker, calls: [samplePlannedCall(callId)], prompt });
  await ledger.sessions.transact(sessionStream(sessionId), (state) => claimTurn(claim, state), { context });
  return callId;
}

/** Answers an open turn as a worker would, without a model: claim and ending are appended. */
export async function answerSample(ports: PlayedPorts, message: TurnMessage, reply = 'A friend.'): Promise<void> {
  const callId = await claimSample(ports, message);
  const { sessionId, turnId } = message;
  const ending = sampleCompletion({ turnId, callId, reply, usage: sampleUsage, cost: { priceTable: 'sample' } });
  await ports.ledger.sessions.transact(sessionStream(sessionId), (state) => completeTurn(ending, state), { context });
}

/** Every event of a session, as the log holds it. */
export const sessionEvents = async ({ log }: PlayedPorts, sessionId: string): Promise<readonly SealedEvent[]> =>
  (await log.readStream(sessionStream(sessionId))).map(decodeEvent);

/** Their types alone, in order. */
export const sessionEventTypes = async (ports: PlayedPorts, sessionId: string): Promise<readonly string[]> =>
  (await sessionEvents(ports, sessionId)).map(({ type }) => type);
