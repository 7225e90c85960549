import type { GateLimits } from '@turnledger/shared/client';
import { limits } from '@turnledger/shared/contracts';
import type { Command } from 'commander';
import type { OpenStage } from './cli-stage.ts';
import { wrongUse } from './exit-codes.ts';
import { numberFrom, versionNumber, wholeNumberFrom } from './flag-values.ts';
import {
  addMannerFlags,
  addSelectionFlags,
  type MannerFlags,
  mannerOf,
  type SelectionFlags,
  selectionOf,
} from './rerun-flags.ts';
import { showRerun } from './show-rerun.ts';

interface GateFlags extends MannerFlags, SelectionFlags, GateLimits {}

const { maxTurns, maxGateRatio } = limits.rerun;
const rate = numberFrom(0, 1);
const ratio = numberFrom(0, maxGateRatio);

/** The thresholds among the flags. Throws `config_invalid` if there are none: nothing would be held back. */
export function gateLimitsOf({
  minTurns,
  maxFailedRate,
  maxDivergedRate,
  maxIllegalMoveRate,
  minSimilarity,
  maxCostRatio,
  maxLatencyRatio,
}: GateLimits): GateLimits {
  const given = {
    ...(minTurns !== undefined && { minTurns }),
    ...(maxFailedRate !== undefined && { maxFailedRate }),
    ...(maxDivergedRate !== undefined && { maxDivergedRate }),
    ...(maxIllegalMoveRate !== undefined && { maxIllegalMoveRate }),
    ...(minSimilarity !== undefined && { minSimilarity }),
    ...(maxCostRatio !== undefined && { maxCostRatio }),
    ...(maxLatencyRatio !== undefined && { maxLatencyRatio }),
  };
  if (Object.keys(given).length > 0) return given;
  throw wrongUse('a gate needs a threshold: one of the flags that begin with --min or --max');
}

/** `turnledger gate`: a version is promoted once recorded turns, asked again under it, meet thresholds. */
export function addGateCommand(program: Command, openStage: OpenStage): void {
  const command = program
    .command('gate')
    .description('hold a version back until recorded turns under it meet thresholds, then promote it')
    .argument('<scenario>', "the scenario's id")
    // Not `--version`, which the program itself answers wherever it stands.
    .argument('<version>', 'the version to judge', versionNumber)
    .option('--min-turns <n>', 'at least so many turns compared', wholeNumberFrom(1, maxTurns))
    .option('--max-failed-rate <n>', 'of the turns, 0 to 1', rate)
    .option('--max-diverged-rate <n>', 'of the turns, 0 to 1', rate)
    .option('--max-illegal-move-rate <n>', 'of the new moves, 0 to 1', rate)
    .option('--min-similarity <n>', 'of words, on average, 0 to 1', rate)
    .option('--max-cost-ratio <n>', 'new over recorded', ratio)
    .option('--max-latency-ratio <n>', 'new over recorded', ratio);
  addMannerFlags(addSelectionFlags(command))
    .addHelpText('after', '\nEnds with 0 only if the version passed. Ctrl-C ends the waiting, not the gate.')
    .action(async (scenarioId: string, version: number, flags: GateFlags, self: Command) => {
      const stage = openStage(self);
      const gate = { version, thresholds: gateLimitsOf(flags), ...selectionOf(flags), ...mannerOf(flags) };
      await showRerun(stage, await stage.client.openGate(scenarioId, gate), flags);
    });
}
