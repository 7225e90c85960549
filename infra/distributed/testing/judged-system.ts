import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDbLog } from '@turnledger/shared/adapters/eventstore';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { type Evidence, judge, type Violation } from '@turnledger/shared/testing/history-checker';
import pg from 'pg';
import { chaosClients, chaosScenarios } from '../../chaos/chaos-client.ts';
import { type ChaosModel, startChaosModel } from '../../chaos/chaos-model.ts';
import { gatherFrom } from '../../chaos/gather-evidence.ts';
import { type HistoryRecorder, historyRecorder } from '../../chaos/history-recorder.ts';
import { randomSource } from '../../chaos/random-source.ts';
import { type EventStoreTwin, startEventStoreTwin } from '../../twins/eventstore/event-store-twin.ts';
import { type DistributedOptions, type RunningDistributed, startDistributed } from '../start-distributed.ts';

export interface JudgedSystemOptions {
  readonly instances?: DistributedOptions['instances'];
  readonly env?: DistributedOptions['env'];
  /** In place of the chaos model, whose answers take 50 to 300 ms. */
  readonly model?: ChaosModel;
}

/** A whole distributed Turnledger whose every client, model call and event is looked at. Event store and model are twins in this process. */
export interface JudgedSystem {
  readonly running: RunningDistributed;
  /** Of the engines that the runner started, and of their files. */
  readonly folder: string;
  readonly eventStore: EventStoreTwin;
  readonly recorder: HistoryRecorder;
  readonly clients: ReturnType<typeof chaosClients>;
  /** What a further process of ours needs to belong to it. */
  readonly environment: { readonly [name: string]: string };
  /** What the processes wrote on standard error. */
  readonly said: readonly string[];
  /** SIGKILL, and its end; the death of a worker is told to the judge. */
  kill(name: string): Promise<void>;
  /** Tells the judge of an instant at which workers lost what they had in hand without dying. */
  noteFault(): void;
  /** Waits until the views have reached the head; every turn must have ended. */
  gather(): Promise<Evidence>;
  /** Of a system that nobody plays on any more: what it is still settling it has SETTLING_MS for. */
  judge(): Promise<readonly Violation[]>;
  close(): Promise<void>;
}

/**
 * A worker hears of a cancelled turn within limits.worker.headCheckMs of its ending, and records then what the call has cost: later than a client
 * that was told of the cancellation at once. On a loaded machine each step takes its time.
 */
const SETTLING_MS = 10_000;
const LOOK_MS = 250;

const connectionOf = ({ stores }: RunningDistributed): string =>
  stores.find(({ variable }) => variable === 'DATABASE_URL')?.url ?? '';

const environmentOf = (
  { stores, masterKey }: RunningDistributed,
  given: { readonly [name: string]: string | undefined },
): JudgedSystem['environment'] => {
  const set = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return {
    ...Object.fromEntries(set),
    ...Object.fromEntries(stores.map(({ variable, url }) => [variable, url])),
    TURNLEDGER_MASTER_KEY: masterKey,
  };
};

/** Starts it and publishes the scenarios of the chaos clients. What was started is stopped again when something does not start. */
export async function startJudgedSystem({ instances = {}, env = {}, model: given }: JudgedSystemOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'turnledger-judged-'));
  await chmod(folder, 0o711); // As root PostgreSQL is another user, who must pass.
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const eventStore = await startEventStoreTwin();
    undo.push(() => eventStore.close());
    const model = given ?? (await startChaosModel(randomSource(5)));
    undo.push(() => model.close());
    const said: string[] = [];
    const asking = { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-of-a-test', TURNLEDGER_MODEL: 'twin-1' };
    const running = await startDistributed({
      folder,
      port: 0,
      instances,
      env: {
        EVENTSTORE_URL: eventStore.url,
        ...asking,
        ...env,
      },
      tell: (name, line) => said.push(`${name} | ${line}`),
    });
    undo.push(() => running.stop());
    const clients = chaosClients(async () => running.url);
    await publishScenarios(clients);
    const recorder = historyRecorder();
    const killsAtMs: number[] = [];
    const gather = async (): Promise<Evidence> => {
      const log = new EventStoreDbLog({ url: eventStore.url, prefix: 'turnledger', clock });
      const pool = new pg.Pool({ connectionString: connectionOf(running), max: 2 });
      try {
        const masterKey = Buffer.from(running.masterKey, 'base64');
        const { log: events, live, rebuilt } = await gatherFrom({ log, pool, masterKey });
        const { history } = recorder;
        const workersAtOnce = running.processes.filter(({ service }) => service === 'inference-worker').length;
        return { history, log: events, views: { live, rebuilt }, calls: model.calls, killsAtMs, workersAtOnce };
      } finally {
        await pool.end();
        await log.close();
      }
    };
    const system: JudgedSystem = {
      running,
      folder,
      eventStore,
      recorder,
      clients,
      environment: environmentOf(running, { ...asking, ...env }),
      said,
      async kill(name) {
        const one = running.processes.find((process) => process.name === name);
        if (one?.service === 'inference-worker') killsAtMs.push(clock.nowMs());
        one?.signal('SIGKILL');
        await one?.ended;
      },
      noteFault: () => void killsAtMs.push(clock.nowMs()),
      gather,
      judge: async () => {
        const giveUpAtMs = clock.nowMs() + SETTLING_MS;
        for (;;) {
          const violations = judge(await gather());
          if (violations.length === 0 || clock.nowMs() > giveUpAtMs) return violations;
          await clock.sleep(LOOK_MS);
        }
      },
      close,
    };
    return system;
  } catch (error) {
    await close();
    throw error;
  }
}

const publishScenarios = async ({ steady }: ReturnType<typeof chaosClients>): Promise<void> => {
  for (const { scenarioId, onBusy } of chaosScenarios) {
    await steady.configureModel({
      scenarioId,
      persona: { name: 'Marta Reis', instructions: 'You keep the harbour ledger.' },
      fallbackLines: ['Not now. Somebody is at the door.', 'Ask me tomorrow.'],
      turns: { onBusy },
    });
  }
};
