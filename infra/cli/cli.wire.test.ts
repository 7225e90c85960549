import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  answerJson,
  answerProblem,
  answerStream,
  breakOff,
  type SampleEvent,
  type ScriptedServer,
  sampleAttempt,
  sampleEnding,
  sampleRequestedEvent,
  sampleSessionId,
  sampleTurnDocument,
  startScriptedServer,
} from '@turnledger/shared/testing';
import { endClis, runCli } from './testing/cli-process.ts';

let server: ScriptedServer;
let env: { readonly [name: string]: string };
beforeAll(async () => {
  server = await startScriptedServer();
  env = { TURNLEDGER_URL: server.url, TURNLEDGER_TOKEN: 'a-token' };
});
afterAll(async () => {
  endClis();
  await server.close();
});

const sly = 'lisbon\u001b[2J\u009b1A';
const session = (over: object = {}) => ({
  id: sampleSessionId,
  scenario: { id: 'default', version: 1 },
  game_id: sly,
  player_id: 'player-7',
  participants: [],
  metadata: null,
  status: 'open',
  turns: 1,
  last_turn_id: null,
  outcome: null,
  score: null,
  started_at: '2026-01-01T00:00:00.000Z',
  ended_at: null,
  ...over,
});
const control = /[^\P{Cc}\n]/u;

describe('a list', () => {
  test('is read page by page up to its limit, asked as the flags say, under the names of the wire', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => session({ turns: index }));
    server.play(
      answerJson(200, { data: rows, has_more: true, next_cursor: 'c1' }),
      answerJson(200, { data: rows, has_more: true, next_cursor: 'c2' }),
    );
    const args = ['sessions', '--game', 'lisbon', '--status', 'open', '--limit', '150', '--json'];
    const { code, stdout, stderr } = await runCli(args, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(150);
    expect(JSON.parse(lines[0] ?? '')).toEqual(rows[0]);
    expect(stdout).not.toMatch(control);
    expect(server.seen).toMatchObject([
      { path: '/v1/sessions?limit=100&game_id=lisbon&status=open', headers: { authorization: 'Bearer a-token' } },
      { path: '/v1/sessions?limit=100&cursor=c1&game_id=lisbon&status=open' },
    ]);
  });

  test('is a table for a person, who learns that there are more', async () => {
    server.play(answerJson(200, { data: [session(), session()], has_more: false }));
    const { stdout, stderr } = await runCli(['sessions', '--limit', '1'], { env });
    expect(stdout).toBe(
      `started at                session                               status  turns  scenario   player    game           outcome
2026-01-01T00:00:00.000Z  ${sampleSessionId}  open    1      default 1  player-7  lisbon�[2J�1A  –
`,
    );
    expect(stderr).toBe('These are the newest 1; --limit shows more.\n');
  });
});

describe('usage', () => {
  const counts = { turns: 3, turns_completed: 2, calls: 3, prompt_tokens: 9, completion_tokens: 4, unpriced_calls: 0 };
  const usage = (from: string) => ({
    from,
    to: '2026-11-29',
    by: 'day',
    data: [{ day: '2026-11-29', ...counts, cost_micro_usd: 7 }],
    has_more: false,
    totals: { ...counts, cost_micro_usd: 7 },
  });

  test('with --json is the document of the wire', async () => {
    server.play(answerJson(200, usage('2026-10-31')));
    expect(JSON.parse((await runCli(['usage', '--json'], { env })).stdout)).toEqual(usage('2026-10-31'));
  });

  test('brings a person no control character in the place of a date', async () => {
    server.play(answerJson(200, usage(sly)));
    const { stdout } = await runCli(['usage'], { env });
    expect(stdout).toMatch(/^lisbon�\[2J�1A to 2026-11-29,/);
    expect(stdout).not.toMatch(control);
  });
});

describe('an end that is not well', () => {
  test('is 1 and a line when the service refuses', async () => {
    server.play(answerProblem(404, { code: 'session_not_found', title: `There is\n${sly}` }, false));
    expect(await runCli(['replay', sampleSessionId], { env })).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'turnledger: session_not_found: There is�lisbon�[2J�1A\n',
    });
  });

  test.each([
    [['sessions', '--limit', '0'], /^turnledger: .*--limit .*from 1 to 10000\.\n$/],
    [['replays'], /^turnledger: unknown command 'replays' \(Did you mean replay\?\)\n$/],
  ])('is 2 when it is used wrongly: %j', async (args, line) => {
    expect(await runCli(args, { env })).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(line) });
  });

  test('is 69 when nobody answers, at once', async () => {
    server.play(breakOff);
    expect(await runCli(['usage'], { env })).toMatchObject({
      code: 69,
      stdout: '',
      stderr: expect.stringMatching(/^turnledger: nobody answers at http:\S+ \(.+\); npm start .*\n$/),
    });
    expect(server.seen).toHaveLength(1);
  });

  test('names the address that was asked where the one given is empty', async () => {
    // Where somebody is at port 8080 of this machine there is no such line.
    const { stderr } = await runCli(['usage'], { env: { TURNLEDGER_URL: '' } });
    expect(stderr).not.toContain('nobody answers at  (');
  });
});

