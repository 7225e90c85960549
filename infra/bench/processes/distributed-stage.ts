import { chmod, mkdir, rm } from 'node:fs/promises';
import { type RunningDistributed, startDistributed } from '../../distributed/start-distributed.ts';
import type { LoadFigures, LoadPlan, LoadTarget } from '../load/load-plan.ts';
import { publishScenario, SCENARIO_ID } from './bench-scenario.ts';
import { type FamilyCost, familyCosts } from './family-costs.ts';
import { startLoadTools } from './load-tools.ts';
import { freshDataDir } from './start-service.ts';
import type { TwinCount } from './twin-process.ts';

/** One process that takes part: ours, an engine's, or a tool of the benchmark. */
export interface Member {
  readonly name: string;
  readonly kind: 'service' | 'engine' | 'tool';
  readonly pid: number;
  /** Of its own address; of services alone. */
  readonly url?: string;
}

/** The topology of docker-compose.yml on new stores, one process of each, with model twin and load generator beside it. */
export interface DistributedStage {
  readonly running: RunningDistributed;
  readonly members: readonly Member[];
  readonly targets: {
    /** The command-api itself. */
    readonly direct: LoadTarget;
    readonly edge: LoadTarget;
    readonly model: LoadTarget;
  };
  /** Begins the names of its streams. */
  readonly streamPrefix: string;
  /** What its stores are, one line each. */
  readonly stores: readonly string[];
  play(plan: LoadPlan): Promise<LoadFigures>;
  twin(): Promise<TwinCount>;
  /** What every member costs now, in their order. */
  costs(): Promise<readonly FamilyCost[]>;
  /** Ends all of them and removes the data. */
  close(): Promise<void>;
}

const storeNames: { readonly [variable: string]: string } = {
  EVENTSTORE_URL: 'event-store twin',
  DATABASE_URL: 'PostgreSQL',
  REDIS_URL: 'Redis',
  KAFKA_BROKERS: 'Kafka',
};
/** The services' own default. */
const STREAM_PREFIX = 'turnledger';
export const TOPIC_PREFIX = 'turnledger.';

/**
 * Starts all of it as `npm run distributed` does, built, with real Kafka, Redis and PostgreSQL of its own, and publishes the scenario. The
 * event store is the twin, or the one that EVENTSTORE_URL names, on streams of this run's own (they stay there). What was started is stopped
 * again when something does not start; throws what startDistributed throws.
 */
export async function openDistributedStage(windowTurns: number): Promise<DistributedStage> {
  const undo: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const folder = freshDataDir();
    await mkdir(folder);
    await chmod(folder, 0o711); // As root PostgreSQL is another user, who must pass.
    undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const tools = await startLoadTools({});
    undo.push(() => tools.stop());
    const eventStore = process.env.EVENTSTORE_URL;
    const streamPrefix = eventStore ? `bench-${process.pid}-${Date.now()}` : STREAM_PREFIX;
    const env = {
      ...tools.environment,
      ...(eventStore && { EVENTSTORE_URL: eventStore, TURNLEDGER_STREAM_PREFIX: streamPrefix }),
    };
    const running = await startDistributed({ folder, port: 0, env });
    undo.push(() => running.stop());
    // 127.0.0.1 for localhost, so that no call looks a name up.
    const edgeUrl = running.url.replace('localhost', '127.0.0.1');
    await publishScenario(edgeUrl, windowTurns);
    const direct = running.processes.find(({ service }) => service === 'command-api')?.url ?? '';
    const members: readonly Member[] = [
      ...running.processes.map(({ name, pid, url }): Member => ({ name, pid, url, kind: 'service' })),
      ...running.stores.flatMap(({ variable, engine }): readonly Member[] =>
        engine ? [{ name: storeNames[variable] ?? variable, pid: engine.pid, kind: 'engine' }] : [],
      ),
      { name: 'model twin', pid: tools.twinPid, kind: 'tool' },
      { name: 'load generator', pid: tools.generatorPid, kind: 'tool' },
    ];
    return {
      running,
      members,
      streamPrefix,
      stores: running.stores.map(({ variable, description }) => `${variable}: ${description}`),
      targets: {
        direct: { kind: 'turnledger', url: direct, scenarioId: SCENARIO_ID },
        edge: { kind: 'turnledger', url: edgeUrl, scenarioId: SCENARIO_ID },
        model: tools.model,
      },
      play: tools.play,
      twin: tools.twin,
      async costs() {
        const found = await familyCosts(members.map(({ pid }) => pid));
        return members.map(({ pid }) => found.get(pid) ?? { cpuMs: Number.NaN, mib: Number.NaN });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
