import { describe, expect, test } from '@jest/globals';
import {
  eventId,
  microUsd,
  modelPlace,
  numberFrom,
  replaySpeed,
  rowCount,
  versionNumber,
  wholeNumberFrom,
} from './flag-values.ts';

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

describe('a number', () => {
  test('is within its bounds', () => {
    expect(['0', '0.25', '2'].map(numberFrom(0, 2))).toEqual([0, 0.25, 2]);
    expect(['1', '32'].map(wholeNumberFrom(1, 32))).toEqual([1, 32]);
  });

  test.each(['-1', '2.1', '1e0', ' 1', ''])('is not %j', (text) => {
    expect(() => numberFrom(0, 2)(text)).toThrow('It must be from 0 to 2.');
  });

  test.each(['0', '33', '1.5', ''])('that is whole is not %j', (text) => {
    expect(() => wholeNumberFrom(1, 32)(text)).toThrow('It must be a whole number from 1 to 32.');
  });
});

describe('dollars', () => {
  test('are millionths, exactly', () => {
    expect(['0', '0.000001', '2.50', '1.1', '1000000'].map(microUsd)).toEqual([
      0, 1, 2_500_000, 1_100_000, 1_000_000_000_000,
    ]);
  });

  test.each(['1000000.1', '-1', '0.0000001', '$2', ''])('are not %j', (text) => {
    expect(() => microUsd(text)).toThrow('It must be dollars from 0 to 1000000, as 2.50.');
  });
});

describe('a model', () => {
  test.each([
    ['gpt-4o@fast', { name: 'gpt-4o', endpoint: 'fast' }],
    ['@candidate', { endpoint: 'candidate' }],
    ['org/m@1@fast', { name: 'org/m@1', endpoint: 'fast' }],
    ['gpt-4o', { name: 'gpt-4o' }],
  ])('is named by %j as %j', (text, place) => {
    expect(modelPlace(text)).toEqual(place);
  });

  test.each(['', '@', 'gpt-4o@', 'gpt-4o@Fast'])('is not named by %j', (text) => {
    expect(() => modelPlace(text)).toThrow('It must be a name, a name@endpoint or an @endpoint.');
  });
});

test('a version is a number from 1 on', () => {
  expect(versionNumber('12')).toBe(12);
  expect(() => versionNumber('0')).toThrow('It must be the number of a version.');
});