test('a re-render is told as it was shown: prompts, attempts that failed, replies', async () => {
  const shown = [sampleRequestedEvent, ...sampleAttempt(1, ['Hm']), ...sampleAttempt(2, ['At the ']), sampleEnding()];
  const events = [...shown.map((event, index) => ({ ...event, id: index + 1 }))];
  server.play(
    answerJson(200, { session: session(), turns: [sampleTurnDocument()] }),
    answerStream([...events, { id: 1_000_000_000, event: 'replay.ended', data: {} }]),
  );
  const { code, stdout, stderr } = await runCli(['replay', sampleSessionId, '--speed', '4'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`1 > Where were you at 22:40?
Hm
(attempt 2: the reply starts anew)
At the customs house.
`);
  expect(server.seen[1]?.path).toBe(`/v1/sessions/${sampleSessionId}/replay?speed=4`);
});

describe('a watch', () => {
  const at = (revision: number, events: readonly SampleEvent[]) =>
    events.map((event) => ({ ...event, id: revision * 10_000_000_000 + event.id }));
  const mark = (event: string, data: object): SampleEvent => ({
    id: 1,
    event,
    data: { session_id: sampleSessionId, ...data },
  });
  const events = [
    ...at(1, [sampleRequestedEvent, ...sampleAttempt(1, ['At the ']), sampleEnding()]),
    ...at(4, [mark('session.rewound', { to_turn_id: null, position: 0 })]),
    ...at(5, [mark('session.ended', { outcome: 'won' })]),
  ];
  const answerWatch = () => answerStream(events);

  test('tells who is asked what, the words as they come, a rewind and the end', async () => {
    server.play(
      answerWatch(),
      answerProblem(404, { code: 'turn_not_found' }, false),
      answerJson(200, sampleTurnDocument()),
    );
    const { code, stdout, stderr } = await runCli(['watch', sampleSessionId, '--from-start'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`1 > Where were you at 22:40?
At the customs house.
(rewound to the start)
(the session has ended: won)
`);
    expect(server.seen[0]?.path).toBe(`/v1/sessions/${sampleSessionId}/events?from=start`);
  });

  test('with --json is an event a line, whose id goes back in', async () => {
    server.play(answerWatch());
    const { stdout } = await runCli(['watch', sampleSessionId, '--json'], { env });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type, id }) => ({ type, id }))).toEqual(events.map(({ event, id }) => ({ type: event, id })));
    expect(lines.at(-1)).toMatchObject({ session_id: sampleSessionId, outcome: 'won' });
    server.play((response) => void response.writeHead(204).end());
    expect(await runCli(['watch', sampleSessionId, '--after', String(lines.at(-1).id)], { env })).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(server.seen.at(-1)?.headers['last-event-id']).toBe('50000000001');
  });
});

test('the version and the help are results', async () => {
  const [version, help] = await Promise.all([runCli(['--version']), runCli(['sessions', '--help'])]);
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--scenario <id>'), stderr: '' });
});
