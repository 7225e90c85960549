import { beforeAll, describe, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { openLedger } from '../../runtime/index.ts';
import { ManualClock } from '../manual-clock.ts';
import { sampleReused } from '../sample-events.ts';
import type { Evidence, LoggedEvent } from './history.ts';
import { judge } from './judge.ts';
import { appendedAgain, lastOf, turnIdIn, verdicts, withLog } from './planted-log.ts';
import { playHistory } from './played-history.ts';
import { richScript } from './turn-script.ts';

let clean: Evidence;

beforeAll(async () => {
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  clean = await playHistory(richScript, { log, vault, clock, ids, ledger: openLedger({ log, vault, clock, ids }) });
});

describe('a bug planted into log or views is caught:', () => {
  test('an acknowledgement whose turn is not in the log (R1)', () => {
    const turnId = turnIdIn(lastOf(clean, 'TurnCompleted'));
    const log = clean.log.filter((event) => turnIdIn(event) !== turnId);
    const found = judge({ ...withLog(clean, log), calls: clean.calls.slice(0, -1) });
    expect(verdicts(found)).toContain('R1');
    expect(found.find(({ invariant }) => invariant === 'R1')).toMatchObject({
      turnId,
      sentence: 'an answered turn has 0 TurnRequested',
    });
  });

  test('an ending that a client was told and the log does not have (R1, R3)', () => {
    const ending = lastOf(clean, 'TurnCompleted');
    const found = judge(
      withLog(
        clean,
        clean.log.filter((event) => event !== ending),
      ),
    );
    expect(verdicts(found)).toEqual(expect.arrayContaining(['R1', 'R3']));
    expect(found).toContainEqual(
      expect.objectContaining({ sentence: 'a client was told completed, the log says open' }),
    );
  });

  test('an append done twice (R1, R5)', () => {
    const request = lastOf(clean, 'TurnRequested');
    const at = clean.log.indexOf(request) + 1;
    const found = judge(withLog(clean, clean.log.toSpliced(at, 0, appendedAgain(request))));
    expect(verdicts(found)).toEqual(expect.arrayContaining(['R1', 'R5']));
    expect(found.some(({ turnId }) => turnId === turnIdIn(request))).toBe(true);
  });

  test('a turn cancelled for another that was not recorded with it (R5)', () => {
    const superseded = clean.log.findIndex(({ data }) => data.includes('"reason":"superseded"'));
    const inStream = ({ stream }: { readonly stream: string }) => stream === clean.log[superseded]?.stream;
    const cut = clean.log.filter((event, index) => index <= superseded || !inStream(event));
    expect(judge(withLog(clean, cut))).toContainEqual(
      expect.objectContaining({ invariant: 'R5', sentence: 'a turn was superseded and no other took its place' }),
    );
  });

  test('a recorded reply given to a turn of a player (R5)', () => {
    const completed = lastOf(clean, 'TurnCompleted');
    const { turnId, reply, finishReason } = JSON.parse(completed.data);
    const { data: sample } = sampleReused({ turnId, hmac: '0'.repeat(64) });
    const reused: LoggedEvent = {
      ...appendedAgain(completed),
      type: 'TurnReused',
      data: JSON.stringify({ ...sample, reply, finishReason }),
      metadata: { ...completed.metadata, schemaVersion: '1' },
      opened: sampleReused({ turnId }),
    };
    expect(judge(withLog(clean, clean.log.toSpliced(clean.log.indexOf(completed), 0, reused)))).toContainEqual(
      expect.objectContaining({
        invariant: 'R5',
        sentence: 'an event of a re-run stands in a session of a player',
        turnId,
      }),
    );
  });

  test('the same event twice (R5)', () => {
    const settled = lastOf(clean, 'AttemptSettled');
    const found = judge(withLog(clean, clean.log.toSpliced(clean.log.indexOf(settled) + 1, 0, settled)));
    expect(found).toContainEqual(
      expect.objectContaining({ invariant: 'R5', sentence: 'an event is in the log twice' }),
    );
  });

  test.each(['TurnRequested', 'TurnStarted', 'TurnCompleted'] as const)(
    '%s swapped with the event before it (R5)',
    (type) => {
      const event = lastOf(clean, type);
      const inStream = clean.log.filter(({ stream }) => stream === event.stream);
      const before = inStream[inStream.indexOf(event) - 1];
      if (!before) throw new Error('nothing before it');
      const swapped = clean.log.map((one) => (one === event ? before : one === before ? event : one));
      expect(verdicts(judge({ ...clean, log: swapped }))).toContain('R5');
      expect(verdicts(judge(withLog(clean, swapped)))).toContain('R5');
    },
  );

  test('a changed byte of an event (R5)', () => {
    const event = lastOf(clean, 'TurnStarted');
    const changed = { ...event, data: event.data.replace('"leaseMs":5000', '"leaseMs":5001') };
    const found = judge({ ...clean, log: clean.log.map((one) => (one === event ? changed : one)) });
    expect(found).toMatchObject([{ invariant: 'R5', sentence: "a stream's hash chain is broken" }]);
  });

  test.each(['TurnCompleted', 'TurnCancelled', 'TurnTimedOut'] as const)('a second %s (R2)', (type) => {
    const event = lastOf(clean, type);
    const found = judge(withLog(clean, clean.log.toSpliced(clean.log.indexOf(event) + 1, 0, appendedAgain(event))));
    expect(found).toContainEqual(
      expect.objectContaining({ invariant: 'R2', sentence: 'a turn has a second ending', turnId: turnIdIn(event) }),
    );
  });

  test('an attempt after the ending (R2)', () => {
    const event = lastOf(clean, 'TurnCompleted');
    const started = lastOf(clean, 'TurnStarted');
    const found = judge(withLog(clean, clean.log.toSpliced(clean.log.indexOf(event) + 1, 0, appendedAgain(started))));
    expect(verdicts(found)).toContain('R2');
  });

  test.each(['live', 'rebuilt'] as const)('a row of the %s view that stopped at an older revision (R4)', (which) => {
    const { turnId } = { turnId: turnIdIn(lastOf(clean, 'TurnCompleted')) };
    const contents = clean.views[which].map(({ view, rows }) => ({
      view,
      rows: rows.map((row) =>
        row.key === turnId
          ? { ...row, revision: row.revision - 1, record: row.record.replace('"completed"', '"started"') }
          : row,
      ),
    }));
    expect(judge({ ...clean, views: { ...clean.views, [which]: contents } })).toMatchObject([
      { invariant: 'R4', turnId },
    ]);
  });

  test('a row that is missing (R4)', () => {
    const live = clean.views.live.map(({ view, rows }) => ({ view, rows: rows.slice(1) }));
    expect(verdicts(judge({ ...clean, views: { ...clean.views, live } }))).toEqual(['R4']);
  });

  test('a turn that ended long after its deadline (R3)', () => {
    const event = lastOf(clean, 'TurnCompleted');
    const late = clean.log.map((one) => (one === event ? { ...one, loggedAtMs: one.loggedAtMs + 60_000 } : one));
    expect(verdicts(judge({ ...clean, log: late }))).toContain('R3');
  });

  test('but not one that ended soon after another process had died, one that runs no turns', () => {
    const event = lastOf(clean, 'TurnCompleted');
    const late = clean.log.map((one) => (one === event ? { ...one, loggedAtMs: one.loggedAtMs + 60_000 } : one));
    const otherKillsAtMs = [event.loggedAtMs + 58_000];
    expect(verdicts(judge({ ...clean, otherKillsAtMs, log: late }))).not.toContain('R3');
  });
});
