import { describe, expect, test } from '@jest/globals';
import { eventId, replaySpeed, rowCount } from './flag-values.ts';

describe('how many rows', () => {
  test('is a whole number up to the bound', () => {
    expect(['1', '20', '10000'].map(rowCount)).toEqual([1, 20, 10_000]);
  });

  test.each(['0', '-1', '1.5', '10001', '1e3', 'all', ''])('is not %j', (text) => {
    expect(() => rowCount(text)).toThrow('It must be from 1 to 10000.');
  });
});

describe('the speed of a re-render', () => {
  test('is 0, or within what the service plays', () => {
    expect(['0', '0.1', '1', '2.5', '100'].map(replaySpeed)).toEqual([0, 0.1, 1, 2.5, 100]);
  });

  test.each(['0.05', '101', '-1', 'max', '1e1', ''])('is not %j', (text) => {
    expect(() => replaySpeed(text)).toThrow('It must be 0, or from 0.1 to 100.');
  });
});

describe('the id of an event', () => {
  test('is as large as a session makes it', () => {
    expect(['0', '70000000001', '9000001000000000'].map(eventId)).toEqual([0, 70_000_000_001, 9_000_001_000_000_000]);
  });

  test.each(['-1', '1.5', '9999999999999999', '1e9', 'last', ''])('is not %j', (text) => {
    expect(() => eventId(text)).toThrow('It must be the id of an event, as --json prints it.');
  });
});
