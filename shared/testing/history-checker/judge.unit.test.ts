import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { openLedger } from '../../runtime/index.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { ManualClock } from '../manual-clock.ts';
import type { Evidence } from './history.ts';
import { judge } from './judge.ts';
import { playHistory } from './played-history.ts';
import { cleanScripts, type HistoryScript, richScript } from './turn-script.ts';

const play = async (script: HistoryScript): Promise<Evidence> => {
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  return playHistory(script, { log, vault, clock, ids, ledger: openLedger({ log, vault, clock, ids }) });
};

describe('a clean history', () => {
  test('with every fate of a turn is not accused', async () => {
    expect(judge(await play(richScript))).toEqual([]);
  });

  test('of any script is not accused, and judging changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(cleanScripts, async (script) => {
        expect(judge(deepFreeze(await play(script)))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
