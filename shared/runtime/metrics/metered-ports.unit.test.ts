import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { MemoryEventLog, MemoryTurnQueue } from '../../adapters/memory/index.ts';
import type { RecordedEvent, TurnMessage } from '../../ports/index.ts';
import { encodedEvent, freshStream } from '../../testing/encoded-events.ts';
import { FaultyEventLog } from '../../testing/faulty-event-log.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { metricSamples } from '../../testing/metric-samples.ts';
import { sampleIds } from '../../testing/sample-commands.ts';
import { countEvents } from './count-events.ts';
import { meteredLog } from './log-metrics.ts';
import { type BatchLoop, loopMetrics } from './loop-metrics.ts';
import { createMetrics } from './metrics.ts';
import { meteredQueue } from './queue-metrics.ts';

let registry: Registry;
let clock: ManualClock;
let log: FaultyEventLog;

beforeEach(() => {
  registry = new Registry();
  clock = new ManualClock();
  log = new FaultyEventLog(new MemoryEventLog({ clock }));
});
afterEach(() => log.close());

const samples = async () => metricSamples(await registry.metrics());

describe('meteredLog', () => {
  test('counts appends by their outcome, and answers what the log answers', async () => {
    const metered = meteredLog(registry, clock, log);
    log.onNextAppends('unknown_written', 'conflict');
    const append = () => metered.append(freshStream(), 'no_stream', [encodedEvent()]);
    const outcomes = [await append(), await append(), await append()].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['unknown', 'conflict', 'ok']);
    expect(await samples()).toMatchObject({
      'turnledger_log_append_duration_seconds_count{outcome="unknown"}': 1,
      'turnledger_log_append_duration_seconds_count{outcome="conflict"}': 1,
      'turnledger_log_append_duration_seconds_count{outcome="ok"}': 1,
      'turnledger_log_append_duration_seconds_count{outcome="rejected"}': 0,
    });
  });

  test('shows the head, and nothing in its place while the log does not answer', async () => {
    const metered = meteredLog(registry, clock, log);
    await metered.append(freshStream(), 'no_stream', [encodedEvent()]);
    expect((await samples()).turnledger_log_head_position).toBe(Number(await log.headPosition()));
    log.headPosition = () => Promise.reject(new TypeError('a planted fault'));
    expect(await samples()).not.toHaveProperty('turnledger_log_head_position');
  });
});

describe('meteredQueue', () => {
  const message = (turnId: string, kind: TurnMessage['kind'] = 'requested'): TurnMessage => ({
    kind,
    turnId,
    sessionId: 'session',
    requestedAtMs: clock.nowMs(),
    deadlineMs: 30_000,
    correlationId: 'c',
  });

  test('a turn is open from its request to its ending, however often either is told', async () => {
    const queue = meteredQueue(registry, clock, new MemoryTurnQueue({ onError: () => {} }));
    await queue.enqueue([message('one'), message('two'), message('one')]);
    expect(await samples()).toMatchObject({ turnledger_open_turns: 2, turnledger_queue_depth: queue.depth() });
    await queue.enqueue([message('one', 'ended'), message('one', 'ended')]);
    expect((await samples()).turnledger_open_turns).toBe(1);
  });

  test('a turn waited from its request to its worker', async () => {
    const queue = meteredQueue(registry, clock, new MemoryTurnQueue({ onError: () => {} }));
    await queue.enqueue([message('one')]);
    await clock.advanceBy(40);
    const stop = new AbortController();
    const taken: string[] = [];
    await queue.consume({
      concurrency: 1,
      signal: stop.signal,
      onEnded: () => {},
      onRequested: async ({ turnId }) => {
        taken.push(turnId);
        stop.abort();
      },
    });
    expect(taken).toEqual(['one']);
    expect(await samples()).toMatchObject({ turnledger_queue_wait_seconds_sum: 0.04 });
  });

  test.each([
    ['giving', ['turnledger_open_turns']],
    ['taking', ['turnledger_queue_depth', 'turnledger_queue_wait_seconds_count']],
  ] as const)('a process that is %s turns shows %j alone: the other half is another process’s', async (end, shown) => {
    meteredQueue(registry, clock, new MemoryTurnQueue({ onError: () => {} }), end);
    const all = ['turnledger_open_turns', 'turnledger_queue_depth', 'turnledger_queue_wait_seconds_count'];
    const names = Object.keys(await samples());
    expect(all.filter((name) => names.includes(name))).toEqual(shown);
  });
});

