import { beforeEach, describe, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import {
  cancelTurn,
  claimTurn,
  completeTurn,
  failAttempt,
  historyThrough,
  timeOutTurn,
  turnOf,
} from '@turnledger/shared/domain';
import type { TurnMessage } from '@turnledger/shared/ports';
import { feedIds, openLedger, type ServerEvent } from '@turnledger/shared/runtime';
import {
  Arrivals,
  claimSample,
  ManualClock,
  publishSample,
  requestSample,
  sampleClaim,
  sampleCompletion,
  sampleFailure,
  samplePlannedCall,
  samplePrompt,
  startSample,
} from '@turnledger/shared/testing';
import { type ReplayOptions, replayEvents } from './replay-events.ts';

const context = { actor: 'game', correlationId: 'test' };
const REPLY = 'one two three four five six seven eight nine ten';

let clock: ManualClock;
let played: Parameters<typeof startSample>[0];
let sessionId: string;

beforeEach(async () => {
  clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  played = { log, vault, ids, ledger: openLedger({ log, vault, clock, ids }) };
  await publishSample(played);
  sessionId = await startSample(played);
});

const transact: (typeof played)['ledger']['sessions']['transact'] = (...input) =>
  played.ledger.sessions.transact(...input);

/** Requested, claimed 100 ms later, its first word 200 ms after that, complete 1,200 ms after the claim. */
async function completeOne(): Promise<TurnMessage> {
  const turn = await requestSample(played, sessionId);
  await clock.advanceBy(100);
  const callId = await claimSample(played, turn);
  await clock.advanceBy(1_200);
  const pace = { ttftMs: 200, durationMs: 1_200 };
  const ending = sampleCompletion({
    turnId: turn.turnId,
    callId,
    reply: REPLY,
    cost: { priceTable: 'sample' },
    ...pace,
  });
  await transact(sessionStream(sessionId), (state) => completeTurn(ending, state), { context });
  return turn;
}

/** One turn, a silence of an hour, and another. */
async function playTwo(): Promise<readonly TurnMessage[]> {
  const first = await completeOne();
  await clock.advanceBy(3_600_000);
  return [first, await completeOne()];
}

async function replayed(options: Partial<ReplayOptions> = {}, lastTurnId?: string) {
  const state = await played.ledger.sessions.load(sessionStream(sessionId));
  const last = turnOf(state, lastTurnId ?? state.history?.turnId ?? '');
  const turnIds = last ? historyThrough(state, last).map(({ turnId }) => turnId) : [];
  const signal = new AbortController().signal;
  return replayEvents(
    { ...played, clock },
    { sessionId, stretches: [{ sessionId, scenarioId: state.scenarioId, revision: state.revision, turnIds }] },
    { speed: 'max', after: 0, signal, ...options },
  );
}

const all = async (events: AsyncIterable<ServerEvent>) => {
  const found: ServerEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
};

/** The clock's time of each event since the start, as the clock is moved on. */
async function timed(options: Partial<ReplayOptions>) {
  const startMs = clock.monotonicMs();
  const times: { readonly event: string; readonly atMs: number }[] = [];
  let isOver = false;
  const reading = (async () => {
    for await (const { event } of await replayed(options)) times.push({ event, atMs: clock.monotonicMs() - startMs });
    isOver = true;
  })();
  while (!isOver) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (clock.sleeping > 0) await clock.advanceBy(10);
  }
  await reading;
  return times;
}

const namesOf = (events: readonly { readonly event: string }[]) => [...new Set(events.map(({ event }) => event))];
const textIn = (events: readonly ServerEvent[]) =>
  events.flatMap(({ event, data }) => (event === 'reply.delta' ? [(data as { text: string }).text] : [])).join('');

