import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { sessionStream } from '@turnledger/shared/contracts';
import { decodeEvent } from '@turnledger/shared/runtime';
import { endsWell, type ModelStep, ProgrammedModel, type ServedApp, says, serveApp } from '@turnledger/shared/testing';
import { firstBrokenLink } from '@turnledger/shared/trust';
import { type EventStream, openEventStream } from './testing/event-stream.ts';
import { type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { emptyDisk, type MemoryDisk, type MemoryInstance, startMemoryInstance } from './testing/memory-instance.ts';

const hold: ModelStep = { kind: 'hold' };

let disk: MemoryDisk;
let instance: MemoryInstance;
let app: ServedApp;
let model: ProgrammedModel;
let calls: HttpCalls;
let sessionId: string;

/** A session of a scenario that interrupts; the model stops in the middle of its first reply and answers the second. */
beforeEach(async () => {
  disk = emptyDisk(clock);
  model = new ProgrammedModel(
    [...says('I was at the '), hold, ...says('inn.'), endsWell],
    [...says('What?'), endsWell],
  );
  instance = await startMemoryInstance({ clock, disk, model });
  app = await serveApp(instance.listener);
  calls = httpCalls(`http://localhost:${app.port}`);
  await calls.post('/llm/configure', { turns: { on_busy: 'interrupt' } });
  sessionId = (await calls.post('/v1/sessions', { player_id: 'ana' })).body.id;
});

afterEach(async () => {
  await app.close();
  await instance.stop();
});

const turns = () => `/v1/sessions/${sessionId}/turns`;

/** Opens the stream of a first turn and reads up to its first words. */
async function speaking(): Promise<EventStream> {
  const stream = await openEventStream(`http://localhost:${app.port}${turns()}`, {
    body: { prompt: 'Where were you?', stream: true },
  });
  await stream.arrivals.until(3);
  return stream;
}

const events = async () => (await disk.log.readStream(sessionStream(sessionId))).map(decodeEvent);

describe('a request while a turn is open, where the scenario interrupts', () => {
  test('ends the first stream with what had been said, and is answered itself', async () => {
    const first = await speaking();
    const second = await calls.post(turns(), { prompt: 'Stop. Listen.' });
    expect(second).toMatchObject({ status: 200, body: { response: 'What?', position: 2 } });
    const { events: received } = await first.closed;
    expect(received.at(-1)).toMatchObject({
      event: 'turn.cancelled',
      data: { position: 1, response: 'I was at the ', error: { code: 'turn_cancelled' } },
    });
  });

  test('is one append with the cancellation, aborts the call, and the chain holds', async () => {
    await speaking();
    await calls.post(turns(), { prompt: 'Stop. Listen.' });
    const recorded = await events();
    const cancelled = recorded.findIndex(({ type }) => type === 'TurnCancelled');
    expect(recorded[cancelled]?.data).toMatchObject({ reason: 'superseded', attempt: 1 });
    expect(recorded[cancelled + 1]?.type).toBe('TurnRequested');
    expect(model.calls.all[0]?.signal.aborted).toBe(true);
    expect(firstBrokenLink(await disk.log.readStream(sessionStream(sessionId)))).toBeUndefined();
  });

  test('has the interrupted words in its prompt, marked as such', async () => {
    await speaking();
    await calls.post(turns(), { prompt: 'Stop. Listen.' });
    expect(model.calls.all[1]?.request.messages.slice(-3)).toEqual([
      { role: 'user', content: 'Where were you?' },
      { role: 'assistant', content: 'I was at the  — (interrupted)' },
      { role: 'user', content: 'Stop. Listen.' },
    ]);
  });

  test('is told to a client that waited for the first, and its key keeps that answer', async () => {
    const key = { 'idempotency-key': '"first"' };
    const waiting = calls.post(turns(), { prompt: 'Where were you?' }, key);
    const [call] = await model.calls.until(1);
    await call?.holding.until(1);
    await calls.post(turns(), { prompt: 'Stop. Listen.' });
    expect(await waiting).toMatchObject({ status: 409, body: { code: 'turn_cancelled' } });
    const again = await calls.post(turns(), { prompt: 'Where were you?' }, key);
    expect(again).toMatchObject({ status: 409, body: { code: 'turn_cancelled' } });
    expect((await events()).filter(({ type }) => type === 'TurnRequested')).toHaveLength(2);
  });

  test('is the open turn itself when it comes with its key', async () => {
    const key = { 'idempotency-key': '"first"' };
    const first = calls.post(turns(), { prompt: 'Where were you?' }, key);
    const [call] = await model.calls.until(1);
    await call?.holding.until(1);
    const again = calls.post(turns(), { prompt: 'Where were you?' }, key);
    call?.release();
    const answers = await Promise.all([first, again]);
    expect(answers.map(({ body }) => body.response)).toEqual(['I was at the inn.', 'I was at the inn.']);
  });

  test('a trigger interrupts as well: the character turns round', async () => {
    const first = await speaking();
    const trigger = { name: 'door_opens', args: { who: 'a stranger' } };
    const second = await calls.post(turns(), { trigger });
    expect(second).toMatchObject({ status: 200, body: { prompt: null, trigger, response: 'What?' } });
    expect((await first.closed).events.at(-1)?.event).toBe('turn.cancelled');
    expect(model.calls.all[1]?.request.messages.at(-1)).toEqual({
      role: 'user',
      content: JSON.stringify({ game_event: trigger }),
    });
  });

  test('ten at once leave one answer and nine cancelled turns', async () => {
    const asked = Array.from({ length: 10 }, (_, index) => calls.post(turns(), { prompt: `Number ${index}.` }));
    const [call] = await model.calls.until(1);
    call?.release();
    const replies = await Promise.all(asked);
    const answered = replies.filter(({ status }) => status === 200);
    const others = replies.filter(({ status }) => status !== 200).map(({ body }) => body.code);
    expect(answered.length).toBeGreaterThan(0);
    // Three decisions that others were quicker with are as many as one request takes.
    for (const code of others) expect(['turn_cancelled', 'stream_contended']).toContain(code);
    const recorded = await events();
    const open = recorded.filter(({ type }) => type === 'TurnRequested').length;
    const ended = recorded.filter(({ type }) => type === 'TurnCompleted' || type === 'TurnCancelled').length;
    expect(ended).toBe(open);
  });
});
