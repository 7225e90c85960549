import { beforeAll, describe, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { openLedger } from '../../runtime/index.ts';
import { ManualClock } from '../manual-clock.ts';
import type { Evidence } from './history.ts';
import { judge } from './judge.ts';
import { lastOf, turnIdIn, verdicts, withLog } from './planted-log.ts';
import { playHistory } from './played-history.ts';
import { richScript } from './turn-script.ts';

let clean: Evidence;

beforeAll(async () => {
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  clean = await playHistory(richScript, { log, vault, clock, ids, ledger: openLedger({ log, vault, clock, ids }) });
});

describe('a bug planted into calls and claims is caught:', () => {
  test('a call that no claim announced (R6)', () => {
    const call = clean.calls.at(-1);
    const calls = call ? [...clean.calls, { ...call, atMs: call.atMs + 1 }] : [];
    const turnId = turnIdIn(lastOf(clean, 'TurnCompleted'));
    expect(judge({ ...clean, calls })).toMatchObject([
      { invariant: 'R6', sentence: 'a model was called without a record of it' },
    ]);
    expect(turnId).toBeDefined();
  });

  test('a call before its claim (R6)', () => {
    const calls = clean.calls.map((call, index) => (index === 0 ? { ...call, atMs: call.atMs - 1_000 } : call));
    expect(verdicts(judge({ ...clean, calls }))).toEqual(['R6']);
  });

  test('a call of a turn that is nowhere (R6)', () => {
    const calls = [
      ...clean.calls,
      { model: 'default', messages: [{ role: 'user', content: 'Boo.' }], atMs: Number.MAX_SAFE_INTEGER },
    ];
    expect(verdicts(judge({ ...clean, calls }))).toEqual(['R6']);
  });

  test('an attempt given up as lost while its process lived (R6)', () => {
    expect(verdicts(judge({ ...clean, killsAtMs: [] }))).toEqual(['R6']);
  });

  test('money that no event accounts for (R6)', () => {
    const settled = lastOf(clean, 'TurnAttemptFailed');
    const opened = settled.opened?.type === 'TurnAttemptFailed' ? settled.opened : undefined;
    if (!opened) throw new Error('no failed attempt');
    const { callId: _lost, ...data } = opened.data;
    const blind = { ...settled, opened: { ...opened, data } };
    const found = judge(
      withLog(
        clean,
        clean.log.map((one) => (one === settled ? blind : one)),
      ),
    );
    expect(found).toContainEqual(
      expect.objectContaining({ invariant: 'R6', sentence: 'an announced call is accounted for by no event' }),
    );
  });

  test('a prompt that misses a completed turn (R5)', () => {
    const index = clean.calls.findLastIndex(({ messages }) => messages.length > 4);
    const calls = clean.calls.map((call, at) =>
      at === index ? { ...call, messages: call.messages.toSpliced(2, 2) } : call,
    );
    expect(judge({ ...clean, calls })).toMatchObject([
      { invariant: 'R5', sentence: 'a prompt is not what rule 10 gives' },
    ]);
  });

  test('a prompt that takes an interrupted reply for a whole one (R5)', () => {
    const calls = clean.calls.map((call) => ({
      ...call,
      messages: call.messages.map(({ role, content }) => ({ role, content: content.replace(' — (interrupted)', '') })),
    }));
    expect(verdicts(judge({ ...clean, calls }))).toEqual(['R5']);
  });

  test('a manifest that names another window (R5)', () => {
    const event = lastOf(clean, 'TurnStarted');
    if (event.opened?.type !== 'TurnStarted') throw new Error('no claim');
    const { throughTurnId: _cut, ...prompt } = event.opened.data.prompt;
    const changed = { ...event, opened: { ...event.opened, data: { ...event.opened.data, prompt } } };
    const found = judge({ ...clean, log: clean.log.map((one) => (one === event ? changed : one)) });
    expect(found).toMatchObject([{ invariant: 'R5', sentence: 'a manifest names another window than rule 10 gives' }]);
  });
});
