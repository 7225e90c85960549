import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { endsWell, ProgrammedModel, type ServedApp, says, serveApp } from '@turnledger/shared/testing';
import { type HttpCalls, httpCalls } from './testing/http-calls.ts';
import { emptyDisk, type MemoryInstance, startMemoryInstance } from './testing/memory-instance.ts';

let instance: MemoryInstance;
let app: ServedApp;
let model: ProgrammedModel;
let calls: HttpCalls;

const configure = (name: string, body: object = {}) =>
  calls.post('/llm/configure', { scenario_id: 'tavern', persona: { name }, ...body });

const start = (body: object = {}) => calls.post('/v1/sessions', { scenario_id: 'tavern', ...body });

/** Plays a turn and answers whose persona the model was given, and under which version the turn stands. */
async function playedBy(sessionId: string): Promise<{ readonly persona: string; readonly version: number }> {
  const { body } = await calls.post(`/v1/sessions/${sessionId}/turns`, { prompt: 'Who are you?' });
  const system = model.calls.all.at(-1)?.request.messages[0]?.content ?? '';
  return { persona: /^You are (\w+)/.exec(system)?.[1] ?? '', version: body.scenario.version };
}

beforeEach(async () => {
  model = new ProgrammedModel([...says('Aye.'), endsWell]);
  instance = await startMemoryInstance({ clock, disk: emptyDisk(clock), model });
  app = await serveApp(instance.listener);
  calls = httpCalls(`http://localhost:${app.port}`);
  await configure('Marta');
});

afterEach(async () => {
  await app.close();
  await instance.stop();
});

describe('a version that is not published', () => {
  test('leaves new sessions where they are', async () => {
    expect(await configure('Rui', { publish: false })).toMatchObject({ status: 201, body: { version: 2 } });
    const { body } = await start();
    expect(await playedBy(body.id)).toEqual({ persona: 'Marta', version: 1 });
  });

  test('can be picked by a session that wants to try it', async () => {
    await configure('Rui', { publish: false });
    const { status, body } = await start({ scenario_version: 2 });
    expect(status).toBe(201);
    expect(await playedBy(body.id)).toEqual({ persona: 'Rui', version: 2 });
  });

  test('is what new sessions take once it is published, by the same words again', async () => {
    await configure('Rui', { publish: false });
    expect(await configure('Rui')).toMatchObject({ status: 200, body: { version: 2 } });
    const { body } = await start();
    expect(await playedBy(body.id)).toEqual({ persona: 'Rui', version: 2 });
  });
});

describe('a session under way', () => {
  test('keeps the version it began with when a newer one is published', async () => {
    const { body } = await start();
    await playedBy(body.id);
    await configure('Rui');
    expect(await playedBy(body.id)).toEqual({ persona: 'Marta', version: 1 });
  });

  test('plays its next turns under the version it is moved to, and says so', async () => {
    const { body } = await start();
    await configure('Rui');
    const moved = await calls.post(`/v1/sessions/${body.id}/reconfigure`, { scenario_version: 2, reason: 'softer' });
    expect(moved).toMatchObject({ status: 200, body: { scenario: { id: 'tavern', version: 2 }, status: 'open' } });
    expect(await playedBy(body.id)).toEqual({ persona: 'Rui', version: 2 });
  });

  test('goes on when its scenario is retired; no new one begins', async () => {
    const { body } = await start();
    await calls.post('/v1/scenarios/tavern/retire', {});
    expect(await playedBy(body.id)).toEqual({ persona: 'Marta', version: 1 });
    expect(await start()).toMatchObject({ status: 409, body: { code: 'scenario_retired' } });
  });
});
