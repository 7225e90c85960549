import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TurnMessage } from '../../ports/index.ts';
import { decodeTurnMessage, encodeTurnMessage } from './turn-message-codec.ts';

const received = (message: TurnMessage) => {
  const { value, headers } = encodeTurnMessage(message);
  const buffers = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
  return { value: Buffer.from(value), headers: Object.fromEntries(buffers) };
};
const requested: TurnMessage = {
  kind: 'requested',
  sessionId: 's1',
  turnId: 'a',
  requestedAtMs: 1_767_225_600_123,
  deadlineMs: 30_000,
  correlationId: 'c',
};

describe('the messages of turns', () => {
  test('come out as they went in', () => {
    const id = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme' }).filter((text) => text.length <= 255);
    const messages = fc.record({
      kind: fc.constantFrom('requested' as const, 'ended' as const),
      sessionId: id,
      turnId: id.filter((text) => text.length <= 200),
      requestedAtMs: fc.nat({ max: 4_000_000_000_000 }),
      deadlineMs: fc.nat(),
      correlationId: fc.string({ maxLength: 1_024 }),
    });
    fc.assert(
      fc.property(messages, (message) => {
        const read = decodeTurnMessage(message.kind, received(message));
        const deadlineMs = message.kind === 'requested' ? message.deadlineMs : 0;
        expect(read).toEqual({ outcome: 'read', message: { ...message, deadlineMs } });
      }),
    );
  });

  test('may bring members that this version does not know', () => {
    const { value } = encodeTurnMessage(requested);
    const extended = { ...JSON.parse(value), traceparent: '00-…', data: { ...JSON.parse(value).data, mood: 'new' } };
    const read = decodeTurnMessage('requested', { value: Buffer.from(JSON.stringify(extended)) });
    expect(read).toEqual({ outcome: 'read', message: requested });
  });

  test('are read without their headers, and with damaged ones', () => {
    const { value } = received({ ...requested, origin: { eventId: 'e', position: 1n } });
    for (const headers of [
      {},
      { 'event-id': 'e', 'log-position': 'x' },
      { 'event-id': ['e', 'f'], 'log-position': '1' },
    ])
      expect(decodeTurnMessage('requested', { value, headers })).toEqual({ outcome: 'read', message: requested });
  });

  test('of one kind are unknown among the other', () => {
    expect(decodeTurnMessage('ended', received(requested))).toEqual({ outcome: 'unreadable', reason: 'unknown_type' });
  });

  test.each([
    ['not_json', null],
    ['not_json', '{'],
    ['unknown_type', '7'],
    ['unknown_type', 'null'],
    ['invalid', '{"type":"turnledger.turn.requested.v1"}'],
    ['too_large', `"${'x'.repeat(20_000)}"`],
  ])('are refused as %s: %j', (reason, text) => {
    const value = text === null ? null : Buffer.from(text);
    expect(decodeTurnMessage('requested', { value })).toEqual({ outcome: 'unreadable', reason });
  });

  test('whatever bytes come, are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(decodeTurnMessage('requested', { value: Buffer.from(bytes) }).outcome).toBe('unreadable');
      }),
    );
  });
});
