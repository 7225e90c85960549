import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTurnledgerClient, type Session, type TurnledgerClient } from '@turnledger/shared/client';
import { endEmbedded, startEmbeddedProcess } from '../embedded/testing/embedded-process.ts';
import { askingTwin } from '../embedded/testing/http-calls.ts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { endClis, runCli, startCli } from './testing/cli-process.ts';

const scenarioId = 'lisbon-ledger.marta';
const LINE = 'At my desk, with the lamp lit.';

let twin: ModelTwin;
let client: TurnledgerClient;
let env: { readonly [name: string]: string };

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  const { url } = await startEmbeddedProcess({ env: askingTwin(twin) });
  client = createTurnledgerClient({ baseUrl: url });
  await client.configureModel({ scenarioId, retry: { maxAttempts: 1 }, fallbackLines: ['Somebody is at the door.'] });
  env = { TURNLEDGER_URL: url };
});
beforeEach(() => {
  twin.reset();
  twin.plan({ text: LINE });
});
afterAll(async () => {
  endClis();
  await endEmbedded();
  await twin.close();
});

async function newest(playerId: string): Promise<Session | undefined> {
  for await (const session of client.sessions({ playerId })) return session;
  return undefined;
}

test('lines of a pipe are a conversation, and what is beside it is not among the results', async () => {
  const input = 'Where were you?\n\n/history\n/state\n/end won\nnever said\n';
  const args = ['play', '--scenario', scenarioId, '--player', 'p1', '--game', 'lisbon'];
  const { code, stdout, stderr } = await runCli(args, { input, env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${LINE}\n1 > Where were you?\n${LINE}\n` });
  const session = await newest('p1');
  expect(session).toMatchObject({ gameId: 'lisbon', status: 'ended', outcome: 'won', turns: 1 });
  expect(stderr).toBe(
    `session ${session?.id}, ${scenarioId} version 1\nNo turn has brought a state yet.\nThe session has ended: won.\n`,
  );
});

test('a player goes back: to a place of the history, to a bookmark, to the start, and nowhere else', async () => {
  const input = 'One\n/bookmark here\nTwo\n/rewind 1\nThree\n/history\n/rewind start\n/rewind 7\n';
  const { code, stdout, stderr } = await runCli(['play', '--scenario', scenarioId, '--player', 'p3'], { input, env });
  expect(stdout).toMatch(/^turn 1: [A-Za-z0-9_-]{43}$/m);
  expect(stdout).toContain(`1 > One\n${LINE}\n2 > Three\n${LINE}\n`);
  expect(stdout).not.toContain('> Two');
  expect(stderr).toContain('Back at turn 1.\nBack at the start.\nThere is no turn 7; /history shows the turns.\n');
  expect(code).toBe(2);
  const session = client.session((await newest('p3'))?.id ?? '');
  expect((await session.lineage()).bookmarks).toMatchObject([{ label: 'here' }]);
});

test('a file may begin with a byte order mark, and a label have blanks', async () => {
  const input = '\uFEFFOne\n/bookmark before  the accusation\n';
  const { code, stderr } = await runCli(['play', '--scenario', scenarioId, '--player', 'p6'], { input, env });
  expect({ code, refused: stderr.includes('/bookmark') }).toEqual({ code: 0, refused: false });
  const session = client.session((await newest('p6'))?.id ?? '');
  expect((await session.turns().next()).value).toMatchObject({ prompt: 'One' });
  expect((await session.lineage()).bookmarks).toMatchObject([{ label: 'before the accusation' }]);
});

test('a player goes on from an earlier turn in a session of its own, and the first one stays as it was', async () => {
  const input = 'One\nTwo\n/fork 1\nThree\n/history\n';
  const { code, stdout, stderr } = await runCli(['play', '--scenario', scenarioId, '--player', 'p4'], { input, env });
  expect(code).toBe(0);
  expect(stdout).toContain(`1 > One\n${LINE}\n2 > Three\n${LINE}\n`);
  const fork = await newest('p4');
  const parent = fork?.forkedFrom?.sessionId ?? '';
  expect(stderr).toContain(`session ${fork?.id}, from turn 1 of ${parent}\n`);
  expect((await client.session(parent).replay()).turns.map(({ prompt }) => prompt)).toEqual(['One', 'Two']);
});

test('a session is gone on with, and each turn is a line of JSON for scripts', async () => {
  const { id, logPosition } = (await client.startSession({ scenarioId })).record;
  expect(logPosition).toBeDefined();
  const { code, stdout } = await runCli(['play', '--session', id, '--json'], { input: 'One\nTwo', env });
  expect(code).toBe(0);
  const turns = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(turns).toMatchObject([
    { session_id: id, position: 1, prompt: 'One', response: LINE, finish_reason: 'stop' },
    { session_id: id, position: 2, prompt: 'Two', response: LINE },
  ]);
});

test('a failure has its code and the line to say instead, the next line is said, and the command ends with 1', async () => {
  const input = 'Where? [[twin: empty_body]]\nAnd then?\n';
  const { code, stdout, stderr } = await runCli(['play', '--scenario', scenarioId], { input, env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: `Somebody is at the door.\n${LINE}\n` });
  expect(stderr).toMatch(/\n\(failed: \w+\)\n/);
});

test('Ctrl-C cancels the turn, keeps what was said, and takes the next line; a second one ends the command', async () => {
  twin.plan({ text: `${LINE} ${'And then? '.repeat(1_000)}`, tokenDelayMs: 5 });
  const cli = startCli(['play', '--scenario', scenarioId, '--player', 'p2'], env);
  cli.type('Where were you?\n');
  await cli.printed('At my desk');
  cli.interrupt();
  cli.type('/history\n');
  await cli.printed('\n1 > Where were you?\nAt my desk');
  cli.interrupt();
  const { code, signal, stdout, stderr } = await cli.ended;
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
  expect(stderr).toMatch(/\n\(cancelled\)\n/);
  expect(stdout).toMatch(/\(cancelled\)\n$/);
  const { id = '' } = (await newest('p2')) ?? {};
  expect((await client.session(id).turns().next()).value).toMatchObject({
    status: 'cancelled',
    response: expect.stringMatching(/^At my desk/),
  });
});

test('/quit ends it though the pipe stays open, and leaves the session as it is', async () => {
  const cli = startCli(['play', '--scenario', scenarioId, '--player', 'p3'], env);
  cli.type('/nothing\n/quit\n');
  expect(await cli.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no /nothing;') });
  expect(await newest('p3')).toMatchObject({ status: 'open', turns: 0 });
});
