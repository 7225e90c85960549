import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../testing/manual-clock.ts';
import { modelContract, modelRequest, readModel, saidBy, sampleCallId } from '../../testing/model-contract.ts';
import { createScriptedModel } from './scripted-model.ts';

modelContract('scripted', async () => ({ model: createScriptedModel({ wordDelayMs: 2 }), close: async () => {} }));

describe('createScriptedModel', () => {
  const model = createScriptedModel({ wordDelayMs: 0 });

  test('says what it is, whatever model is asked for', async () => {
    expect(model).toMatchObject({ defaultModel: 'scripted', isScripted: true });
    expect((await readModel(model, { ...modelRequest(), model: 'gpt-9' })).at(-1)).toMatchObject({ model: 'scripted' });
  });

  test('says a word every `wordDelayMs`', async () => {
    const clock = new ManualClock();
    const events = createScriptedModel({ wordDelayMs: 15, clock }).reply(
      modelRequest(),
      sampleCallId,
      new AbortController().signal,
    );
    const reply = events[Symbol.asyncIterator]();
    for (const dueMs of [15, 30, 45]) {
      const next = reply.next();
      await clock.advanceBy(15);
      expect(await next).toMatchObject({ value: { kind: 'delta', text: expect.stringMatching(/^\s*\S+$/) } });
      expect(clock.monotonicMs()).toBe(dueMs);
    }
    await reply.return?.();
    expect(clock.sleeping).toBe(0);
  });

  test('stops at `maxTokens` words and says so', async () => {
    const whole = saidBy(await readModel(model, modelRequest()));
    const events = await readModel(model, modelRequest(undefined, { maxTokens: 3 }));
    expect(whole.startsWith(saidBy(events))).toBe(true);
    expect(events).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ kind: 'ended', finishReason: 'length', usage: { output: 3 } });
  });

  test('a reply of exactly `maxTokens` words is whole', async () => {
    const whole = await readModel(model, modelRequest());
    const events = await readModel(model, modelRequest(undefined, { maxTokens: whole.length - 1 }));
    expect(events.at(-1)).toMatchObject({ kind: 'ended', finishReason: 'stop' });
  });

  test('stops before the first of its stop strings', async () => {
    const whole = saidBy(await readModel(model, modelRequest()));
    const [early, late] = [whole.slice(10, 14), whole.slice(30, 34)];
    const events = await readModel(model, modelRequest(undefined, { stop: [late, early] }));
    expect(saidBy(events)).toBe(whole.slice(0, whole.indexOf(early)).trimEnd());
    expect(events.at(-1)).toMatchObject({ kind: 'ended', finishReason: 'stop' });
  });

  test('with nothing left to say is empty like any other model', async () => {
    const whole = saidBy(await readModel(model, modelRequest()));
    const events = await readModel(model, modelRequest(undefined, { stop: [whole.slice(0, 3)] }));
    expect(events).toMatchObject([{ kind: 'failed', code: 'model_empty' }]);
  });

  test('counts words', async () => {
    const events = await readModel(model, modelRequest('One two  three.'));
    expect(events.at(-1)).toMatchObject({ usage: { input: 13, cached: 0, output: events.length - 1, reasoning: 0 } });
  });
});
