import { beforeEach, describe, expect, it } from '@jest/globals';
import { TurnTraces } from './turn-traces.ts';

let traces: TurnTraces;
beforeEach(() => {
  traces = new TurnTraces();
});

const note = (type: string, data: object, loggedAtMs = 0) =>
  traces.note({
    type,
    data: JSON.stringify(data),
    metadata: { recordedAt: new Date(loggedAtMs - 2).toISOString() },
    loggedAtMs,
  });

describe('TurnTraces', () => {
  it('follows a turn from its request to its end', () => {
    note('TurnRequested', { turnId: 't-1' }, 1_000);
    note('TurnStarted', { turnId: 't-1', calls: [{}] }, 1_010);
    note('TurnCompleted', { turnId: 't-1', durationMs: 3 }, 1_020);
    expect(traces.traceOf('t-1')).toEqual({
      requested: { recordedAtMs: 998, loggedAtMs: 1_000 },
      started: { recordedAtMs: 1_008, loggedAtMs: 1_010 },
      starts: 1,
      completed: { recordedAtMs: 1_018, loggedAtMs: 1_020 },
      modelMs: 3,
    });
  });

  it('counts events, calls that claims list, and different turns', () => {
    note('TurnRequested', { turnId: 't-1' });
    note('TurnRequested', { turnId: 't-1' });
    note('TurnStarted', { turnId: 't-1', calls: [{}, {}] });
    note('TurnStarted', { turnId: 't-1', calls: [{}] });
    note('TurnCompleted', { turnId: 't-1' });
    expect(traces.counts).toEqual({ requested: 2, distinct: 1, started: 2, listedCalls: 3, completed: 1 });
    expect(traces.traceOf('t-1')?.starts).toBe(2);
  });

  it('passes other events without reading them', () => {
    traces.note({ type: 'SessionStarted', data: 'no JSON', metadata: {}, loggedAtMs: 0 });
    expect(traces.counts).toEqual({ requested: 0, distinct: 0, started: 0, listedCalls: 0, completed: 0 });
  });
});
