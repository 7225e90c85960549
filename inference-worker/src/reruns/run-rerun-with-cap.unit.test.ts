import { beforeEach, describe, expect, test } from '@jest/globals';
import { priceTable } from '@turnledger/shared/runtime';
import { FaultyEventLog, publishSample, startSample } from '@turnledger/shared/testing';
import { AnsweringModel } from './testing/answering-model.ts';
import { mortalLog } from './testing/mortal-log.ts';
import { asksOther, RerunStage } from './testing/rerun-stage.ts';

let stage: RerunStage;

beforeEach(() => {
  stage = new RerunStage();
});

describe('the spend cap of a re-run', () => {
  // 40 tokens in and 7 out are reported: 61 micro-dollars. The most that the turns may cost, by 10 tokens of reply, is 52, 71, 90 and 109.
  const prices = new Map([
    [
      'candidate',
      priceTable({ 'other-model': { inputPerMillionUsd: 1, cachedInputPerMillionUsd: 1, outputPerMillionUsd: 3 } }),
    ],
  ]);
  const overrides = { ...asksOther, maxTokens: 10 };

  test('is never passed, and ends the re-run', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 150, concurrency: 3 });
    const state = await stage.run(rerunId, { on: { ...stage.ports, prices } });
    const spent = state.comparisons.reduce((sum, { repeated }) => sum + (repeated.costMicroUsd ?? 0), 0);
    expect(state.status).toBe('spend_cap_reached');
    expect(spent).toBeLessThanOrEqual(150);
    expect(state.comparisons.length).toBeGreaterThan(0);
  });

  test('does not keep turns from being asked that its money is enough for, one after another', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 250, concurrency: 3 });
    expect(await stage.run(rerunId, { on: { ...stage.ports, prices } })).toMatchObject({
      status: 'completed',
      comparisons: [{ repeated: { costMicroUsd: 61 } }, {}, {}],
    });
  });

  /** A run whose process dies when so many calls are under way; the models are let go of afterwards. */
  async function diesWith(rerunId: string, calls: number): Promise<void> {
    const { log: dying, die } = mortalLog(stage.log);
    const crash = new AbortController();
    stage.other.hold();
    const on = { ...stage.portsOver({ log: dying }), prices };
    void stage.run(rerunId, { on, deadline: crash.signal });
    await stage.other.asked.until(calls);
    die();
    crash.abort();
    stage.other.release();
  }

  test('counts what a call may have cost that was lost with its worker', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 200, concurrency: 1 });
    await diesWith(rerunId, 1);
    const state = await stage.run(rerunId, { on: { ...stage.ports, prices } });
    expect(stage.other.asked.all.length * 61).toBeLessThanOrEqual(200);
    expect(state.status).toBe('spend_cap_reached');
  });

  test('counts it again in every later run', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 200, concurrency: 1 });
    await diesWith(rerunId, 1);
    const leaving = new AbortController();
    stage.other.hold();
    const second = stage.run(rerunId, { on: { ...stage.ports, prices }, leaving: leaving.signal });
    await stage.other.asked.until(2);
    leaving.abort();
    stage.other.release();
    expect(await second).toMatchObject({ status: 'running', comparisons: [{}] });
    const state = await stage.run(rerunId, { on: { ...stage.ports, prices } });
    expect(stage.other.asked.all.length * 61).toBeLessThanOrEqual(200);
    expect(state.status).toBe('spend_cap_reached');
  });

  test('counts what was under way when a process died before anything else is asked', async () => {
    const sessionId = await stage.recorded();
    await stage.play(sessionId, 'And once more.');
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 340, concurrency: 4 });
    await diesWith(rerunId, 4);
    const state = await stage.run(rerunId, { on: { ...stage.ports, prices } });
    expect(stage.other.asked.all).toHaveLength(4);
    expect(state.status).toBe('spend_cap_reached');
  });

  test('is not used up by a claim that the log did not take', async () => {
    await publishSample(stage.played);
    const sessionId = await startSample(stage.played);
    await stage.play(sessionId, 'Who goes there?');
    const faulty = new FaultyEventLog(stage.log);
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 100, concurrency: 1 });
    // Session and request are taken; the claim is contended until the runner tries it anew, twice.
    faulty.onNextAppends(
      async () => {},
      async () => {},
      ...Array.from({ length: 6 }, () => 'conflict' as const),
    );
    const on = { ...stage.portsOver({ log: faulty }), prices };
    expect(await stage.run(rerunId, { on })).toMatchObject({ status: 'completed' });
  });

  test('shows a turn that has no money left for another attempt as failed, with what it cost', async () => {
    const usage = { input: 40, cached: 0, output: 7, reasoning: 0 };
    const failing = new AnsweringModel('other-model', () => [{ kind: 'failed', code: 'model_server_error', usage }]);
    stage = new RerunStage({ other: failing });
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 100, concurrency: 1 });
    expect(await stage.run(rerunId, { on: { ...stage.ports, prices } })).toMatchObject({
      status: 'spend_cap_reached',
      comparisons: [{ outcome: 'failed', repeated: { attempts: 1, costMicroUsd: 61 } }],
    });
  });

  test('lets nothing be asked after a cancellation that has waited for money', async () => {
    const sessionId = await stage.recorded();
    stage.other.hold();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 212, concurrency: 3 });
    const running = stage.run(rerunId, { on: { ...stage.ports, prices } });
    await stage.other.asked.until(2);
    await stage.cancel(rerunId);
    const asked = stage.other.asked.all.length;
    stage.other.release();
    expect((await running).status).toBe('cancelled');
    expect(stage.other.asked.all).toHaveLength(asked);
  });

  test('lets nothing be asked that has waited for money when the process leaves', async () => {
    const sessionId = await stage.recorded();
    const leaving = new AbortController();
    stage.other.hold();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 212, concurrency: 3 });
    const running = stage.run(rerunId, { on: { ...stage.ports, prices }, leaving: leaving.signal });
    await stage.other.asked.until(2);
    leaving.abort();
    const asked = stage.other.asked.all.length;
    stage.other.release();
    expect(await running).toMatchObject({ status: 'running' });
    expect(stage.other.asked.all).toHaveLength(asked);
  });

  test('cannot be kept without a price', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides, spendCapMicroUsd: 250 });
    expect(await stage.run(rerunId)).toMatchObject({ status: 'failed', code: 'price_unknown', comparisons: [] });
  });
});