describe('countEvents', () => {
  const cancelled = (changes: Partial<RecordedEvent> = {}): RecordedEvent => ({
    ...encodedEvent({
      type: 'TurnCancelled',
      data: JSON.stringify({ turnId: sampleIds.turn, by: 'game', reason: 'requested' }),
    }),
    stream: freshStream(),
    revision: 1,
    position: 1n,
    loggedAtMs: 5,
    ...changes,
  });

  test('reads what sessions recorded, and passes over what it cannot read and what is of no session', () => {
    const counted: string[] = [];
    const count = countEvents(({ type }, atMs) => counted.push(`${type} ${atMs}`));
    count([
      cancelled(),
      cancelled({ type: 'TurnDreamt' }),
      cancelled({ stream: 'scenario-x' }),
      cancelled({ stream: `rerunsession-${sampleIds.rerunSession}` }),
      cancelled({ data: '{' }),
    ]);
    expect(counted).toEqual(['TurnCancelled 5']);
  });
});

test('only an operator is shown the figures', () => {
  expect(createMetrics(clock).route.access).toEqual(['operator']);
});

describe('loopMetrics', () => {
  const { signal } = new AbortController();
  const event = (position: bigint): RecordedEvent => ({
    ...encodedEvent(),
    stream: 'session-x',
    revision: 0,
    position,
    loggedAtMs: clock.nowMs(),
  });

  const loopOf = (name: string, apply: BatchLoop['apply']): BatchLoop => ({ name, apply });

  test('tells of each event once, also when its batch fails and is read again with others', async () => {
    let fails = true;
    const seen: bigint[] = [];
    const loop = loopMetrics(registry, clock)(
      loopOf('relay', async () => (fails ? Promise.reject(new TypeError('a planted fault')) : undefined)),
      (events) => seen.push(...events.map(({ position }) => position)),
    );
    await expect(loop.apply([event(3n), event(4n)], 4n, signal)).rejects.toThrow(TypeError);
    fails = false;
    await loop.apply([event(3n), event(4n), event(6n)], 6n, signal);
    expect(seen).toEqual([3n, 4n, 6n]);
    expect((await samples())['turnledger_projector_position{projector="relay"}']).toBe(6);
  });

  test('is behind by the age of what it has in hand, until that is done', async () => {
    let finish: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const loop = loopMetrics(registry, clock)(loopOf('read-models', () => held));
    const lag = async () => (await samples())['turnledger_projector_lag_seconds{projector="read-models"}'];
    expect(await lag()).toBe(0);
    const applying = loop.apply([event(1n)], 1n, signal);
    await clock.advanceBy(1_500);
    expect(await lag()).toBe(1.5);
    finish();
    await applying;
    expect(await lag()).toBe(0);
    expect((await samples())['turnledger_projection_delay_seconds_sum{projector="read-models"}']).toBe(1.5);
  });

  test('stays behind while its batch fails', async () => {
    const loop = loopMetrics(registry, clock)(loopOf('relay', () => Promise.reject(new TypeError('no'))));
    await expect(loop.apply([event(1n)], 1n, signal)).rejects.toThrow(TypeError);
    await clock.advanceBy(2_000);
    expect((await samples())['turnledger_projector_lag_seconds{projector="relay"}']).toBe(2);
  });

  test('keeps the rest of a projector as it is', () => {
    const projector = { name: 'relay', gatherMs: 10, apply: async () => {} };
    expect(loopMetrics(registry, clock)(projector).gatherMs).toBe(10);
  });
});