describe('replayEvents', () => {
  test('are those of the live streams, with rising ids, and an end', async () => {
    const turns = await playTwo();
    const events = await all(await replayed());
    expect(namesOf(events)).toEqual([
      'turn.requested',
      'turn.started',
      'reply.delta',
      'turn.completed',
      'replay.ended',
    ]);
    expect(events.slice(0, -1).map(({ id }) => id)).toEqual(events.slice(0, -1).map((_event, index) => index + 1));
    expect(events.at(-1)).toEqual({
      id: feedIds.ending,
      event: 'replay.ended',
      data: { session_id: sessionId, turns: 2 },
    });
    const endings = events.filter(({ event }) => event === 'turn.completed');
    expect(endings.map(({ data }) => data)).toMatchObject(
      turns.map(({ turnId }) => ({ id: turnId, status: 'completed', response: REPLY })),
    );
    expect(textIn(events)).toBe(`${REPLY}${REPLY}`);
  });

  test('keep the recorded pace, the words spread over the time in which they came', async () => {
    await completeOne();
    const times = await timed({ speed: 1 });
    expect(times.filter(({ event }) => event !== 'reply.delta')).toEqual([
      { event: 'turn.requested', atMs: 0 },
      { event: 'turn.started', atMs: 100 },
      { event: 'turn.completed', atMs: 1_300 },
      { event: 'replay.ended', atMs: 1_300 },
    ]);
    const deltas = times.filter(({ event }) => event === 'reply.delta').map(({ atMs }) => atMs);
    expect(deltas).toEqual([300, 400, 500, 600, 700, 800, 900, 1_000, 1_100, 1_200]);
  });

  test.each([2, 0.5])('at speed %d take their time divided by it', async (speed) => {
    await completeOne();
    expect((await timed({ speed })).at(-1)?.atMs).toBe(1_300 / speed);
  });

  test('cut a silence between two turns to its bound', async () => {
    await playTwo();
    const requested = (await timed({ speed: 1 })).filter(({ event }) => event === 'turn.requested');
    expect(requested.map(({ atMs }) => atMs)).toEqual([0, 1_300 + limits.replay.maxPauseMs]);
  });

  test('do not wait for a service that was away while a turn was open', async () => {
    const { turnId } = await requestSample(played, sessionId);
    await clock.advanceBy(8 * 3_600_000);
    const late = { turnId, phase: 'queue', elapsedMs: 8 * 3_600_000 } as const;
    await transact(sessionStream(sessionId), (state) => timeOutTurn(late, state), { context });
    expect(await timed({ speed: 1 })).toEqual([
      { event: 'turn.requested', atMs: 0 },
      { event: 'turn.timed_out', atMs: limits.scenario.maxDeadlineMs },
      { event: 'replay.ended', atMs: limits.scenario.maxDeadlineMs },
    ]);
  });

  test('end with the turn that is asked for', async () => {
    const [first] = await playTwo();
    const events = await all(await replayed({}, first?.turnId));
    expect(events.filter(({ event }) => event === 'turn.requested')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ event: 'replay.ended', data: { turns: 1 } });
  });

  test('show an attempt that failed, and what was said after it anew', async () => {
    const turn = await requestSample(played, sessionId);
    const failure = { turnId: turn.turnId, callId: await claimSample(played, turn), partial: 'I was', retryInMs: 0 };
    await transact(sessionStream(sessionId), (state) => failAttempt(sampleFailure(failure), state), { context });
    const { turnId } = turn;
    const cancel = { turnId, by: 'game', reason: 'requested', partial: 'I' } as const;
    await transact(sessionStream(sessionId), (state) => cancelTurn(cancel, state), { context });
    const events = await all(await replayed());
    expect(events.map(({ event }) => event)).toEqual([
      'turn.requested',
      'turn.started',
      'reply.delta',
      'turn.cancelled',
      'replay.ended',
    ]);
    expect(textIn(events)).toBe('I was');
  });

  test.each([
    ['in a block', 2, 'I go.\n\n```move\n{"go":"vault"}\n```', 'I go.'],
    ['in a block, after a summary', 5, 'I go.\n\n```move\n{"go":"vault"}', 'I go.'],
    ['in a structured answer', 3, '{"reply":"I go.","move":{"go":"vault"}}', ''],
    ['in a structured answer, after a summary', 6, '{"reply":"I go.","move":{"go":"vau', ''],
    ['in a form that this process does not know yet', 1_000, 'I go. <move go="vault">', ''],
  ])('show no move of an attempt that failed: %s', async (_form, assembler, reply, shown) => {
    const turn = await requestSample(played, sessionId);
    const { turnId } = turn;
    const callId = ids.uuid();
    const prompt = { ...samplePrompt, assembler, hmac: 'b0'.repeat(32) };
    const claim = sampleClaim({ turnId, worker: ids.uuid(), calls: [samplePlannedCall(callId)], prompt });
    await transact(sessionStream(sessionId), (state) => claimTurn(claim, state), { context });
    const failure = sampleFailure({
      turnId,
      callId,
      code: 'model_move_invalid',
      partial: 'I go.',
      reply,
      retryInMs: 0,
    });
    await transact(sessionStream(sessionId), (state) => failAttempt(failure, state), { context });
    const events = await all(await replayed());
    expect(textIn(events)).toBe(shown);
    expect(JSON.stringify(events)).not.toContain('vault');
  });

  test('go on after the event that a client has, without the time before it', async () => {
    await completeOne();
    const whole = await all(await replayed());
    for (const after of [1, 5, whole.length - 1])
      expect(await all(await replayed({ after }))).toEqual(whole.slice(after));
    expect((await timed({ speed: 1, after: 2 })).find(({ event }) => event === 'reply.delta')?.atMs).toBe(200);
  });

  test('of a turn that is still open are what was recorded', async () => {
    await claimSample(played, await requestSample(played, sessionId));
    const events = await all(await replayed());
    expect(events.map(({ event }) => event)).toEqual(['turn.requested', 'turn.started', 'replay.ended']);
  });

  test('of a session longer than a page of events are all there', async () => {
    for (let turn = 0; turn < limits.replay.pageEvents / 2; turn += 1) await completeOne();
    const events = await all(await replayed());
    expect(events.filter(({ event }) => event === 'turn.completed')).toHaveLength(limits.replay.pageEvents / 2);
  });

  test('end when the client leaves, in the middle of a pause', async () => {
    await playTwo();
    const leaving = new AbortController();
    const seen = new Arrivals<ServerEvent>();
    const reading = (async () => {
      for await (const event of await replayed({ speed: 1, signal: leaving.signal })) seen.add(event);
    })();
    await seen.until(1);
    while (clock.sleeping === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    leaving.abort();
    await reading;
    expect(seen.all).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });
});
