import { describe, expect, test } from '@jest/globals';
import { deepFreeze } from '../testing/deep-freeze.ts';
import { sampleIds, sampleStart } from '../testing/sample-commands.ts';
import {
  sampleCancelled,
  sampleClaimed,
  sampleEnded,
  sampleRequested,
  sampleRewound,
  sampleStarted,
} from '../testing/sample-events.ts';
import type { SessionEvent } from './session/events.ts';
import { evolveSessionRecord, type SessionRecord } from './session-record.ts';

const recordedAt = (revision: number): string => `2026-01-01T00:00:0${revision}.000Z`;

const fold = (...events: readonly SessionEvent<'plain'>[]): SessionRecord<'plain'> | undefined =>
  events.reduce<SessionRecord<'plain'> | undefined>((record, event, revision) => {
    const context = { sessionId: sampleIds.session, revision, recordedAt: recordedAt(revision) };
    return deepFreeze(evolveSessionRecord(record, deepFreeze(event), context));
  }, undefined);

describe('evolveSessionRecord', () => {
  test('a started session is open, without turns, and does not show the hash of its request', () => {
    const { bodyHmac: _notShown, ...shown } = sampleStart({ gameId: 'chess', metadata: { map: 'cave' } });
    expect(fold(sampleStarted({ gameId: 'chess', metadata: { map: 'cave' } }))).toStrictEqual({
      ...shown,
      sessionId: sampleIds.session,
      status: 'open',
      turns: 0,
      cuts: [],
      startedAt: recordedAt(0),
      revision: 0,
    });
  });

  test('a requested turn counts and is the newest', () => {
    expect(fold(sampleStarted(), sampleRequested())).toMatchObject({
      turns: 1,
      lastTurnId: sampleIds.turn,
      revision: 1,
    });
  });

  test('what happens to a turn moves the revision alone', () => {
    const before = fold(sampleStarted(), sampleRequested());
    expect(fold(sampleStarted(), sampleRequested(), sampleClaimed(), sampleCancelled())).toEqual({
      ...before,
      revision: 3,
    });
  });

  test('a rewind takes it back to its target, the end undone, and keeps the cuts that still say something', () => {
    const second = sampleRequested({ turnId: sampleIds.nextTurn, position: 2 });
    const toFirst = sampleRewound({ toTurnId: sampleIds.turn, toPosition: 1 });
    const rewound = fold(sampleStarted(), sampleRequested(), second, sampleEnded({ score: 3 }), toFirst);
    expect(rewound).toMatchObject({ status: 'open', turns: 1, lastTurnId: sampleIds.turn, revision: 4 });
    expect(rewound).not.toHaveProperty('outcome');
    expect(rewound).not.toHaveProperty('endedAt');
    expect(rewound?.cuts).toEqual([{ revision: 4, toPosition: 1 }]);
    const again = fold(sampleStarted(), sampleRequested(), second, toFirst, second, sampleRewound());
    expect(again?.cuts).toEqual([{ revision: 5, toPosition: 0 }]);
    expect(again).not.toHaveProperty('lastTurnId');
  });

  test('the end is shown with outcome, score and time', () => {
    expect(fold(sampleStarted(), sampleEnded({ score: 3 }))).toMatchObject({
      status: 'ended',
      outcome: 'won',
      score: 3,
      endedAt: recordedAt(1),
      revision: 1,
    });
  });

  test('an end without a score has none', () => {
    expect(fold(sampleStarted(), sampleEnded())).not.toHaveProperty('score');
  });

  test('events of a session that never started give no record', () => {
    expect(fold(sampleRequested(), sampleEnded())).toBeUndefined();
  });
});
