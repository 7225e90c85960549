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
    const calls = call ? [...clean.calls, { ...call, callId: 'unheard-of' }] : [];
    expect(judge({ ...clean, calls })).toMatchObject([
      { invariant: 'R6', sentence: 'a model was called without a record of it' },
    ]);
  });

  test('a call that came under no id (R6)', () => {
    const calls = clean.calls.map((call, index) => (index === 0 ? { ...call, callId: '' } : call));
    expect(verdicts(judge({ ...clean, calls }))).toEqual(['R6']);
  });

  test('a call under the id of another turn (R6)', () => {
    const [first, last] = [clean.calls[0], clean.calls.at(-1)];
    const calls = clean.calls.map((call) => (call === first ? { ...call, callId: last?.callId ?? '' } : call));
    expect(judge({ ...clean, calls })).toMatchObject([
      { invariant: 'R6', sentence: 'a model was called without a record of it' },
      { invariant: 'R6', sentence: 'a model was called twice for one record' },
    ]);
  });

  test('a call that an attempt makes twice (R6)', () => {
    const call = clean.calls.at(-1);
    const calls = call ? [...clean.calls, { ...call, atMs: call.atMs + 1 }] : [];
    const found = judge({ ...clean, calls });
    expect(found).toMatchObject([{ invariant: 'R6', sentence: 'a model was called twice for one record' }]);
    expect(found[0]?.turnId).toBe(turnIdIn(lastOf(clean, 'TurnCompleted')));
  });

  test('more attempts than the scenario allows (R6)', () => {
    const scenario = clean.log.find(({ type }) => type === 'ScenarioConfigured');
    if (scenario?.opened?.type !== 'ScenarioConfigured') throw new Error('no scenario');
    const data = { ...scenario.opened.data, retry: { maxAttempts: 1 } };
    const strict = { ...scenario, opened: { ...scenario.opened, data } };
    expect(verdicts(judge({ ...clean, log: clean.log.map((one) => (one === scenario ? strict : one)) }))).toEqual([
      'R6',
    ]);
  });

  test('a cancelled call whose cost was never written down (R6)', () => {
    const settled = lastOf(clean, 'AttemptSettled');
    const found = judge(
      withLog(
        clean,
        clean.log.filter((event) => event !== settled),
      ),
    );
    expect(found).toContainEqual(
      expect.objectContaining({
        invariant: 'R6',
        sentence: 'an announced call is accounted for by no event',
        turnId: turnIdIn(settled),
      }),
    );
  });

  test('a call before its claim (R6)', () => {
    const calls = clean.calls.map((call, index) => (index === 0 ? { ...call, atMs: call.atMs - 2_000 } : call));
    expect(verdicts(judge({ ...clean, calls }))).toEqual(['R6']);
  });

  test('a call of a turn that is nowhere (R6)', () => {
    const calls = [
      ...clean.calls,
      { model: 'default', callId: 'boo', messages: [{ role: 'user', content: 'Boo.' }], atMs: Number.MAX_SAFE_INTEGER },
    ];
    expect(verdicts(judge({ ...clean, calls }))).toEqual(['R6']);
  });

  test('an attempt given up as lost while its process lived (R6)', () => {
    expect(verdicts(judge({ ...clean, killsAtMs: [] }))).toEqual(['R6']);
  });

  test('an event that names a call which no claim announced (R6)', () => {
    const ending = lastOf(clean, 'TurnCompleted');
    if (ending.opened?.type !== 'TurnCompleted') throw new Error('no completion');
    const strange = { ...ending, opened: { ...ending.opened, data: { ...ending.opened.data, callId: 'another' } } };
    const found = judge({ ...clean, log: clean.log.map((one) => (one === ending ? strange : one)) });
    expect(verdicts(found)).toEqual(['R6']);
    expect(found.map(({ sentence }) => sentence)).toEqual([
      'an event names a call that no claim announced',
      'an announced call is accounted for by no event',
    ]);
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
