import type { TwinBehaviour } from '../../twins/model/index.ts';
import type { LoadFigures, LoadPlan, LoadTarget } from '../load/load-plan.ts';
import { publishScenario, SCENARIO_ID } from './bench-scenario.ts';
import { startLoadTools } from './load-tools.ts';
import { type PortkeyProcess, startPortkey } from './start-portkey.ts';
import { freshDataDir, removeData, type ServiceProcess, startService } from './start-service.ts';
import type { TwinCount } from './twin-process.ts';

export interface StageOptions {
  readonly hasPortkey: boolean;
  readonly windowTurns: number;
  /** How the twin answers; at once when nothing is said. */
  readonly behaviour?: TwinBehaviour;
  readonly nodeArguments?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly dataDir?: string;
}

/** Everything a load benchmark needs, each a process of its own: the model twin, Turnledger, the gateway, the load generator. */
export interface BenchStage {
  readonly service: ServiceProcess;
  readonly portkey: PortkeyProcess | undefined;
  readonly targets: {
    readonly turnledger: LoadTarget;
    readonly portkey: LoadTarget;
    readonly sdk: LoadTarget;
    readonly model: LoadTarget;
  };
  play(plan: LoadPlan): Promise<LoadFigures>;
  twin(): Promise<TwinCount>;
  /** Ends all of them and removes the data. */
  close(): Promise<void>;
}

/** Starts them, publishes the scenario. What was started is stopped again when one does not start. */
export async function openStage(options: StageOptions): Promise<BenchStage> {
  const { windowTurns, behaviour = {}, nodeArguments = [], dataDir = freshDataDir() } = options;
  const undo: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const started = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const process = await starting;
    undo.push(() => process.stop());
    return process;
  };
  try {
    const tools = await started(startLoadTools(behaviour));
    undo.push(() => removeData(dataDir));
    const env = { ...tools.environment, ...options.env };
    const service = await started(startService({ dataDir, env, nodeArguments }));
    const portkey = options.hasPortkey ? await started(startPortkey()) : undefined;
    await publishScenario(service.url, windowTurns);
    return {
      service,
      portkey,
      close,
      targets: {
        turnledger: { kind: 'turnledger', url: service.url, scenarioId: SCENARIO_ID },
        portkey: { kind: 'chat', url: `${portkey?.url}/v1`, headers: portkeyHeaders(tools.twinUrl) },
        sdk: { kind: 'sdk', url: tools.twinUrl },
        model: tools.model,
      },
      play: tools.play,
      twin: tools.twin,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How the gateway is told which model endpoint to ask. */
const portkeyHeaders = (twinUrl: string) => ({
  'x-portkey-provider': 'openai',
  'x-portkey-custom-host': twinUrl,
  authorization: 'Bearer sk-of-a-benchmark',
});
