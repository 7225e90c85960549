import { setImmediate as nextTick } from 'node:timers/promises';
import { beforeEach, expect, test } from '@jest/globals';
import { MemoryEventLog, MemoryTurnQueue, openMemoryViewStore } from '@turnledger/shared/adapters/memory';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { views } from '@turnledger/shared/contracts';
import {
  encodedEvent,
  endsWell,
  freshStream,
  modelRequest,
  ProgrammedModel,
  sampleCallId,
  says,
} from '@turnledger/shared/testing';
import type { EmbeddedPorts } from '../embedded/start-embedded.ts';
import { failingPorts } from './failing-ports.ts';
import type { Failpoint } from './failpoints.ts';

let passed: Failpoint[];
let ports: EmbeddedPorts;

beforeEach(() => {
  passed = [];
  const stores = {
    log: new MemoryEventLog({ clock }),
    viewStore: openMemoryViewStore(),
  } as unknown as EmbeddedPorts['stores'];
  const queue = new MemoryTurnQueue({ onError: () => {} });
  const model = new ProgrammedModel([...says('One ', 'two ', 'three.'), endsWell]);
  ports = failingPorts({ stores, queue, models: new Map([['default', model]]) }, (name) => passed.push(name));
});

const message = {
  kind: 'requested',
  sessionId: 'a session',
  turnId: 'a turn',
  requestedAtMs: 0,
  deadlineMs: 1,
  correlationId: 'a request',
} as const;

test.each([
  ['request_append', ['TurnRequested']],
  ['request_append', ['SessionStarted', 'TurnRequested']],
  ['claim', ['TurnStarted']],
  ['claim', ['TurnAttemptFailed', 'TurnStarted']],
  ['ending_append', ['TurnCompleted']],
  ['ending_append', ['TurnAttemptFailed', 'TurnFailed']],
  ['ending_append', ['TurnCancelled', 'SessionEnded']],
  ['ending_append', ['TurnTimedOut', 'AttemptSettled']],
])('an append passes before_%s, during, after: %j', async (place, types) => {
  const events = types.map((type) => encodedEvent({ type }));
  const stream = freshStream();
  expect(await ports.stores.log.append(stream, 'no_stream', events)).toEqual({
    outcome: 'ok',
    revision: types.length - 1,
  });
  await nextTick();
  expect([...passed].sort()).toEqual([`after_${place}`, `before_${place}`, `during_${place}`]);
  expect(passed[0]).toBe(`before_${place}`);
});

test('an append that a conflict refuses is not passed after: it has not happened', async () => {
  const stream = freshStream();
  await ports.stores.log.append(stream, 'no_stream', [encodedEvent({ type: 'SessionStarted' })]);
  const refused = await ports.stores.log.append(stream, 'no_stream', [encodedEvent({ type: 'TurnCompleted' })]);
  expect(refused.outcome).toBe('conflict');
  await nextTick();
  expect(passed).toContain('before_ending_append');
  expect(passed).not.toContain('after_ending_append');
});

test('an append of anything else passes nothing', async () => {
  await ports.stores.log.append(freshStream(), 'no_stream', [encodedEvent({ type: 'SessionStarted' })]);
  await nextTick();
  expect(passed).toEqual([]);
});

test('a requested turn passes the queue, an ending does not', async () => {
  await ports.queue.enqueue([{ ...message, kind: 'ended' }]);
  expect(passed).toEqual([]);
  await ports.queue.enqueue([message]);
  expect(passed).toEqual(['before_enqueue', 'after_enqueue']);
  expect(ports.queue.depth()).toBe(1);
});

test('a batch of the views passes before, during and after its commit', async () => {
  await ports.stores.viewStore.prepare([views.turns]);
  expect(await ports.stores.viewStore.commit([{ view: views.turns, rows: [] }], { from: 0n, to: 1n })).toBe('ok');
  await nextTick();
  expect([...passed].sort()).toEqual(['after_view_commit', 'before_view_commit', 'during_view_commit']);
});

test('a reply passes mid_stream at its second piece, once, and is what it was', async () => {
  const said: string[] = [];
  const model = ports.models.get('default');
  if (!model) throw new TypeError('there is no model');
  for await (const event of model.reply(modelRequest(), sampleCallId, new AbortController().signal)) {
    said.push(event.kind === 'delta' ? event.text : event.kind);
  }
  expect(said).toEqual(['One ', 'two ', 'three.', 'ended']);
  expect(passed.filter((name) => name === 'mid_stream')).toHaveLength(1);
});
