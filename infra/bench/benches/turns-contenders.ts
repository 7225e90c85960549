import { postmasterPid } from '../figures/postmaster-pid.ts';
import type { BenchStage } from '../processes/bench-stage.ts';
import type { Contender } from './alternate-rounds.ts';

export const ourName = 'Turnledger, durable';
export const modelName = 'the model alone';

/** Who may stand beside us. */
export const otherNames = ['portkey', 'sdk', 'model'] as const;
export type OtherName = (typeof otherNames)[number];

/** We first, then the others in the order they were named. */
export async function contendersOf(stage: BenchStage, names: readonly OtherName[]): Promise<readonly Contender[]> {
  const { targets, service, portkey } = stage;
  const others: { readonly [name in OtherName]: Contender } = {
    portkey: { name: 'Portkey, nothing stored', target: targets.portkey, ...(portkey && { pid: portkey.pid }) },
    sdk: { name: 'openai SDK in process', target: targets.sdk },
    model: { name: modelName, target: targets.model },
  };
  const databasePid = await postmasterPid(service.dataDir);
  const ours = { name: ourName, target: targets.turnledger, pid: service.pid, databasePid };
  return [ours, ...names.map((name) => others[name])];
}
