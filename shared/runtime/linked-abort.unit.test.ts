import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { linkedAbort } from './linked-abort.ts';

describe('linkedAbort', () => {
  test('aborts with any of its sources', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const link = linkedAbort(first.signal, second.signal);
    expect(link.signal.aborted).toBe(false);
    second.abort();
    expect(link.signal.aborted).toBe(true);
  });

  test('is aborted from the start by a source that is', () => {
    expect(linkedAbort(AbortSignal.abort()).signal.aborted).toBe(true);
  });

  test('aborts by itself and leaves its sources alone', () => {
    const source = new AbortController();
    const link = linkedAbort(source.signal);
    link.abort();
    expect(link.signal.aborted).toBe(true);
    expect(source.signal.aborted).toBe(false);
  });

  test('leaves nothing on a source that outlives it, whoever aborted', () => {
    const [early, late] = [new AbortController(), new AbortController()];
    linkedAbort(late.signal).abort();
    linkedAbort(early.signal, late.signal);
    early.abort();
    expect(getEventListeners(late.signal, 'abort')).toHaveLength(0);
  });
});
