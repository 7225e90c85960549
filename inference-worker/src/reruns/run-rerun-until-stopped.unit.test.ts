import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { rerunStream, TurnledgerError } from '@turnledger/shared/contracts';
import { finishRerun, turnsToRepeat } from '@turnledger/shared/domain';
import { silentLog } from '@turnledger/shared/runtime';
import { publishSample, startSample } from '@turnledger/shared/testing';
import { FencedCalls } from '../fenced-calls.ts';
import { repeatRecordedTurn } from './repeat-turn.ts';
import { rerunSessionIdOf } from './rerun-ids.ts';
import { rerunLanes } from './rerun-lanes.ts';
import { SpendBudget } from './spend-budget.ts';
import { asksOther, context, neverAborts, RerunStage } from './testing/rerun-stage.ts';

let stage: RerunStage;

beforeEach(() => {
  stage = new RerunStage();
});

describe('what a re-run asks at once, and no more', () => {
  test('asks no more turns at once than it may, and as many as it may', async () => {
    await publishSample(stage.played);
    const sessions = [];
    for (let count = 0; count < 3; count += 1) {
      const sessionId = await startSample(stage.played);
      await stage.play(sessionId, 'One.', 'Two.');
      sessions.push(sessionId);
    }
    stage.other.hold();
    const running = stage.run(await stage.ask(sessions, { overrides: asksOther, concurrency: 4 }));
    await stage.other.asked.until(4);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(stage.other.asked.all).toHaveLength(4);
    stage.other.release();
    expect((await running).comparisons).toHaveLength(6);
  });

  test('asks nothing further once it is cancelled, and compares what was under way', async () => {
    const sessionId = await stage.recorded();
    stage.other.hold();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const running = stage.run(rerunId);
    await stage.other.asked.until(1);
    await stage.cancel(rerunId);
    stage.other.release();
    const state = await running;
    expect(state.status).toBe('cancelled');
    expect(state.comparisons.length).toBeLessThan(3);
    expect(stage.other.asked.all).toHaveLength(state.comparisons.length);
  });

  test('makes a turn ready while another is asked, and does not ask it once it is cancelled', async () => {
    const sessionId = await stage.recorded();
    stage.other.hold();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const running = stage.run(rerunId);
    await stage.other.asked.until(1);
    const state = await stage.stateOf(sessionId);
    const [, second] = turnsToRepeat(state, state.history?.turnId ?? '');
    const place = { rerunId, sourceSessionId: sessionId, sourceTurnId: second?.turnId ?? '' };
    while ((await stage.stateOf(rerunSessionIdOf(place))).openTurnId === undefined)
      await new Promise<void>((resolve) => setImmediate(resolve));
    await stage.cancel(rerunId);
    stage.other.release();
    expect(await running).toMatchObject({ status: 'cancelled', comparisons: [{ position: 1 }] });
    expect(stage.other.asked.all).toHaveLength(1);
  });

  test('takes nothing off a turn’s time for what it waits to be asked', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther });
    const run = { rerunId, worker: ids.uuid(), leaving: neverAborts(), deadline: neverAborts() };
    let lateMs = 0;
    const on = { ...stage.ports, clock: { ...clock, nowMs: () => clock.nowMs() + lateMs } };
    const kit = {
      ports: on,
      run,
      budget: new SpendBudget(undefined, 0),
      calls: new FencedCalls({ clock, log: silentLog, worker: run.worker }),
      standing: async () => 'running' as const,
      takePlace: async () => {
        lateMs += 3_600_000;
        return () => {};
      },
    };
    const { request } = await stage.stateOfRerun(rerunId);
    if (!request) throw new TurnledgerError('rerun_not_found');
    const [repeated] = (await rerunLanes(on, rerunId, request, new Set()).next()).value ?? [];
    if (!repeated) throw new TurnledgerError('rerun_empty');
    expect(await repeatRecordedTurn(kit, repeated)).toMatchObject({ outcome: 'completed' });
  });

  test('lets turns under way end when it is to leave, and begins no other', async () => {
    const sessionId = await stage.recorded();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const leaving = new AbortController();
    stage.other.hold();
    const running = stage.run(rerunId, { leaving: leaving.signal });
    await stage.other.asked.until(1);
    leaving.abort();
    stage.other.release();
    expect(await running).toMatchObject({ status: 'running', comparisons: [{ outcome: 'completed' }] });
  });

  test('asks nothing further of a re-run that somebody else has finished', async () => {
    const sessionId = await stage.recorded();
    stage.other.hold();
    const rerunId = await stage.ask([sessionId], { overrides: asksOther, concurrency: 1 });
    const running = stage.run(rerunId);
    await stage.other.asked.until(1);
    const ending = { outcome: 'failed', code: 'model_unavailable' } as const;
    await stage.ports.ledger.reruns.transact(rerunStream(rerunId), (state) => finishRerun(ending, state), { context });
    stage.other.release();
    await running;
    expect(stage.other.asked.all).toHaveLength(1);
  });
});
