import { parsePositionToken } from '@turnledger/shared/contracts';
import type { HistoryValue } from '@turnledger/shared/testing/history-checker';
import type { HistoryRecorder, Outcome } from './history-recorder.ts';
import { askJson, cut, refusal, turnOutcome, turnValue } from './http-answers.ts';
import type { RandomSource } from './random-source.ts';
import { readStream, type StreamedTurn, unreadTurn } from './streamed-turn.ts';

export interface ClientOptions {
  readonly name: string;
  readonly random: RandomSource;
  readonly recorder: HistoryRecorder;
  /** Where the service is; waits while it is down. */
  readonly address: () => Promise<string>;
  /** Once aborted the client finishes its turn and ends. */
  readonly signal: AbortSignal;
}

/** A turn that a client wants, under its one key. */
interface WantedTurn {
  readonly sessionId: string;
  readonly key: string;
  readonly prompt: string;
}

const settledStatuses: ReadonlySet<string | undefined> = new Set(['completed', 'failed', 'cancelled', 'timed_out']);
const hasEnded = ({ type, value }: Outcome): boolean => type === 'ok' && settledStatuses.has(value.status);

export const CHAOS_SCENARIO = 'chaos.clerk';

/** A player who plays session after session, never gives a turn up, and asks again with the same key until it has an ending. */
export async function playAsClient(options: ClientOptions): Promise<void> {
  const { name, random, signal } = options;
  for (let session = 1; !signal.aborted; session += 1) {
    const sessionId = await openSession(options, `${name}-session-${session}`);
    const turns = random.between(3, 6);
    for (let turn = 1; turn <= turns && !signal.aborted; turn += 1) {
      const key = `${name}-${session}-${turn}`;
      const wanted = { sessionId, key, prompt: `${key}: what do you say to ${random.between(1, 1_000)}?` };
      await playTurn(options, wanted);
      if (random.chance(0.15)) await askWaiting(options, wanted);
      if (random.chance(0.05)) await askWaiting(options, { ...wanted, prompt: `${wanted.prompt} Or not?` });
    }
  }
}

async function openSession({ name, recorder, address }: ClientOptions, key: string): Promise<string> {
  for (;;) {
    const outcome = await recorder.operation(name, 'start_session', key, {}, async () => {
      const body = { scenario_id: CHAOS_SCENARIO, player_id: name };
      const answer = await askJson(await address(), {
        path: '/v1/sessions',
        body,
        headers: { 'idempotency-key': key },
      });
      if (!answer) return cut;
      return answer.status < 300 ? { type: 'ok', value: { sessionId: answer.body.id } } : refusal(answer);
    });
    if (outcome.type === 'ok' && outcome.value.sessionId !== undefined) return outcome.value.sessionId;
  }
}

/** Gets a turn to its ending in one of three ways, then reads the session back from the position it was given. */
async function playTurn(options: ClientOptions, wanted: WantedTurn): Promise<void> {
  const { random } = options;
  let position: string | undefined;
  if (random.chance(0.4)) position = await askStreaming(options, wanted);
  else if (random.chance(0.3)) await askAndCancel(options, wanted);
  let outcome = await askWaiting(options, wanted, (token) => {
    position = token;
  });
  while (!hasEnded(outcome) && outcome.type !== 'fail') outcome = await askWaiting(options, wanted);
  if (position !== undefined) await readSession(options, wanted.sessionId, position);
}

const turnsPath = ({ sessionId }: WantedTurn) => `/v1/sessions/${sessionId}/turns`;
const keyHeader = ({ key }: WantedTurn) => ({ 'idempotency-key': key });
const asked = ({ sessionId, prompt }: WantedTurn): HistoryValue => ({ sessionId, prompt });

/** Asks and waits for the ending. */
const askWaiting = (
  options: ClientOptions,
  wanted: WantedTurn,
  onPosition: (token: string) => void = () => {},
): Promise<Outcome> =>
  options.recorder.operation(options.name, 'turn', wanted.key, asked(wanted), async () => {
    const ask = { path: turnsPath(wanted), body: { prompt: wanted.prompt }, headers: keyHeader(wanted) };
    const answer = await askJson(await options.address(), ask);
    if (answer?.body.log_position !== undefined) onPosition(answer.body.log_position);
    return turnOutcome(answer);
  });

/** Asks for a stream and follows it, through cuts, to its ending; answers where the turn stands in the log. */
async function askStreaming(options: ClientOptions, wanted: WantedTurn): Promise<string | undefined> {
  const { name, recorder, address } = options;
  const turn = unreadTurn();
  const ask = { path: turnsPath(wanted), body: { prompt: wanted.prompt, stream: true }, headers: keyHeader(wanted) };
  await recorder.operation(name, 'turn', wanted.key, asked(wanted), async () => {
    await readStream(await address(), ask, turn);
    return streamOutcome(turn);
  });
  while (turn.turnId !== undefined && !turn.ending && !turn.refusal) {
    const path = `${turnsPath(wanted)}/${turn.turnId}/stream`;
    const headers = { 'last-event-id': String(turn.lastId) };
    await recorder.operation(name, 'read_turn', turn.turnId, { sessionId: wanted.sessionId }, async () => {
      await readStream(await address(), { method: 'GET', path, headers }, turn);
      return streamOutcome(turn);
    });
  }
  return turn.logPosition;
}

function streamOutcome({ turnId, ending, refusal: refused, shown }: StreamedTurn): Outcome {
  if (refused) return turnOutcome(refused);
  if (turnId === undefined) return cut;
  return { type: 'ok', value: ending ? { ...turnValue(ending), shown } : { turnId, status: 'requested' } };
}

/** Asks without waiting, then cancels what is open by then. */
async function askAndCancel(options: ClientOptions, wanted: WantedTurn): Promise<void> {
  const { name, recorder, address, random } = options;
  const accepted = await recorder.operation(name, 'turn', wanted.key, asked(wanted), async () => {
    const headers = { ...keyHeader(wanted), prefer: 'respond-async' };
    return turnOutcome(
      await askJson(await address(), { path: turnsPath(wanted), body: { prompt: wanted.prompt }, headers }),
    );
  });
  const { turnId } = accepted.value;
  if (accepted.type !== 'ok' || turnId === undefined || random.chance(0.5)) return;
  await recorder.operation(name, 'cancel', turnId, { sessionId: wanted.sessionId }, async () =>
    turnOutcome(await askJson(await address(), { path: `${turnsPath(wanted)}/${turnId}/cancel`, body: {} })),
  );
}

/** Reads a session's row, not older than a position. */
const readSession = (
  { name, recorder, address }: ClientOptions,
  sessionId: string,
  position: string,
): Promise<Outcome> => {
  const minRevision = parsePositionToken(position)?.revision ?? 0;
  return recorder.operation(name, 'read_session', sessionId, { sessionId, minRevision }, async () => {
    const path = `/v1/sessions/${sessionId}?min_position=${position}`;
    const answer = await askJson(await address(), { method: 'GET', path });
    if (!answer) return cut;
    if (answer.status !== 200) return refusal(answer);
    return { type: 'ok', value: { sessionId, revision: Number(answer.etag?.replaceAll('"', '')) } };
  });
};
