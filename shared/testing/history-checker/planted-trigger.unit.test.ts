import { beforeAll, expect, test } from '@jest/globals';
import { emptyVaultRecords, MemoryEventLog, openMemoryKeyVault } from '../../adapters/memory/index.ts';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { openLedger } from '../../runtime/index.ts';
import { ManualClock } from '../manual-clock.ts';
import { checkAcknowledged } from './check-acknowledged.ts';
import { checkPaidOnce } from './check-paid-once.ts';
import { checkSameKey } from './check-same-key.ts';
import type { Evidence } from './history.ts';
import { lastOf, turnIdIn } from './planted-log.ts';
import { playHistory } from './played-history.ts';
import { richScript } from './turn-script.ts';

const trigger = { name: 'bell_rang', args: { count: 3 } };
const told = JSON.stringify({ game_event: trigger });

let clean: Evidence;
/** The clean evidence with one turn's words become a trigger, in the log alone. */
let triggered: Evidence;
/** What the player had said in its place. */
let words = '';

beforeAll(async () => {
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  clean = await playHistory(richScript, { log, vault, clock, ids, ledger: openLedger({ log, vault, clock, ids }) });
  const turnId = turnIdIn(lastOf(clean, 'TurnCompleted'));
  const changed = clean.log.map((event) => {
    const { opened } = event;
    if (opened?.type !== 'TurnRequested' || opened.data.turnId !== turnId) return event;
    const { text, ...data } = opened.data;
    words = text ?? '';
    return { ...event, opened: { ...opened, data: { ...data, trigger } } };
  });
  triggered = { ...clean, log: changed };
});

/** The evidence with the client and the model told of the trigger as well. */
const consistent = (): Evidence => ({
  ...triggered,
  history: triggered.history.map((entry) =>
    entry.value.prompt === words ? { ...entry, value: { ...entry.value, prompt: told } } : entry,
  ),
  calls: triggered.calls.map((call) => ({
    ...call,
    messages: call.messages.map((message) => (message.content === words ? { ...message, content: told } : message)),
  })),
});

test('a trigger is answered for like words, in the form that the character is told', () => {
  const all = [checkAcknowledged, checkSameKey, checkPaidOnce];
  expect(all.flatMap((check) => check(consistent()))).toEqual([]);
});

test('a trigger that nobody asked for in that form is a violation', () => {
  const found = [...checkAcknowledged(triggered), ...checkSameKey(triggered), ...checkPaidOnce(triggered)];
  expect([...new Set(found.map(({ invariant }) => invariant))]).toEqual(['R1', 'R12', 'R6']);
});
