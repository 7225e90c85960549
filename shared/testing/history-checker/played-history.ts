import { scenarioStream, sessionStream } from '../../contracts/index.ts';
import { configureScenario, startSession } from '../../domain/index.ts';
import type { EventLog, KeyVault } from '../../ports/index.ts';
import { contentHash } from '../../trust/index.ts';
import { sampleConfig } from '../sample-scenario.ts';
import { foldViews } from './fold-views.ts';
import type { Evidence, HistoryEntry, HistoryValue, ModelCall, OperationName } from './history.ts';
import { openLog } from './open-log.ts';
import { turnIdOfKey } from './operations.ts';
import { answerOf, rememberedAs } from './played-answer.ts';
import { playToEnding } from './played-turn.ts';
import type { HistoryScript, TurnScript } from './turn-script.ts';
import { PLAYED_HMAC, type PlayPorts, requestPlayed, type TurnStage } from './turn-stage.ts';

type Message = ModelCall['messages'][number];

const SCENARIO = 'troll';
const config = { ...sampleConfig(), persona: { name: 'Troll', instructions: 'Guard the bridge.', greeting: 'Halt.' } };
/** The key of the turn that takes another's place. */
const nextKey = (key: string) => `${key}-next`;
const opening: readonly Message[] = [{ role: 'system', content: 'You are Troll.\n\nGuard the bridge.' }];
const greeting: readonly Message[] = [{ role: 'assistant', content: 'Halt.' }];

/** A session that is being played, and what prompts will remember of it. */
interface PlayedSession {
  readonly client: string;
  readonly sessionId: string;
  readonly past: { readonly turnId: string; readonly messages: readonly Message[] }[];
}

/**
 * Plays a script over real ledger, log and vault, and keeps what clients and model saw: evidence of a run that kept every promise. The prompts
 * are remembered as the play goes on, not read back from the log.
 */
