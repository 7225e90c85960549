import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sessionStream, views } from '@turnledger/shared/contracts';
import { decodeEvent } from '@turnledger/shared/runtime';
import {
  advanceUntil,
  endsWell,
  foldViews,
  ManualClock,
  type ModelStep,
  ProgrammedModel,
  type ServedApp,
  says,
  serveApp,
} from '@turnledger/shared/testing';
import { firstBrokenLink } from '@turnledger/shared/trust';
import {
  emptyDisk,
  type MemoryDisk,
  type MemoryInstance,
  type MemoryInstanceOptions,
  startMemoryInstance,
} from './testing/memory-instance.ts';

const hold: ModelStep = { kind: 'hold' };

let clock: ManualClock;
let disk: MemoryDisk;
let instance: MemoryInstance;
let app: ServedApp;

async function start(model: ProgrammedModel, options: Partial<MemoryInstanceOptions> = {}): Promise<void> {
  instance = await startMemoryInstance({ clock, disk, model, ...options });
  app = await serveApp(instance.listener);
}

beforeEach(() => {
  clock = new ManualClock();
  disk = emptyDisk(clock);
});

afterEach(async () => {
  await app.close();
  await advanceUntil(clock, instance.stop(), 100);
});

const post = async (path: string, body: object, headers: { readonly [name: string]: string } = {}) => {
  const reply = await app.send({ method: 'POST', path, body, headers: { host: 'localhost', ...headers } });
  return {
    status: reply.status,
    body: reply.json() as Record<string, unknown> & { readonly id: string; readonly session_id: string },
  };
};

const generate = (body: object, headers = {}) =>
  advanceUntil(clock, post('/llm/generate', { prompt: 'Hello?', ...body }, headers));

const eventsOf = async (sessionId: string) => (await disk.log.readStream(sessionStream(sessionId))).map(decodeEvent);

const typesOf = async (sessionId: string) => (await eventsOf(sessionId)).map(({ type }) => type);

async function heldCall(model: ProgrammedModel) {
  const [call] = await model.calls.until(1);
  await call?.holding.until(1);
  return call;
}

