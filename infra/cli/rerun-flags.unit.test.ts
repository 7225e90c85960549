import { describe, expect, test } from '@jest/globals';
import { inOrder } from './diff-command.ts';
import { gateLimitsOf } from './gate-command.ts';
import { rerunTarget } from './rerun-command.ts';
import { firstSessionId, sampleRerun, sampleRerunTurn, secondSessionId } from './testing/sample-rerun.ts';

const manner = { reuse: true, wait: true };

describe('whose turns are asked again', () => {
  test.each([
    ['s', {}, { sessionId: 's' }],
    ['s', { through: 't' }, { sessionId: 's', throughTurnId: 't' }],
    [undefined, { scenario: 'a' }, { scenarioId: 'a' }],
    [
      undefined,
      { scenario: 'a', scenarioVersion: 1, game: 'g', from: 'f', to: 't' },
      { scenarioId: 'a', scenarioVersion: 1, gameId: 'g', from: 'f', to: 't' },
    ],
  ] as const)('is named by %j and %j', (session, flags, target) => {
    expect(rerunTarget(session, { ...manner, ...flags })).toEqual(target);
  });

  test.each([
    [undefined, {}, /name a session/],
    [undefined, { game: 'g' }, /name a session/],
    ['s', { scenario: 'a' }, /name a session/],
    ['s', { game: 'g' }, /--scenario-version, --game/],
    [undefined, { scenario: 'a', through: 't' }, /--through/],
  ] as const)('is not told by %j and %j', (session, flags, mistake) => {
    expect(() => rerunTarget(session, { ...manner, ...flags })).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        extras: expect.objectContaining({ detail: expect.stringMatching(mistake) }),
      }),
    );
  });
});

describe('the thresholds of a gate', () => {
  test('are those that are given, 0 among them', () => {
    expect(gateLimitsOf({ minTurns: 5, maxFailedRate: 0 })).toEqual({ minTurns: 5, maxFailedRate: 0 });
  });

  test('have to be something', () => {
    expect(() => gateLimitsOf({})).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});

test('turns are read session after session as the re-run has them, in the order in which they were played', () => {
  const turn = (sessionId: string, position: number) => sampleRerunTurn({ sessionId, position });
  const came = [turn(secondSessionId, 1), turn(firstSessionId, 10), turn(secondSessionId, 3), turn(firstSessionId, 2)];
  expect(inOrder(came, sampleRerun()).map(({ sessionId, position }) => [sessionId, position])).toEqual([
    [firstSessionId, 2],
    [firstSessionId, 10],
    [secondSessionId, 1],
    [secondSessionId, 3],
  ]);
});
