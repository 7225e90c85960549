import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BodyGate, createSseGate, createWholeBodyGate } from './body-gate.ts';

const MAX_FRAME_BYTES = 1_000;

/** Pushes pieces until the gate is done; gives all that came through. */
const through = (gate: BodyGate, pieces: readonly Buffer[]) => {
  const out: Buffer[] = [];
  for (const piece of pieces) {
    const { pieces: passed, isDone } = gate.push(piece);
    out.push(...passed);
    if (isDone) return { out, isDone };
  }
  return { out, isDone: false };
};

/** Cuts bytes at the given places. */
const cutAt = (bytes: Buffer, places: readonly number[]): readonly Buffer[] => {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
};

describe('createSseGate', () => {
  test.each(['\n', '\r\n'])('lets whole frames through however they are cut (line end %j)', (eol) => {
    const body = [
      'data: {"a":"Grüße 🐉"}',
      '',
      ': ping',
      '',
      'event: x',
      'data: 1',
      'data: 2',
      '',
      'data: [DONE]',
      '',
      '',
    ].join(eol);
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 40 }), (places) => {
        const { out, isDone } = through(createSseGate(MAX_FRAME_BYTES), cutAt(Buffer.from(body), places));
        expect(Buffer.concat(out).toString()).toBe(body);
        expect(isDone).toBe(true);
        for (const piece of out) expect(piece.toString()).toMatch(/\n\r?\n$/);
      }),
    );
  });

  test('holds back what is not a whole frame', () => {
    const gate = createSseGate(MAX_FRAME_BYTES);
    expect(gate.push(Buffer.from('data: 1\n')).pieces).toEqual([]);
    expect(gate.push(Buffer.from('\ndata: 2')).pieces.map(String)).toEqual(['data: 1\n\n']);
    expect(gate.end()).toHaveLength(0);
  });

  test('is done at [DONE] and lets nothing after it through', () => {
    const { out, isDone } = through(createSseGate(MAX_FRAME_BYTES), [
      Buffer.from('data: 1\n\ndata: [DONE]\n\ndata: 2\n\n'),
    ]);
    expect(Buffer.concat(out).toString()).toBe('data: 1\n\ndata: [DONE]\n\n');
    expect(isDone).toBe(true);
  });

  test('takes [DONE] inside a text for a text', () => {
    const { isDone } = through(createSseGate(MAX_FRAME_BYTES), [Buffer.from('data: {"content":"data: [DONE]"}\n\n')]);
    expect(isDone).toBe(false);
  });

  test.each([
    ['finished', Buffer.concat([Buffer.from(`data: ${'x'.repeat(MAX_FRAME_BYTES)}\n\n`)])],
    ['unfinished', Buffer.from('x'.repeat(MAX_FRAME_BYTES + 1))],
    ['of short lines', Buffer.from('data: 1\n'.repeat(MAX_FRAME_BYTES / 8 + 1))],
  ])('refuses a frame over the bound: %s', (_name, bytes) => {
    expect(() => createSseGate(MAX_FRAME_BYTES).push(bytes)).toThrow(
      expect.objectContaining({ code: 'model_body_too_large' }),
    );
    const byteByByte = Array.from(bytes, (byte) => Buffer.of(byte));
    expect(() => through(createSseGate(MAX_FRAME_BYTES), byteByByte)).toThrow(
      expect.objectContaining({ code: 'model_body_too_large' }),
    );
  });

  test('lets a body of many frames be longer than one frame may be', () => {
    const body = Buffer.from('data: 0123456789\n\n'.repeat(5_000));
    const { out } = through(createSseGate(MAX_FRAME_BYTES), [body]);
    expect(Buffer.concat(out).equals(body)).toBe(true);
    expect(Math.max(...out.map(({ length }) => length))).toBeLessThanOrEqual(8 * 1024 + MAX_FRAME_BYTES);
  });

  test('refuses what is not UTF-8', () => {
    const gate = createSseGate(MAX_FRAME_BYTES);
    expect(() => gate.push(Buffer.from([0x64, 0xff, 0x0a, 0x0a]))).toThrow(
      expect.objectContaining({ code: 'model_not_json' }),
    );
  });
});

describe('createWholeBodyGate', () => {
  test('gives everything at the end', () => {
    const gate = createWholeBodyGate();
    const { out } = through(
      gate,
      Array.from(Buffer.from('{"a":"Grüße"}'), (byte) => Buffer.of(byte)),
    );
    expect(out).toEqual([]);
    expect(gate.end().toString()).toBe('{"a":"Grüße"}');
  });

  test('refuses what is not UTF-8', () => {
    const gate = createWholeBodyGate();
    gate.push(Buffer.from([0xff]));
    expect(() => gate.end()).toThrow(expect.objectContaining({ code: 'model_not_json' }));
  });
});
