import { expect, test } from '@jest/globals';
import { checkForks, forkIdOfKey } from './check-forks.ts';
import type { Evidence, HistoryEntry, LoggedEvent } from './history.ts';

const sessionId = '01890000-0000-7000-8000-000000000001';
const turnId = '01890000-0000-7000-8000-0000000000a1';
const forkId = forkIdOfKey(sessionId, 'branch');

/** What this looks at of an event, and no more. */
const event = (stream: string, revision: number, hash: string, type: string, data: object): LoggedEvent =>
  ({ stream, type, position: 1n, revision, metadata: { hash }, opened: { type, data } }) as unknown as LoggedEvent;
const parent = event(`session-${sessionId}`, 4, 'hash 4', 'TurnCompleted', { turnId });
const forked = ({ through = turnId, hash = 'hash 4', id = forkId } = {}) =>
  event(`session-${id}`, 0, 'hash 0', 'SessionForked', {
    lineage: [{ sessionId, throughTurnId: through, throughPosition: 1, throughRevision: 4 }],
    parentHash: hash,
  });

const entry = (type: HistoryEntry['type'], value: HistoryEntry['value']): HistoryEntry => ({
  process: 'client-1',
  op: 'fork',
  key: 'branch',
  type,
  value,
  t: 0,
});
const tried = (type: 'ok' | 'fail' | 'unknown', answered = forkId) => [
  entry('invoke', { sessionId, turnId }),
  entry(type, type === 'ok' ? { sessionId: answered } : {}),
];

const sentences = (history: readonly HistoryEntry[], ...log: readonly LoggedEvent[]) =>
  checkForks({ history, log } as unknown as Evidence).map(({ sentence }) => sentence);

test('a fork that was answered and is in the log, once, is fine; so is one that nobody heard of', () => {
  expect(sentences(tried('ok'), parent, forked())).toEqual([]);
  expect(sentences([...tried('unknown'), ...tried('ok')], parent, forked())).toEqual([]);
  expect(sentences(tried('unknown'), parent, forked())).toEqual([]);
  expect(sentences(tried('unknown'), parent)).toEqual([]);
});

test('one that was answered and is nowhere is caught, as is an answer that names another', () => {
  expect(sentences(tried('ok'), parent)).toEqual(['a fork that a client was told of is not in the log']);
  expect(sentences(tried('ok', sessionId), parent, forked())).toEqual(['the answer names another fork than its key']);
});

test('one that came twice under its key is caught', () => {
  expect(sentences(tried('ok'), parent, forked(), forked())).toEqual(['a key forked a session 2 times']);
});

test('one that goes on from another turn than was asked is caught', () => {
  expect(sentences(tried('ok'), parent, forked({ through: sessionId }))).toEqual([
    'a fork goes on from another turn than was asked',
  ]);
});

test('one whose past is not what the log holds is caught', () => {
  expect(sentences(tried('ok'), parent, forked({ hash: 'hash 5' }))).toEqual([
    'a fork names a past that is not in the log',
  ]);
});

test('one that nobody asked for, or that was refused each time, is caught', () => {
  expect(sentences([], parent, forked())).toEqual(['a fork is in the log that no client asked for']);
  expect(sentences(tried('fail'), parent, forked())).toEqual(['a fork is in the log though each try was refused']);
});
