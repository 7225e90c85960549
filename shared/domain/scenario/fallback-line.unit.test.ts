import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sampleIds } from '../../testing/sample-commands.ts';
import { fallbackLine } from './fallback-line.ts';

const lines = ['The wind howls.', 'The troll grunts.', 'Nobody answers.'];

describe('fallbackLine', () => {
  test('a scenario without lines has none', () => {
    expect(fallbackLine([], sampleIds.turn)).toBeUndefined();
  });

  test('the same turn always gets the same line, whoever asks', () => {
    expect(fallbackLine(lines, sampleIds.turn)).toBe(fallbackLine([...lines], sampleIds.turn));
  });

  test('any turn id gets one of the lines, also one that is no UUID', () => {
    const turnIds = fc.oneof(fc.uuid(), fc.string(), fc.constant('turn-101'));
    fc.assert(fc.property(turnIds, (turnId) => expect(lines).toContain(fallbackLine(lines, turnId))));
  });

  test('turns are spread over the lines', () => {
    const said = new Set(
      fc.sample(fc.uuid({ version: 5 }), { numRuns: 200, seed: 1 }).map((turnId) => fallbackLine(lines, turnId)),
    );
    expect(said.size).toBe(lines.length);
  });
});
