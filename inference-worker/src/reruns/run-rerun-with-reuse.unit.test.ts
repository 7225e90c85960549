import { beforeEach, describe, expect, test } from '@jest/globals';
import { publishSample, startSample } from '@turnledger/shared/testing';
import { AnsweringModel } from './testing/answering-model.ts';
import { RerunStage } from './testing/rerun-stage.ts';

let stage: RerunStage;

beforeEach(() => {
  stage = new RerunStage();
});

describe('a re-run that nothing is changed about, or the model alone', () => {
  const refusing = () =>
    new AnsweringModel('main-model', () => [{ kind: 'failed', code: 'model_request_refused', providerStatus: 400 }]);
  const both = [
    { name: 'default', endpoint: 'main', weight: 1, stop: [] },
    { name: 'default', endpoint: 'candidate', weight: 1, stop: [] },
  ];

  test('keeps every recorded reply where nothing is changed, and asks nobody', async () => {
    const before = stage.main.asked.all.length;
    const rerunId = await stage.ask([await stage.recorded()]);
    const state = await stage.run(rerunId);
    expect(state).toMatchObject({ status: 'completed', comparisons: [{}, {}, {}] });
    expect(
      state.comparisons.map(({ outcome, isSameText, similarity }) => ({ outcome, isSameText, similarity })),
    ).toEqual(Array.from({ length: 3 }, () => ({ outcome: 'reused', isSameText: true, similarity: 1 })));
    expect(stage.main.asked.all).toHaveLength(before + 3);
  });

  test('keeps them in a free run too where tokens cut the window, though a reply that was kept has no usage of its own', async () => {
    // 7 tokens by the provider, and 25 by a rule of thumb.
    stage = new RerunStage({ main: new AnsweringModel('main-model', () => 'Stay where you are. '.repeat(5)) });
    await publishSample(stage.played, { history: { windowTurns: 20, inputTokenBudget: 120 } });
    const sessionId = await startSample(stage.played);
    await stage.play(sessionId, 'One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.');
    const { comparisons } = await stage.run(await stage.ask([sessionId], { mode: 'free_running' }));
    expect(comparisons.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'reused'));
  });

  test('does not take over what another model of the list has said for the one that is named', async () => {
    stage.answerBy(['main', refusing()], ['candidate', stage.other]);
    const sessionId = await stage.recorded({ models: both, strategy: 'fallback' });
    stage.answerBy(['main', stage.main], ['candidate', stage.other]);
    const model = { name: 'main-model', endpoint: 'main' };
    const state = await stage.run(await stage.ask([sessionId], { overrides: { model } }));
    expect(state.comparisons.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    expect(stage.main.asked.all).toHaveLength(3);
  });

  test('keeps what the next model of the list has said where the list is as it was', async () => {
    stage.answerBy(['main', refusing()], ['candidate', stage.other]);
    const sessionId = await stage.recorded({ models: both, strategy: 'fallback' });
    const state = await stage.run(await stage.ask([sessionId]));
    expect(state.comparisons.map(({ outcome }) => outcome)).toEqual(['reused', 'reused', 'reused']);
  });

  test('asks whom the list began with then, where an endpoint before it was and is not there', async () => {
    stage.answerBy(['candidate', stage.other]);
    const sessionId = await stage.recorded({ models: both, strategy: 'fallback' });
    expect(await stage.run(await stage.ask([sessionId]))).toMatchObject({
      status: 'completed',
      comparisons: [{ outcome: 'reused' }, { outcome: 'reused' }, { outcome: 'reused' }],
    });
  });
});
