import { beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { limits } from '../../contracts/index.ts';
import type { SessionEvent } from '../../domain/index.ts';
import { metricSamples } from '../../testing/metric-samples.ts';
import {
  sampleAttemptFailed,
  sampleCancelled,
  sampleClaimed,
  sampleCompleted,
  sampleFailed,
  sampleRequested,
  sampleSettled,
  sampleTimedOut,
} from '../../testing/sample-events.ts';
import { type CountEvent, turnMetrics } from './turn-metrics.ts';

const START_MS = Date.UTC(2026, 0, 1);

let registry: Registry;
let count: CountEvent;

beforeEach(() => {
  registry = new Registry();
  count = turnMetrics(registry);
});

/** What is sealed in them is not looked at, so that samples in the clear will do. */
const tell = (...events: readonly (readonly [SessionEvent<'plain'>, number])[]) => {
  for (const [event, atMs] of events) count(event as unknown as SessionEvent<'sealed'>, START_MS + atMs);
};
const samples = async () => metricSamples(await registry.metrics());
const [call] = sampleClaimed().data.calls;
const labels = `endpoint="${call?.endpoint}",model="${call?.model}"`;

describe('a completed turn', () => {
  beforeEach(() =>
    tell(
      [sampleRequested(), 0],
      [sampleClaimed(), 10],
      [sampleCompleted({ ttftMs: 400, durationMs: 1_000, costMicroUsd: 250 }), 1_020],
    ),
  );

  test('counts under its ending and its finish reason', async () => {
    expect(await samples()).toMatchObject({
      turnledger_turns_requested_total: 1,
      'turnledger_turns_total{status="completed",reason="stop"}': 1,
      turnledger_turn_attempts_sum: 1,
    });
  });

  test('took the time between its records, of which the call is not ours', async () => {
    const seen = await samples();
    expect(seen['turnledger_turn_duration_seconds_sum{status="completed"}']).toBeCloseTo(1.02);
    expect(seen.turnledger_turn_overhead_seconds_sum).toBeCloseTo(0.02);
  });

  test('has a call with its times, tokens and cost', async () => {
    const { usage } = sampleCompleted().data;
    expect(await samples()).toMatchObject({
      [`turnledger_model_calls_started_total{${labels}}`]: 1,
      [`turnledger_model_calls_total{${labels},outcome="completed"}`]: 1,
      [`turnledger_model_first_token_seconds_sum{${labels}}`]: 0.4,
      [`turnledger_model_call_duration_seconds_sum{${labels}}`]: 1,
      [`turnledger_model_tokens_total{${labels},kind="input"}`]: usage.input,
      [`turnledger_model_tokens_total{${labels},kind="output"}`]: usage.output,
      [`turnledger_model_cost_usd_total{${labels}}`]: 0.00025,
    });
  });
});

describe('the other endings', () => {
  test.each<[string, SessionEvent<'plain'>, string]>([
    ['failed', sampleFailed({ code: 'model_overloaded' }), 'model_overloaded'],
    ['cancelled', sampleCancelled({ reason: 'superseded' }), 'superseded'],
    ['timed_out', sampleTimedOut({ phase: 'first_token' }), 'first_token'],
  ])('%s is counted with its reason', async (status, event, reason) => {
    tell([sampleRequested(), 0], [event, 3_000]);
    expect(await samples()).toMatchObject({
      [`turnledger_turns_total{status="${status}",reason="${reason}"}`]: 1,
      [`turnledger_turn_duration_seconds_sum{status="${status}"}`]: 3,
    });
  });
});

describe('attempts', () => {
  test('a failed one counts under its code, with what it cost; the failure of the turn repeats neither', async () => {
    const usage = { input: 7, cached: 0, output: 2, reasoning: 0, source: 'reported' } as const;
    tell(
      [sampleRequested(), 0],
      [sampleClaimed(), 1],
      [sampleAttemptFailed({ usage, costMicroUsd: 90 }), 2],
      [sampleFailed({ usage, costMicroUsd: 90 }), 2],
    );
    expect(await samples()).toMatchObject({
      [`turnledger_model_calls_total{${labels},outcome="model_overloaded"}`]: 1,
      [`turnledger_model_tokens_total{${labels},kind="input"}`]: 7,
      [`turnledger_model_cost_usd_total{${labels}}`]: 0.00009,
    });
  });

  test('a result that came after the ending is late, and still paid', async () => {
    tell(
      [sampleRequested(), 0],
      [sampleClaimed(), 1],
      [sampleCancelled({ attempt: 1 }), 2],
      [sampleSettled({ outcome: 'late', costMicroUsd: 40 }), 3],
    );
    expect(await samples()).toMatchObject({
      [`turnledger_model_calls_total{${labels},outcome="late"}`]: 1,
      [`turnledger_model_cost_usd_total{${labels}}`]: 0.00004,
    });
  });

  test('what a second attempt waited for is no overhead of ours to tell', async () => {
    tell([sampleRequested(), 0], [sampleClaimed({ attempt: 2 }), 1], [sampleCompleted({ attempt: 2 }), 2]);
    expect(await samples()).toMatchObject({
      turnledger_turn_overhead_seconds_count: 0,
      turnledger_turn_attempts_sum: 2,
    });
  });
});

describe('what is not known', () => {
  test('a turn that began before this process counts without its duration and its call', async () => {
    tell([sampleCompleted(), 0]);
    const seen = await samples();
    expect(seen['turnledger_turns_total{status="completed",reason="stop"}']).toBe(1);
    expect(seen['turnledger_turn_duration_seconds_count{status="completed"}']).toBeUndefined();
    expect(seen['turnledger_model_calls_total{endpoint="unknown",model="unknown",outcome="completed"}']).toBe(1);
  });

  test('models past the limit share one name, so that scenarios cannot fill the memory', async () => {
    const [planned] = sampleClaimed().data.calls;
    const names = Array.from({ length: limits.metrics.maxModelNames + 5 }, (_, index) => `model-${index}`);
    for (const model of names) if (planned) tell([sampleClaimed({ calls: [{ ...planned, model }] }), 0]);
    const started = Object.entries(await samples()).filter(([name]) =>
      name.startsWith('turnledger_model_calls_started'),
    );
    expect(started).toHaveLength(limits.metrics.maxModelNames + 1);
    expect(started.find(([name]) => name.includes('model="other"'))?.[1]).toBe(5);
  });
});

test('no label holds an id', async () => {
  tell([sampleRequested(), 0], [sampleClaimed(), 1], [sampleAttemptFailed(), 2], [sampleFailed(), 3]);
  expect(await registry.metrics()).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
});
