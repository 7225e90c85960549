import { z } from 'zod';
import type { TurnTimes } from '../figures/hop-times.ts';
import type { TurnCounts } from '../figures/row-parity.ts';
import type { DistributedStage } from '../processes/distributed-stage.ts';
import type { Round } from './alternate-rounds.ts';
import { conversationOptions, listOption, numberOption, roundOptions, wordsOption } from './bench-options.ts';
import type { PlayCosts } from './distributed-load.ts';

export const distributedOptions = z.strictObject({
  ...roundOptions,
  ...conversationOptions,
  /** At the greatest number of clients, before anything is measured. */
  'burn-in-seconds': numberOption(0, 120, 15),
  clients: listOption(1, 500, [1, 32]),
  'max-turns': numberOption(1, 200_000, 200_000),
  /** Who stands beside the command-api itself: the same through the edge, and the model's twin alone, whose time is taken off. */
  contenders: wordsOption(['edge', 'model']),
  /** Between the end of the load and the last look at memory. */
  'rest-seconds': numberOption(0, 600, 10),
});
export type DistributedOptions = z.infer<typeof distributedOptions>;

/** One number of clients: the rounds, and what those of the command-api itself cost and told. */
export interface DistributedLoad {
  readonly clients: number;
  readonly rounds: readonly Round[];
  readonly costs: readonly PlayCosts[];
  readonly times: readonly TurnTimes[];
}

/** The contender that is measured: without the edge, which costs what any proxy does. */
export const directName = 'command-api itself';

/** Resident memory of every member, MiB, in their order. */
export interface MemberMemory {
  readonly startMib: readonly number[];
  readonly endMib: readonly number[];
  readonly restMib: readonly number[];
}

/** Everything that a run has found. */
export interface DistributedRun {
  readonly stage: Pick<DistributedStage, 'members' | 'stores'>;
  readonly options: DistributedOptions;
  readonly loads: readonly DistributedLoad[];
  readonly memory: MemberMemory;
  readonly counts: TurnCounts;
  /** Different turns in the topic of requests. */
  readonly sent: number;
  readonly faults: readonly string[];
}
