import { describe, expect, it } from '@jest/globals';
import { busyShare, type SeenCall } from './busy-share.ts';

const call = (beganAtMs: number, endedAtMs: number, lane = String(beganAtMs)): SeenCall => ({
  beganAtMs,
  endedAtMs,
  lane,
});

describe('busyShare', () => {
  it('is all of it when each call follows at once', () => {
    const calls = [call(0, 100), call(100, 200), call(200, 300)];
    expect(busyShare(calls, 1, 100)).toEqual({ windowMs: 200, calls: 2, share: 1, shareOfSet: 1, emptyMs: 0 });
  });

  it('ends where fewer calls are left than there are places', () => {
    const calls = [call(0, 80), call(1, 81), call(100, 180), call(101, 181), call(200, 900)];
    // With the call at 101 one is left for two places; of the one at 100 a millisecond lies before that.
    const { windowMs, share, calls: begun, emptyMs } = busyShare(calls, 2, 80);
    expect([windowMs, begun]).toEqual([101, 3]);
    expect(share).toBeCloseTo((80 + 80 + 1) / 202);
    expect(emptyMs).toBeCloseTo((202 - 161) / 3);
  });

  it('counts lanes, not calls, where calls follow one another', () => {
    const calls = [call(0, 50, 'a'), call(50, 100, 'a'), call(100, 150, 'b'), call(150, 200, 'b')];
    expect(busyShare(calls, 1, 50)).toMatchObject({ windowMs: 100, calls: 2, share: 1 });
  });

  it('leaves out what a call took longer than it was told to', () => {
    expect(busyShare([call(0, 100), call(100, 200)], 1, 60)).toMatchObject({ share: 1, shareOfSet: 0.6 });
  });

  it('is no number when there never was work for all places', () => {
    expect(busyShare([call(0, 100)], 2, 100).share).toBeNaN();
  });
});
