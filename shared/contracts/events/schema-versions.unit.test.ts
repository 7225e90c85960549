import { describe, expect, it } from '@jest/globals';
import { readEvent } from './event-catalogue.ts';
import { schemaVersionOf, upcastersFrom } from './schema-versions.ts';

const uuid = '0198c0de-0000-7000-8000-000000000001';
const sealed = { v: 1, keyId: uuid, iv: 'AAAAAAAAAAAAAAAA', tag: 'AAAAAAAAAAAAAAAAAAAAAA', ciphertext: 'aGk' };
const completed = {
  turnId: uuid,
  attempt: 1,
  callId: uuid,
  reply: sealed,
  finishReason: 'stop',
  usage: { input: 1, cached: 0, output: 1, reasoning: 0, source: 'reported' },
  priceTable: 'none',
  ttftMs: 1,
  durationMs: 2,
  provider: { model: 'some-model' },
};
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('schemaVersionOf', () => {
  it('is 1 for what never changed, and one more with each change', () => {
    expect(
      ['TurnRequested', 'MoveRejected', 'TurnStarted', 'TurnCompleted'].map((type) => schemaVersionOf(type as never)),
    ).toEqual(['1', '1', '3', '2']);
  });
});

describe('an event of an older version', () => {
  it('is read as the newest', () => {
    expect(readEvent('TurnCompleted', '1', JSON.stringify(completed))).toEqual({
      type: 'TurnCompleted',
      data: completed,
    });
  });

  it('takes one upcaster a step', () => {
    expect(upcastersFrom('TurnCompleted', '1')).toHaveLength(1);
    expect(upcastersFrom('TurnStarted', '1')).toHaveLength(2);
    expect(upcastersFrom('TurnStarted', '2')).toHaveLength(1);
    expect(upcastersFrom('TurnCompleted', '2')).toEqual([]);
  });
});

describe('an event of the newest version', () => {
  it('may have what the older one had not', () => {
    const data = { ...completed, move: sealed };
    expect(readEvent('TurnCompleted', '2', JSON.stringify(data))).toEqual({ type: 'TurnCompleted', data });
  });

  it.each(['3', '0', '-1', '1.5', '02', 'NaN', '', ' 2', undefined])('is not one of version %j', (version) => {
    expect(() => readEvent('TurnCompleted', version, JSON.stringify(completed))).toThrow(code('event_unknown'));
  });
});
