import { afterEach, expect, test } from '@jest/globals';
import { type Evidence, judge } from '@turnledger/shared/testing/history-checker';
import { removeTestFolder, testFolderPath } from '../embedded/postgres/testing/test-folder.ts';
import { killPostgres } from './kill-postgres.ts';
import { runChaos } from './run-chaos.ts';

/** The same plan each time; `npm run chaos` draws others. */
const SEED = 20_261_123;

const dataDir = testFolderPath();

afterEach(async () => {
  await killPostgres(dataDir);
  await removeTestFolder(dataDir);
});

const ofType = ({ log }: Evidence, type: string) =>
  log.filter((event) => event.type === type && !event.stream.startsWith('rerunsession-'));

test('ten kills under twenty clients break no promise', async () => {
  const { kills, violations, evidence, askedAgain } = await runChaos({ dataDir, kills: 10, clients: 20, seed: SEED });
  expect(violations).toEqual([]);
  expect(kills).toHaveLength(10);
  expect(kills.every(({ openTurns }) => openTurns > 0)).toBe(true);
  expect(kills.some(({ failpoint }) => failpoint !== undefined)).toBe(true);
  expect(ofType(evidence, 'TurnCompleted').length).toBeGreaterThan(20);
  expect(evidence.calls.some(({ messages }) => messages.length > 4)).toBe(true);
  expect(ofType(evidence, 'TurnAttemptFailed').length).toBeGreaterThan(0);
  expect(ofType(evidence, 'SessionRewound').length).toBeGreaterThan(0);
  expect(ofType(evidence, 'HistorySummarized').length).toBeGreaterThan(0);
  const requested = evidence.log.flatMap(({ opened }) => (opened?.type === 'TurnRequested' ? [opened.data] : []));
  expect(requested.some(({ trigger }) => trigger !== undefined)).toBe(true);
  const cancelled = evidence.log.flatMap(({ opened }) => (opened?.type === 'TurnCancelled' ? [opened.data] : []));
  expect(cancelled.some(({ reason }) => reason === 'superseded')).toBe(true);
  expect(askedAgain.reused).toBeGreaterThan(20);

  // The judge was awake: the same run with one fact changed is accused.
  const { log, calls } = evidence;
  const [completed] = ofType(evidence, 'TurnCompleted');
  expect(judge({ ...evidence, log: log.filter((event) => event !== completed) })).not.toEqual([]);
  expect(judge({ ...evidence, calls: [...calls, ...calls.slice(-1)] })).toMatchObject([{ invariant: 'R6' }]);
}, 90_000);
