import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { scenarioStream } from '@turnledger/shared/contracts';
import { type GateThresholds, openGate, type RerunState } from '@turnledger/shared/domain';
import type { EventLog } from '@turnledger/shared/ports';
import { Arrivals, publishSample } from '@turnledger/shared/testing';
import { context, RerunStage } from './testing/rerun-stage.ts';

let stage: RerunStage;

beforeEach(() => {
  stage = new RerunStage();
});

describe('the gate of a re-run', () => {
  const persona = { name: 'Troll', instructions: 'Let everybody pass.' };

  async function gated(thresholds: GateThresholds): Promise<{ promoted: number; state: RerunState }> {
    const sessionId = await stage.recorded();
    const rerunId = ids.uuid();
    const command = { version: 2, rerunId, thresholds };
    await publishSample(stage.played, { persona }, 'tavern', false);
    await stage.ports.ledger.scenarios.transact(scenarioStream('tavern'), (state) => openGate(command, state), {
      context,
    });
    const state = await stage.run(
      await stage.ask([sessionId], { overrides: { scenarioVersion: 2 }, gateVersion: 2 }, rerunId),
    );
    const { promotedVersion } = await stage.ports.ledger.scenarios.load(scenarioStream('tavern'));
    return { promoted: promotedVersion, state };
  }

  test('promotes the version where its thresholds are met', async () => {
    expect(await gated({ minTurns: 3, maxFailedRate: 0 })).toMatchObject({
      promoted: 2,
      state: { status: 'completed' },
    });
  });

  test('holds it back where one is not, and says which', async () => {
    expect((await gated({ minTurns: 4 })).promoted).toBe(1);
    const { gates } = await stage.ports.ledger.scenarios.load(scenarioStream('tavern'));
    expect(gates).toMatchObject([{ outcome: 'failed', missed: [{ threshold: 'minTurns', limit: 4, measured: 3 }] }]);
  });

  test('promotes its version once, though the process dies before the re-run is recorded as over', async () => {
    const sessionId = await stage.recorded();
    const rerunId = ids.uuid();
    await publishSample(stage.played, { persona }, 'tavern', false);
    const stream = scenarioStream('tavern');
    const command = { version: 2, rerunId, thresholds: { minTurns: 3 } };
    await stage.ports.ledger.scenarios.transact(stream, (state) => openGate(command, state), { context });
    await stage.ask([sessionId], { overrides: { scenarioVersion: 2 }, gateVersion: 2 }, rerunId);
    const { log } = stage;
    const died = new Arrivals<string>();
    const dying: EventLog = Object.create(log, {
      append: {
        value: (...asked: Parameters<EventLog['append']>) => {
          if (asked[2][0]?.type !== 'RerunFinished') return log.append(...asked);
          died.add(asked[0]);
          return new Promise(() => {});
        },
      },
      readStream: { value: log.readStream.bind(log) },
      readHead: { value: log.readHead.bind(log) },
    });
    void stage.run(rerunId, { on: stage.portsOver({ log: dying }) });
    await died.until(1);
    expect(await stage.ports.ledger.scenarios.load(stream)).toMatchObject({ promotedVersion: 2 });
    // Somebody publishes the next one meanwhile: what comes after must not take it back.
    await publishSample(stage.played, { persona: { ...persona, instructions: 'Let nobody pass.' } });
    expect(await stage.run(rerunId)).toMatchObject({ status: 'completed' });
    expect(await stage.ports.ledger.scenarios.load(stream)).toMatchObject({
      promotedVersion: 3,
      gates: [{ outcome: 'passed' }],
    });
  });

  test('that was given up is spent no money for', async () => {
    const sessionId = await stage.recorded();
    await publishSample(stage.played, { persona }, 'tavern', false);
    const rerunId = ids.uuid();
    for (const gate of [{ rerunId }, { rerunId: ids.uuid(), abandonedRerunId: rerunId }]) {
      const command = { version: 2, thresholds: { minTurns: 1 }, ...gate };
      await stage.ports.ledger.scenarios.transact(scenarioStream('tavern'), (state) => openGate(command, state), {
        context,
      });
    }
    const before = stage.main.asked.all.length;
    const state = await stage.run(
      await stage.ask([sessionId], { overrides: { scenarioVersion: 2 }, gateVersion: 2 }, rerunId),
    );
    expect(state).toMatchObject({ status: 'failed', code: 'gate_abandoned', comparisons: [] });
    expect(stage.main.asked.all).toHaveLength(before);
  });
});
