import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { sessionStream } from '@turnledger/shared/contracts';
import { judgeMove, rewindSession } from '@turnledger/shared/domain';
import { publishSample, sessionEvents, startSample } from '@turnledger/shared/testing';
import { summariseHistory } from '../summarise-history.ts';
import { AnsweringModel, lastWords } from './testing/answering-model.ts';
import { asksOther, byPosition, context, neverAborts, RerunStage } from './testing/rerun-stage.ts';

let stage: RerunStage;

beforeEach(() => {
  stage = new RerunStage();
});

describe('moves of a re-run', () => {
  const moves = { mode: 'optional', schema: { type: 'object', required: ['do'] } } as const;
  const moving = (name: string) =>
    new AnsweringModel(name, (request) => `Aye.\n\`\`\`move\n{"do":"${lastWords(request)}"}\n\`\`\``);

  test('have the recorded verdict where they are the same, and it is told on in free running', async () => {
    stage = new RerunStage({ main: moving('main-model'), other: moving('other-model') });
    await publishSample(stage.played, { moves });
    const sessionId = await startSample(stage.played);
    const [first] = await stage.play(sessionId, 'jump');
    const turnId = first?.turnId ?? '';
    await stage.ports.ledger.sessions.transact(
      sessionStream(sessionId),
      (state) => judgeMove({ turnId, verdict: { verdict: 'rejected', reason: 'There is no floor.' } }, state),
      { context },
    );
    await stage.play(sessionId, 'run');
    const state = await stage.run(await stage.ask([sessionId], { mode: 'free_running', overrides: asksOther }));
    expect(byPosition(state).map(({ move, repeated }) => `${move} ${repeated.move}`)).toEqual([
      'same rejected',
      'same unjudged',
    ]);
    expect(JSON.stringify(stage.other.asked.all[1]?.messages)).toContain('There is no floor.');
  });

  test('are asked again as the attempt that answered was, which knew of a verdict that the first one did not', async () => {
    let failures = 0;
    const main = new AnsweringModel('main-model', (request) => {
      if (lastWords(request) === 'run' && failures === 0) {
        failures += 1;
        return [{ kind: 'failed', code: 'model_overloaded', providerStatus: 529 }];
      }
      return `Aye.\n\`\`\`move\n{"do":"${lastWords(request)}"}\n\`\`\``;
    });
    stage.answerBy(['main', main]);
    await publishSample(stage.played, { moves });
    const sessionId = await startSample(stage.played);
    const [first] = await stage.play(sessionId, 'jump');
    main.hold();
    const playing = stage.play(sessionId, 'run');
    await main.asked.until(2);
    const command = { turnId: first?.turnId ?? '', verdict: { verdict: 'rejected', reason: 'No.' } } as const;
    await stage.ports.ledger.sessions.transact(sessionStream(sessionId), (state) => judgeMove(command, state), {
      context,
    });
    main.release();
    await playing;
    const state = await stage.run(await stage.ask([sessionId]));
    expect(byPosition(state).map(({ outcome }) => outcome)).toEqual(['reused', 'reused']);
  });

  test('of a correction stand, though it was told less of the past than the answer that it corrects', async () => {
    const main = new AnsweringModel('main-model', (request) =>
      lastWords(request) === 'run' ? 'I will not run. '.repeat(40) : 'Aye.\n```move\n{"do":"it"}\n```',
    );
    stage.answerBy(['main', main]);
    await publishSample(stage.played, {
      moves: { ...moves, mode: 'required' },
      history: { windowTurns: 6, inputTokenBudget: 400 },
    });
    const sessionId = await startSample(stage.played);
    await stage.play(sessionId, 'jump now, and tell me', 'swim now, and tell me', 'walk now, and tell me', 'run');
    const claims = (await sessionEvents(stage.played, sessionId)).flatMap((event) =>
      event.type === 'TurnStarted' ? [event.data.prompt] : [],
    );
    expect(claims).toHaveLength(5);
    const [asked, corrected] = claims.slice(-2);
    expect(corrected?.correctionOfAttempt).toBe(1);
    expect(corrected?.fromTurnId).not.toBe(asked?.fromTurnId);
    const state = await stage.run(await stage.ask([sessionId]));
    expect(byPosition(state).map(({ outcome }) => outcome)).toEqual(['reused', 'reused', 'reused', 'reused']);
  });
});

describe('summaries of a re-run', () => {
  test.each([
    ['as they are held', false],
    ['also where a rewind has cut them since', true],
  ])('are those that the turn was asked with, %s', async (_what, isRewound) => {
    const summary = { mode: 'rolling', maxTokens: 100 } as const;
    await publishSample(stage.played, { history: { windowTurns: 2, inputTokenBudget: 8_000, summary } });
    const sessionId = await startSample(stage.played);
    const signal = neverAborts();
    for (const text of ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.']) {
      await stage.play(sessionId, text);
      await summariseHistory(stage.ports, { sessionId, correlationId: 'test', worker: ids.uuid(), signal });
    }
    const state = await stage.stateOf(sessionId);
    expect(state.summaries?.held.length).toBeGreaterThan(0);
    const throughTurnId = state.history?.turnId ?? '';
    const source = { sessionId, throughTurnId, turns: 6 };
    const command = { rewindId: ids.uuid(), by: 'game', bodyHmac: 'a0'.repeat(32), maxRewinds: 5 };
    const stream = sessionStream(sessionId);
    if (isRewound)
      await stage.ports.ledger.sessions.transact(stream, (now) => rewindSession(command, now), { context });
    const { comparisons } = await stage.run(await stage.ask([sessionId], { sources: [source], turns: 6 }));
    expect(comparisons.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'reused'));
  });
});
