import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  answerStream,
  type SampleEvent,
  sampleAttempt,
  sampleEnding,
  sampleRequested,
  sampleSessionId,
  sampleTurnId,
} from '../testing/sample-turn-stream.ts';
import { answerProblem, breakOff, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
import { createTurnledgerClient, type SpectatedEvent, type SpectateOptions } from './index.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const session_id = sampleSessionId;
/** As the service numbers a session: the revision of what begins it, times 10^10, and the id in its own stream. */
const at = (revision: number, events: readonly SampleEvent[]) =>
  events.map((event) => ({ ...event, id: revision * 10_000_000_000 + event.id }));
const turn = [sampleRequested, ...sampleAttempt(1, ['At the ', 'customs house.']), sampleEnding()];
const rewound = { id: 1, event: 'session.rewound', data: { session_id, to_turn_id: null, position: 0 } };
const reconfigured = {
  id: 1,
  event: 'session.reconfigured',
  data: { session_id, scenario: { id: 'default', version: 2 } },
};
const ended = { id: 1, event: 'session.ended', data: { session_id, outcome: 'won' } };
const events = [...at(1, turn), ...at(4, [rewound]), ...at(5, [reconfigured]), ...at(6, turn), ...at(9, [ended])];

async function read(options: SpectateOptions = {}): Promise<readonly SpectatedEvent[]> {
  const retry = { maxRetries: 3, firstPauseMs: 1, maxPauseMs: 5 };
  const session = createTurnledgerClient({ baseUrl: server.url, retry }).session(sampleSessionId);
  const all: SpectatedEvent[] = [];
  for await (const event of session.events(options)) all.push(event);
  return all;
}
const idsOf = (all: readonly { readonly id: number }[]) => all.map(({ id }) => id);

test('tells turns, a rewind, another version and the end, in our names', async () => {
  server.play(answerStream(events));
  const seen = await read({ from: 'start' });
  expect(idsOf(seen)).toEqual(idsOf(events));
  expect(seen.filter(({ type }) => type.startsWith('session.'))).toMatchObject([
    { sessionId: session_id, toTurnId: null, position: 0 },
    { scenario: { id: 'default', version: 2 } },
    { type: 'session.ended', sessionId: session_id, outcome: 'won' },
  ]);
  expect(seen[0]).toMatchObject({ type: 'turn.requested', turnId: sampleTurnId });
  expect(server.seen).toMatchObject([
    { path: `/v1/sessions/${session_id}/events?from=start`, headers: { accept: 'text/event-stream' } },
  ]);
});

test.each([0, 1, 3, 5, events.length])(
  'goes on without gap or repeat when it breaks after %i events',
  async (count) => {
    server.play(answerStream(events, count), breakOff, answerStream(events));
    expect(idsOf(await read())).toEqual(idsOf(events));
    if (count === events.length) return;
    const lastSeen = count === 0 ? undefined : String(events[count - 1]?.id);
    expect(server.seen.at(-1)?.headers['last-event-id']).toBe(lastSeen);
  },
);

test('begins after the event that the caller has, and ends at once for who has the end', async () => {
  server.play(answerStream(events));
  expect(idsOf(await read({ after: events[4]?.id ?? 0 }))).toEqual(idsOf(events.slice(5)));
  expect(await read({ after: events.at(-1)?.id ?? 0 })).toEqual([]);
});

test('comes back to where it began when it is cut off before the first event', async () => {
  server.play((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1\nid: 31000000000\n\n', () => response.destroy());
  }, answerStream(events));
  expect(idsOf(await read())).toEqual(idsOf(events.filter(({ id }) => id > 31_000_000_000)));
  expect(server.seen.at(-1)?.headers['last-event-id']).toBe('31000000000');
});

test('goes on behind an ending that a rewind undid', async () => {
  const undone = [...at(1, turn), ...at(4, [ended]), ...at(5, [rewound]), ...at(6, [ended])];
  server.play(answerStream(undone));
  expect(idsOf(await read())).toEqual(idsOf(undone));
});

test('outlives any number of connections that brought a heartbeat', async () => {
  const quiet: ReturnType<typeof answerStream> = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1\n\n');
    setTimeout(() => response.end(': keep-alive\n\n'), 20);
  };
  server.play(...Array.from({ length: 6 }, () => quiet), answerStream(events));
  expect(idsOf(await read())).toEqual(idsOf(events));
});

test('gives up when reconnects bring nothing, and at once where a retry cannot help', async () => {
  server.play(answerStream(events, 2), (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('retry: 1\n\n');
  });
  await expect(read()).rejects.toMatchObject({ code: 'stream_lost' });
  server.play(answerProblem(404, { code: 'session_not_found' }, false));
  await expect(read()).rejects.toMatchObject({ code: 'session_not_found', sessionId: session_id });
});
