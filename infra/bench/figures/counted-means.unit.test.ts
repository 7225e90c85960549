import { describe, expect, it } from '@jest/globals';
import { countedMeans } from './counted-means.ts';

const worker = (seconds: number, count: number): string =>
  `turnledger_queue_wait_seconds_sum ${seconds}\nturnledger_queue_wait_seconds_count ${count}\n`;
const api = (route: string, seconds: number): string =>
  `turnledger_http_request_duration_seconds_sum{route="${route}",method="POST"} ${seconds}\n` +
  `turnledger_http_request_duration_seconds_count{route="${route}",method="POST"} 1\n`;

describe('countedMeans', () => {
  it('is what was added between two looks, over how often', () => {
    const before = new Map([['inference-worker', worker(10, 100)]]);
    const after = new Map([['inference-worker', worker(10.04, 120)]]);
    expect(countedMeans(before, after).taken).toBeCloseTo(2);
  });

  it('begins at nothing for a series that was not there, and leaves other routes out', () => {
    const after = new Map([['command-api', api('/v1/sessions/:session_id/turns', 0.015) + api('/v1/sessions', 9)]]);
    expect(countedMeans(new Map([['command-api', '']]), after).request).toBeCloseTo(15);
  });

  it('has no number where nothing was counted', () => {
    const same = new Map([['inference-worker', worker(10, 100)]]);
    expect(countedMeans(same, same).taken).toBeNaN();
    expect(countedMeans(new Map(), new Map()).workerAppend).toBeNaN();
  });
});
