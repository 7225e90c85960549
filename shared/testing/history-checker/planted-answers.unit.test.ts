import { beforeAll, describe, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { openLedger } from '../../runtime/index.ts';
import { ManualClock } from '../manual-clock.ts';
import type { Evidence, HistoryEntry } from './history.ts';
import { judge } from './judge.ts';
import { lastOf, turnIdIn, verdicts } from './planted-log.ts';
import { playHistory } from './played-history.ts';
import { richScript } from './turn-script.ts';

let clean: Evidence;

beforeAll(async () => {
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  clean = await playHistory(richScript, { log, vault, clock, ids, ledger: openLedger({ log, vault, clock, ids }) });
});

/** The clean evidence with one line of its history changed. */
const changedEntry = (is: (entry: HistoryEntry) => boolean, value: object): Evidence => {
  const index = clean.history.findLastIndex(is);
  const history = clean.history.map((entry, at) =>
    at === index ? { ...entry, value: { ...entry.value, ...value } } : entry,
  );
  return { ...clean, history };
};
const isAnswer = ({ op, type, value }: HistoryEntry) => op === 'turn' && type === 'ok' && value.status === 'completed';

describe('a bug planted into what clients saw is caught:', () => {
  test('a session that was opened and is not there (R1)', () => {
    const found = judge({
      ...clean,
      history: clean.history.map((entry) =>
        entry.op === 'start_session' && entry.type === 'ok' ? { ...entry, value: { sessionId: 'none' } } : entry,
      ),
    });
    expect(verdicts(found)).toEqual(['R1']);
  });

  test('a turn that nobody asked for (R1)', () => {
    const turnId = turnIdIn(lastOf(clean, 'TurnCompleted'));
    const key = clean.history.findLast(({ op, value }) => op === 'turn' && value.turnId === turnId)?.key;
    const found = judge({
      ...clean,
      history: clean.history.filter((entry) => entry.op !== 'turn' || entry.key !== key),
    });
    expect(found).toMatchObject([
      { invariant: 'R1', turnId, sentence: 'a turn is in the log that no client asked for' },
    ]);
  });

  test('other words in the log than were asked (R1, R12)', () => {
    const found = judge(changedEntry(({ op, type }) => op === 'turn' && type === 'invoke', { prompt: 'What?' }));
    expect(verdicts(found)).toEqual(['R1', 'R12']);
  });

  test('another reply for the same key (R12)', () => {
    const found = judge(changedEntry(isAnswer, { reply: 'Something else.' }));
    expect(found).toMatchObject([{ invariant: 'R12', sentence: 'an answer has another reply than the log' }]);
  });

  test('another body under a used key that was not refused (R12)', () => {
    const index = clean.history.findIndex(({ value }) => value.code === 'idempotency_key_reused');
    const history = clean.history.map((entry, at) =>
      at === index ? { ...entry, type: 'ok' as const, value: { status: 'requested' } } : entry,
    );
    expect(verdicts(judge({ ...clean, history }))).toContain('R12');
  });

  test('a refusal of what had been answered (R12)', () => {
    const index = clean.history.findLastIndex(isAnswer);
    const refused = { type: 'fail' as const, value: { code: 'turn_not_found' } };
    const history = clean.history.map((entry, at) => (at === index ? { ...entry, ...refused } : entry));
    const sentence = 'a turn that had been answered was refused with turn_not_found';
    expect(judge({ ...clean, history })).toMatchObject([{ invariant: 'R12', sentence }]);
  });

  test('a streamed text that is not the reply (R12)', () => {
    const found = judge(
      changedEntry(({ value }) => value.shown !== undefined, { shown: { attempt: 1, text: 'No such' } }),
    );
    expect(found).toMatchObject([{ invariant: 'R12', sentence: 'an answer has another streamed text than the log' }]);
  });

  test('a revision that goes back (R5), and is older than was asked for (R11)', () => {
    const found = judge(changedEntry(({ op, type }) => op === 'read_session' && type === 'ok', { revision: 1 }));
    expect(verdicts(found)).toEqual(['R11', 'R5']);
  });
});