export async function playHistory(
  script: HistoryScript,
  ports: PlayPorts & { readonly log: EventLog; readonly vault: KeyVault },
): Promise<Evidence> {
  const { ledger, vault, clock, ids, log } = ports;
  const history: HistoryEntry[] = [];
  const calls: ModelCall[] = [];
  const killsAtMs: number[] = [];
  let incarnation = ids.uuid();

  const say = async (
    client: string,
    op: OperationName,
    key: string,
    type: HistoryEntry['type'],
    value: HistoryValue,
  ) => {
    await clock.advanceBy(1);
    history.push({ process: client, op, key, type, value, t: clock.nowMs() });
  };
  const context = { actor: 'game', correlationId: ids.uuid() };
  const published = { ...config, history: { ...config.history, windowTurns: script.windowTurns } };
  await ledger.scenarios.transact(
    scenarioStream(SCENARIO),
    (state) => configureScenario({ config: published, configHash: contentHash(published), publish: true }, state),
    { context },
  );

  const open = async (client: string): Promise<PlayedSession> => {
    const [sessionId, keyId] = [ids.uuid(), ids.uuid()];
    await vault.ensureKey(keyId);
    await say(client, 'start_session', client, 'invoke', {});
    const start = { scenarioId: SCENARIO, scenarioVersion: 1, participants: [], keyId, bodyHmac: PLAYED_HMAC };
    await ledger.sessions.transact(sessionStream(sessionId), (state) => startSession(start, state), { context });
    await say(client, 'start_session', client, 'ok', { sessionId });
    return { client, sessionId, past: [] };
  };

  const stageOf = ({ client, sessionId, past }: PlayedSession, key: string): TurnStage => {
    const shown = script.windowTurns === 0 ? [] : past.slice(-script.windowTurns);
    const [from, through] = [shown[0]?.turnId, shown.at(-1)?.turnId];
    const isWhole = shown.length === past.length;
    const text = `${key}: what now?`;
    return {
      sessionId,
      text,
      turnId: turnIdOfKey(sessionId, key),
      fallback: 'The troll only grunts.',
      messages: [
        ...opening,
        ...(isWhole ? greeting : []),
        ...shown.flatMap(({ messages }) => messages),
        { role: 'user', content: text },
      ],
      window: {
        ...(from !== undefined && { fromTurnId: from }),
        ...(through !== undefined && { throughTurnId: through }),
      },
      worker: () => incarnation,
      onCall: (call) => calls.push(call),
      onDeath: () => {
        killsAtMs.push(clock.nowMs());
        incarnation = ids.uuid();
      },
      onSuperseded: (partial) => supersede({ client, sessionId, past }, key, partial),
    };
  };

  /** Somebody else cannot wait for the turn that is open, and asks for one in its place. */
  const supersede = async (session: PlayedSession, key: string, partial: string): Promise<void> => {
    const { client, sessionId } = session;
    const next = stageOf(session, nextKey(key));
    await say(`${client}-impatient`, 'turn', nextKey(key), 'invoke', { sessionId, prompt: next.text });
    await requestPlayed(ports, next, { by: 'game', partial });
  };

  /** The turn that took another's place is simply answered. */
  const playNext = async (session: PlayedSession, key: string): Promise<void> => {
    const next = stageOf(session, nextKey(key));
    const ending = await playToEnding(ports, next, 'completed');
    session.past.push({ turnId: next.turnId, messages: rememberedAs(next.text, ending) });
    await say(`${session.client}-impatient`, 'turn', nextKey(key), 'ok', answerOf(next, ending, false));
  };

  const playTurn = async (session: PlayedSession, turn: TurnScript, index: number): Promise<void> => {
    const { client, sessionId, past } = session;
    const key = `${client}-turn-${index + 1}`;
    const stage = stageOf(session, key);
    const { turnId, text: prompt } = stage;
    const ask = (words = prompt) => say(client, 'turn', key, 'invoke', { sessionId, prompt: words });
    const lost = () => say(client, 'turn', key, 'unknown', { code: 'connection_lost' });
    if (turn.losesRequest) {
      await ask();
      await lost();
    }
    await ask();
    await requestPlayed(ports, stage);
    if (turn.delivery === 'async') {
      await say(client, 'turn', key, 'ok', { turnId, sessionId, status: 'requested' });
      await ask();
    }
    const ending = await playToEnding(ports, stage, turn.fate);
    past.push({ turnId, messages: rememberedAs(prompt, ending) });
    if (turn.fate === 'superseded') await playNext(session, key);
    const answer = answerOf(stage, ending, turn.delivery === 'stream');
    if (turn.losesAnswer) {
      await lost();
      await ask();
    }
    await say(client, 'turn', key, 'ok', answer);
    if (turn.asksAgain) {
      await ask();
      await say(client, 'turn', key, 'ok', answer);
    }
    if (turn.asksOtherwise) {
      await ask('Something else.');
      await say(client, 'turn', key, 'fail', { code: 'idempotency_key_reused' });
    }
    if (!turn.readsBack) return;
    const { revision } = await ledger.sessions.load(sessionStream(sessionId));
    await say(client, 'read_session', sessionId, 'invoke', { sessionId, minRevision: revision });
    await say(client, 'read_session', sessionId, 'ok', { sessionId, revision });
  };

  const sessions: PlayedSession[] = [];
  for (const [index] of script.sessions.entries()) sessions.push(await open(`client-${index + 1}`));
  const mostTurns = Math.max(...script.sessions.map((turns) => turns.length));
  for (let index = 0; index < mostTurns; index += 1) {
    for (const [place, session] of sessions.entries()) {
      const turn = script.sessions[place]?.[index];
      if (turn) await playTurn(session, turn, index);
    }
  }
  const recorded = await openLog(log, vault);
  const rows = foldViews(recorded);
  return { history, calls, killsAtMs, log: recorded, views: { live: rows, rebuilt: rows } };
}
