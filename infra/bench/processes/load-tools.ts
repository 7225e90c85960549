import type { TwinBehaviour } from '../../twins/model/index.ts';
import type { LoadFigures, LoadPlan, LoadTarget } from '../load/load-plan.ts';
import { startAskedProcess } from './asked-process.ts';
import type { TwinCount } from './twin-process.ts';

/** What every load stands on beside what is measured: the model's twin and the load generator, each a process of its own. */
export interface LoadTools {
  readonly twinUrl: string;
  readonly twinPid: number;
  readonly generatorPid: number;
  /** The twin itself as somebody to ask. */
  readonly model: Extract<LoadTarget, { kind: 'chat' }>;
  /** What a service is told of the twin. */
  readonly environment: { readonly [name: string]: string };
  play(plan: LoadPlan): Promise<LoadFigures>;
  twin(): Promise<TwinCount>;
  stop(): Promise<void>;
}

const KEY = 'sk-of-a-benchmark';

/** Starts both; when the second does not start, the first is stopped again. */
export async function startLoadTools(behaviour: TwinBehaviour): Promise<LoadTools> {
  const twin = await startAskedProcess('bench/processes/twin-process');
  try {
    const { url } = await twin.ask<TwinCount>({ kind: 'open', behaviour });
    const generator = await startAskedProcess('bench/processes/generator-process');
    return {
      twinUrl: url,
      twinPid: twin.pid,
      generatorPid: generator.pid,
      model: { kind: 'chat', url, headers: { authorization: `Bearer ${KEY}` } },
      environment: { OPENAI_BASE_URL: url, OPENAI_API_KEY: KEY, TURNLEDGER_MODEL: 'bench-1' },
      play: (plan) => generator.ask<LoadFigures>(plan),
      twin: () => twin.ask<TwinCount>({ kind: 'calls' }),
      async stop() {
        await generator.stop();
        await twin.stop();
      },
    };
  } catch (error) {
    await twin.stop();
    throw error;
  }
}
