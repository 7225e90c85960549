import { expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { feedIds } from '@turnledger/shared/runtime';
import { recordedDeltaId, spectatorId, spectatorPlace, textFormOf } from './spectator-ids.ts';

const { maxRecordedTurns, maxRewinds, maxBookmarks } = limits.session;

test('an id names its place, and is a safe integer wherever in a session it stands', () => {
  const newest = { revision: limits.spectate.maxRevision, id: feedIds.ending };
  expect(Number.isSafeInteger(spectatorId(newest))).toBe(true);
  for (const place of [{ revision: 1, id: 1 }, { revision: 7, id: 1_000_003 }, newest])
    expect(spectatorPlace(spectatorId(place))).toEqual(place);
});

test('ids rise with the log, whatever of a turn they name', () => {
  expect(spectatorId({ revision: 8, id: 0 })).toBeGreaterThan(spectatorId({ revision: 7, id: feedIds.ending }));
});

test('the longest session that limits allow is within the bound ten times over', () => {
  // A request and an ending; of each attempt a start, a failure and a settlement; a verdict and a rating.
  const perTurn = 2 + 3 * limits.scenario.maxAttempts + 2;
  const longest = 1 + maxRecordedTurns * perTurn + 2 * maxRewinds + maxBookmarks;
  expect(10 * longest).toBeLessThan(limits.spectate.maxRevision);
});

test('an event beyond the bound is refused rather than told under an id that is not its own', () => {
  const beyond = { revision: limits.spectate.maxRevision + 1, id: 1 };
  expect(() => spectatorId(beyond)).toThrow(expect.objectContaining({ code: 'invariant_broken' }));
});

test('words from the record are numbered behind every live delta of their attempt, and before the next one', () => {
  const attempt = 2 * feedIds.perAttempt;
  // A delta has a byte at least.
  expect(recordedDeltaId(2, 1)).toBeGreaterThan(attempt + limits.worker.maxReplyBytes);
  expect(recordedDeltaId(2, limits.replay.maxGroupsPerReply)).toBeLessThan(3 * feedIds.perAttempt);
});

test.each([
  [0, 'none'],
  [feedIds.requested, 'none'],
  [feedIds.perAttempt, 'none'],
  [feedIds.perAttempt + 1, 'live'],
  [3 * feedIds.perAttempt + 7, 'live'],
  [recordedDeltaId(1, 1), 'recorded'],
  [recordedDeltaId(10, 200), 'recorded'],
])('an id of %i is in the text as %s', (id, form) => {
  expect(textFormOf(id)).toBe(form);
});
