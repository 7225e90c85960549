import { expect, test } from '@jest/globals';
import { checkRewinds, rewindIdOfKey } from './check-rewinds.ts';
import type { Evidence, HistoryEntry, LoggedEvent } from './history.ts';

const sessionId = '01890000-0000-7000-8000-000000000001';
const first = '01890000-0000-7000-8000-0000000000a1';
const second = '01890000-0000-7000-8000-0000000000a2';

/** What this looks at of an event, and no more. */
const event = (type: string, data: object): LoggedEvent =>
  ({
    stream: `session-${sessionId}`,
    type,
    position: 1n,
    revision: 1,
    opened: { type, data },
  }) as unknown as LoggedEvent;
const requested = (turnId: string) => event('TurnRequested', { turnId });
const rewound = (toTurnId?: string, key = 'back') =>
  event('SessionRewound', { rewindId: rewindIdOfKey(sessionId, key), ...(toTurnId !== undefined && { toTurnId }) });

const entry = (type: HistoryEntry['type'], toTurnId?: string): HistoryEntry => ({
  process: 'client-1',
  op: 'rewind',
  key: 'back',
  type,
  value: type === 'invoke' ? { sessionId, ...(toTurnId !== undefined && { toTurnId }) } : {},
  t: 0,
});
const tried = (type: 'ok' | 'fail' | 'unknown', toTurnId?: string) => [entry('invoke', toTurnId), entry(type)];

const sentences = (history: readonly HistoryEntry[], ...log: readonly LoggedEvent[]) =>
  checkRewinds({ history, log } as unknown as Evidence).map(({ sentence }) => sentence);

const turns = [requested(first), requested(second)];

test('a rewind that was answered and is in the log, once, is fine; so is one that had nothing to cut', () => {
  expect(sentences(tried('ok', first), ...turns, rewound(first))).toEqual([]);
  expect(sentences([...tried('unknown', first), ...tried('ok', first)], ...turns, rewound(first))).toEqual([]);
  expect(sentences(tried('ok', second), ...turns)).toEqual([]);
});

test('one that was answered and is nowhere is caught', () => {
  expect(sentences(tried('ok', 'elsewhere'), ...turns)).toEqual([
    'a rewind that a client was told of is not in the log',
  ]);
});

test('one that came twice under its key is caught', () => {
  expect(sentences(tried('ok', first), ...turns, rewound(first), rewound(first))).toEqual([
    'a key rewound a session 2 times',
  ]);
});

test('one that went elsewhere than it was asked to is caught', () => {
  expect(sentences(tried('ok', second), ...turns, rewound(first))).toEqual([
    'a session was rewound to another turn than was asked',
  ]);
});

test('one that nobody asked for, or that was refused each time, is caught', () => {
  expect(sentences([], ...turns, rewound())).toEqual(['a rewind is in the log that no client asked for']);
  expect(sentences(tried('fail'), ...turns, rewound())).toEqual(['a rewind is in the log though each try was refused']);
});
