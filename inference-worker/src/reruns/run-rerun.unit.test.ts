import { beforeEach, describe, expect, test } from '@jest/globals';
import { isRerunSessionId, sessionStream } from '@turnledger/shared/contracts';
import { cancelTurn } from '@turnledger/shared/domain';
import type { ModelEvent, ModelRequest } from '@turnledger/shared/ports';
import { publishSample, requestSample, startSample } from '@turnledger/shared/testing';
import { AnsweringModel } from './testing/answering-model.ts';
import { asksOther, byPosition, context, RerunStage } from './testing/rerun-stage.ts';

let stage: RerunStage;

beforeEach(() => {
  stage = new RerunStage();
});

describe('what a re-run asks', () => {
  test('asks each turn after its recorded history, to the byte, though the session went on', async () => {
    const sessionId = await stage.recorded();
    const sent = [...stage.main.asked.all];
    const rerunId = await stage.ask([sessionId], { reuse: false });
    await stage.play(sessionId, 'Something later.');
    const later = stage.main.asked.all.length;
    const state = await stage.run(rerunId);
    expect(state.comparisons).toHaveLength(3);
    const again = stage.main.asked.all.slice(later);
    const byLength = (one: ModelRequest, next: ModelRequest) => one.messages.length - next.messages.length;
    expect([...again].sort(byLength)).toEqual(sent.sort(byLength));
  });

  test('asks the model that is named in place of the recorded one, and compares', async () => {
    const state = await stage.run(await stage.ask([await stage.recorded()], { overrides: asksOther }));
    expect(byPosition(state)[1]).toMatchObject({
      position: 2,
      outcome: 'completed',
      isSameText: false,
      move: 'none',
      recorded: { status: 'completed', model: 'some-model', inputTokens: 40, outputTokens: 7, attempts: 1 },
      repeated: { status: 'completed', attempts: 1 },
    });
    expect(stage.other.asked.all.map(({ model, endpoint }) => `${model}@${endpoint}`)).toEqual(
      Array.from({ length: 3 }, () => 'other-model@candidate'),
    );
  });

  test('changes parameters alone where those alone are named', async () => {
    const sessionId = await stage.recorded();
    const before = stage.main.asked.all.length;
    await stage.run(await stage.ask([sessionId], { overrides: { temperature: 0.1, maxTokens: 12 } }));
    const again = stage.main.asked.all.slice(before);
    expect(again.map(({ parameters }) => parameters)).toEqual(
      Array.from({ length: 3 }, () => ({ temperature: 0.1, maxTokens: 12, stop: [] })),
    );
  });

  test('plays another version of the scenario where one is named', async () => {
    const sessionId = await stage.recorded();
    await publishSample(stage.played, { persona: { name: 'Troll', instructions: 'Let everybody pass.' } });
    const before = stage.main.asked.all.length;
    await stage.run(await stage.ask([sessionId], { overrides: { scenarioVersion: 2 } }));
    const systems = stage.main.asked.all.slice(before).map(({ messages }) => messages[0]?.content);
    expect(systems).toEqual(Array.from({ length: 3 }, () => 'You are Troll.\n\nLet everybody pass.'));
  });

  test('carries on with the new answers in free running', async () => {
    const sessionId = await stage.recorded();
    await stage.run(await stage.ask([sessionId], { mode: 'free_running', overrides: asksOther }));
    expect(
      stage.other.asked.all
        .at(-1)
        ?.messages.map(({ content }) => content)
        .slice(1),
    ).toEqual([
      'Who goes there?',
      'other-model hears: Who goes there?',
      'Let me pass.',
      'other-model hears: Let me pass.',
      'Then fight me.',
    ]);
  });

  test('carries a cancelled turn along as it was, so that what follows it is the recorded request', async () => {
    await publishSample(stage.played);
    const sessionId = await startSample(stage.played);
    await stage.play(sessionId, 'Who goes there?');
    const { turnId } = await requestSample(stage.played, sessionId, { text: 'Let me' });
    const command = { turnId, by: 'game', reason: 'requested', partial: 'You may' } as const;
    await stage.ports.ledger.sessions.transact(sessionStream(sessionId), (state) => cancelTurn(command, state), {
      context,
    });
    await stage.play(sessionId, 'Let me pass.');
    const state = await stage.run(await stage.ask([sessionId], { mode: 'free_running' }));
    expect(byPosition(state).map(({ position, outcome }) => `${position} ${outcome}`)).toEqual([
      '1 reused',
      '3 reused',
    ]);
  });

  test('leaves the recorded sessions as they are, and makes none that a view of players would follow', async () => {
    const sessionId = await stage.recorded();
    const { revision } = await stage.stateOf(sessionId);
    const state = await stage.run(await stage.ask([sessionId], { overrides: asksOther }));
    expect((await stage.stateOf(sessionId)).revision).toBe(revision);
    expect(state.comparisons.every(({ rerunSessionId }) => isRerunSessionId(rerunSessionId))).toBe(true);
  });

  test.each([
    ['whose endpoint is not there', { name: 'default', endpoint: 'gone' }, () => 'unused'],
    [
      'that the provider no longer has',
      asksOther.model,
      (): readonly ModelEvent[] => [{ kind: 'failed', code: 'model_not_found', providerStatus: 404 }],
    ],
  ])('fails as a whole with a model %s, and asks no other instead', async (_what, model, answer) => {
    stage = new RerunStage({ other: new AnsweringModel('other-model', answer) });
    const sessionId = await stage.recorded();
    const before = stage.main.asked.all.length;
    const state = await stage.run(await stage.ask([sessionId], { overrides: { model }, concurrency: 1 }));
    expect(state).toMatchObject({ status: 'failed', code: 'model_unavailable' });
    expect(stage.main.asked.all).toHaveLength(before);
  });
});
