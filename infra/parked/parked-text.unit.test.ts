import { describe, expect, test } from '@jest/globals';
import { type ParkedListing, parkedJson, parkedText } from './parked-text.ts';

const none = { total: 0, newest: [] };
const event = {
  loop: 'read-models',
  stream: 'session-1',
  revision: 4,
  position: 9_007_199_254_740_993n,
  type: 'TurnRenamed',
  code: 'event_unknown',
  parkedAt: new Date('2026-11-24T05:00:00Z'),
};
const message = {
  parkedAtMs: Date.parse('2026-11-24T05:00:01Z'),
  reason: 'not_json' as const,
  from: { topic: 'turnledger.turns.requested', partition: 3, offset: '17' },
  key: 'session-1',
  value: 'no JSON',
  bytes: 7,
};
const both: ParkedListing = { events: { total: 1, newest: [event] }, messages: { total: 3, newest: [message] } };

describe('what is parked, for a person', () => {
  test('is nothing', () => {
    expect(parkedText({ events: none, messages: none })).toBe('Nothing is parked.');
  });

  test('is a line each, with the reason and the place', () => {
    expect(parkedText(both)).toBe(
      `
1 events that a loop of the projectors left out
  parked at                 reason         loop         type         stream and revision
  2026-11-24T05:00:00.000Z  event_unknown  read-models  TurnRenamed  session-1 4

3 messages that a worker put aside; the newest 1:
  parked at                 reason    topic, partition, offset         key        bytes
  2026-11-24T05:00:01.000Z  not_json  turnledger.turns.requested 3 17  session-1  7

What to do about each reason: infra/docs/parked.md`.trimStart(),
    );
  });

  test('names a message that no worker of ours wrote without a reason', () => {
    const foreign = { ...message, reason: undefined, from: undefined };
    const text = parkedText({ events: none, messages: { total: 1, newest: [foreign] } });
    expect(text).toMatch(/00:01\.000Z {2}– {7}– +session-1 {2}7\n/);
  });

  test('lets no control character of a foreign key reach the terminal, and shows no long one whole', () => {
    const sly = { ...message, key: `\u001b[2J\u202e${'k'.repeat(100)}` };
    const text = parkedText({ events: none, messages: { total: 1, newest: [sly] } });
    expect([...text].filter((one) => one === '\u001b' || one === '\u202e')).toEqual([]);
    expect(text).toContain(`�[2J�${'k'.repeat(75)}  7`);
  });
});

describe('what is parked, as JSON', () => {
  test('has all of it, positions as text', () => {
    expect(JSON.parse(parkedJson(both))).toEqual({
      events: {
        total: 1,
        newest: [
          {
            parked_at: '2026-11-24T05:00:00.000Z',
            reason: 'event_unknown',
            loop: 'read-models',
            stream: 'session-1',
            revision: 4,
            position: '9007199254740993',
            type: 'TurnRenamed',
          },
        ],
      },
      messages: {
        total: 3,
        newest: [
          {
            parked_at: '2026-11-24T05:00:01.000Z',
            reason: 'not_json',
            from: { topic: 'turnledger.turns.requested', partition: 3, offset: '17' },
            key: 'session-1',
            value: 'no JSON',
            bytes: 7,
          },
        ],
      },
    });
  });
});