describe('the four services in one process', () => {
  test('play ten turns; each prompt holds those before, the chain holds, and the views are folds', async () => {
    const model = new ProgrammedModel(
      ...Array.from({ length: 10 }, (_, index) => [...says(`Answer ${index}`), endsWell]),
    );
    await start(model);
    const { body: session } = await post('/v1/sessions', { player_id: 'alice' });
    for (let count = 0; count < 10; count += 1) {
      const { status, body } = await generate({ session_id: session.id, prompt: `Question ${count}` });
      expect({ status, response: body.response, position: body.position }).toEqual({
        status: 200,
        response: `Answer ${count}`,
        position: count + 1,
      });
    }
    const said = model.calls.all
      .at(-1)
      ?.request.messages.slice(1)
      .map(({ content }) => content);
    const before = Array.from({ length: 9 }, (_, index) => [`Question ${index}`, `Answer ${index}`]).flat();
    expect(said).toEqual([...before, 'Question 9']);
    expect(firstBrokenLink(await disk.log.readStream(sessionStream(session.id)))).toBeUndefined();
    const head = await disk.log.headPosition();
    while ((await disk.viewStore.checkpoint(views.turns)) < head)
      await clock.advanceBy(10).then(() => new Promise((resolve) => setImmediate(resolve)));
    for (const { view, rows } of await foldViews(disk.log)) {
      const byKey = (held: typeof rows) => Object.fromEntries(held.map(({ key, record }) => [key, JSON.parse(record)]));
      const held = await disk.viewStore.rows(
        view,
        rows.map(({ key }) => key),
      );
      expect(byKey(held)).toEqual(byKey(rows));
    }
  });

  test('make one call and give one answer to 200 equal requests', async () => {
    const model = new ProgrammedModel([...says('Aye.'), endsWell]);
    await start(model);
    const asked = Array.from({ length: 200 }, () =>
      post('/llm/generate', { prompt: 'Hello?' }, { 'idempotency-key': 'k' }),
    );
    const replies = await advanceUntil(clock, Promise.all(asked));
    expect(new Set(replies.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(model.calls.all).toHaveLength(1);
  });

  test('abort the call of a cancelled turn within a second, also when the queue loses the message', async () => {
    const model = new ProgrammedModel([...says('I was '), hold]);
    const deaf = (queue: MemoryInstance['queue']): MemoryInstance['queue'] => ({
      enqueue: (messages) => queue.enqueue(messages.filter(({ kind }) => kind !== 'ended')),
      consume: (options) => queue.consume(options),
      depth: () => queue.depth(),
    });
    await start(model, { throughQueue: deaf });
    const { body } = await generate({}, { prefer: 'respond-async' });
    const call = await heldCall(model);
    await post(`/v1/sessions/${body.session_id}/turns/${body.id}/cancel`, {});
    expect(call?.signal.aborted).toBe(false);
    await clock.advanceBy(1_000);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(call?.signal.aborted).toBe(true);
    while (instance.worker.running() > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(await typesOf(body.session_id)).toEqual([
      'SessionStarted',
      'TurnRequested',
      'TurnStarted',
      'TurnCancelled',
      'AttemptSettled',
    ]);
  });

  test('tell the next prompt of an interrupted reply', async () => {
    const model = new ProgrammedModel([...says('I was at '), hold], [...says('Aye.'), endsWell]);
    await start(model);
    const { body: session } = await post('/v1/sessions', {});
    const { body } = await generate({ session_id: session.id }, { prefer: 'respond-async' });
    await heldCall(model);
    await post(`/v1/sessions/${session.id}/turns/${body.id}/cancel`, {});
    await generate({ session_id: session.id, prompt: 'Go on.' });
    expect(model.calls.all[1]?.request.messages.slice(1).map(({ content }) => content)).toEqual([
      'Hello?',
      'I was at  — (interrupted)',
      'Go on.',
    ]);
  });

  test('end a killed turn once after the next start, and its key gives that ending', async () => {
    const first = new ProgrammedModel([...says('I was '), hold]);
    await start(first);
    const { body } = await generate({}, { prefer: 'respond-async', 'idempotency-key': 'k' });
    await heldCall(first);
    instance.kill();
    await app.close();

    const second = new ProgrammedModel([...says('At the inn.'), endsWell]);
    await start(second);
    const again = await generate({}, { 'idempotency-key': 'k' });
    expect(again).toMatchObject({ status: 200, body: { id: body.id, response: 'At the inn.', attempts: 2 } });
    expect(await typesOf(body.session_id)).toEqual([
      'SessionStarted',
      'TurnRequested',
      'TurnStarted',
      'TurnAttemptFailed',
      'TurnStarted',
      'TurnCompleted',
    ]);
    expect((await eventsOf(body.session_id))[3]).toMatchObject({ data: { code: 'worker_lost' } });
  });

  test('end a turn whose deadline passed while nobody was there', async () => {
    const first = new ProgrammedModel([hold]);
    await start(first);
    const { body } = await generate({}, { prefer: 'respond-async', 'idempotency-key': 'k' });
    await heldCall(first);
    instance.kill();
    await app.close();
    await clock.advanceBy(60_000);

    const second = new ProgrammedModel([...says('Aye.'), endsWell]);
    await start(second);
    expect(await generate({}, { 'idempotency-key': 'k' })).toMatchObject({
      status: 504,
      body: { code: 'turn_timed_out', turn_id: body.id },
    });
    expect(second.calls.all).toHaveLength(0);
  });

  test('finish the turn under way when they are told to stop', async () => {
    const model = new ProgrammedModel([hold, ...says('Aye.'), endsWell]);
    await start(model);
    const { body } = await generate({}, { prefer: 'respond-async' });
    const call = await heldCall(model);
    const stopped = instance.stop();
    call?.release();
    await advanceUntil(clock, stopped, 100);
    expect((await typesOf(body.session_id)).at(-1)).toBe('TurnCompleted');
  });
});
