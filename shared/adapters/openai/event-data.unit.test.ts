import { describe, expect, test } from '@jest/globals';
import { eventData } from './event-data.ts';

const dataOf = (frames: string) => [...eventData(frames)];

describe('eventData', () => {
  test('gives the data of each event in order', () => {
    expect(dataOf('data: one\n\ndata:two\n\n')).toEqual(['one', 'two']);
  });

  test('joins the data lines of an event and takes one blank off each', () => {
    expect(dataOf('data: {\ndata:  "a": 1\ndata\n\n')).toEqual(['{\n "a": 1\n']);
  });

  test('takes lines that end with CRLF', () => {
    expect(dataOf('data: one\r\n\r\ndata: two\r\n\r\n')).toEqual(['one', 'two']);
  });

  test('skips comments, names, ids and events without data', () => {
    expect(dataOf(': drip\n\nevent: ping\nid: 7\n\nevent: x\ndata: one\n\ndatabase: no\n\n')).toEqual(['one']);
  });

  test('leaves out an event that has not ended', () => {
    expect(dataOf('data: one\n\ndata: tw')).toEqual(['one']);
  });
});
