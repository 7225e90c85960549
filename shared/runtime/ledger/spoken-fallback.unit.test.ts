import { beforeEach, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { scenarioStream } from '../../contracts/index.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { type PlayedPorts, publishSample, requestSample, startSample } from '../../testing/played-session.ts';
import { openLedger } from './aggregates.ts';
import { spokenFallback } from './spoken-fallback.ts';

let here: PlayedPorts;
/** Another process over the same log. */
let elsewhere: PlayedPorts;

beforeEach(async () => {
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  const open = (): PlayedPorts => ({ ledger: openLedger({ log, vault, clock, ids }), vault, log, ids });
  [here, elsewhere] = [open(), open()];
  await publishSample(here, { fallbackLines: ['The old line.'] });
});

test('is of the version that the turn was asked for under', async () => {
  const message = await requestSample(here, await startSample(here));
  await publishSample(here, { fallbackLines: ['The new line.'] });
  expect(await spokenFallback(here.ledger, message)).toEqual({ fallback: 'The old line.' });
});

test('is of a version that another process has published since this one looked', async () => {
  await here.ledger.scenarios.load(scenarioStream('tavern'));
  await publishSample(elsewhere, { fallbackLines: ['The new line.'] });
  const message = await requestSample(elsewhere, await startSample(elsewhere));
  expect(await spokenFallback(here.ledger, message)).toEqual({ fallback: 'The new line.' });
});

test('is none where the scenario has none', async () => {
  await publishSample(here, { fallbackLines: [] });
  const message = await requestSample(here, await startSample(here));
  expect(await spokenFallback(here.ledger, message)).toEqual({});
});
