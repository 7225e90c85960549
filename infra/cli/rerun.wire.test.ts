import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTurnledgerClient, type TurnledgerClient } from '@turnledger/shared/client';
import { endEmbedded, startEmbeddedProcess } from '../embedded/testing/embedded-process.ts';
import { askingTwin } from '../embedded/testing/http-calls.ts';
import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { endClis, runCli, startCli } from './testing/cli-process.ts';

const scenarioId = 'lisbon-ledger.marta';
const LINE = 'At my desk, with the lamp lit.';
const OTHER_LINE = 'At my desk, with the door open.';

let twin: ModelTwin;
let candidate: ModelTwin;
let stalled: ModelTwin;
let client: TurnledgerClient;
let env: { readonly [name: string]: string };
let sessionId: string;

beforeAll(async () => {
  const host = '127.0.0.1';
  twin = await startModelTwin({ host });
  candidate = await startModelTwin({ host });
  stalled = await startModelTwin({ host, behaviour: { fault: { kind: 'headers_never' } } });
  const prices = { 'twin-2': { input_per_million_usd: 2, output_per_million_usd: 10 } };
  const endpoints = {
    candidate: { base_url: candidate.url, api_key_env: 'TWIN_KEY', model: 'twin-2', prices },
    stalled: { base_url: stalled.url, api_key_env: 'TWIN_KEY', model: 'twin-3' },
  };
  const { url } = await startEmbeddedProcess({
    env: { ...askingTwin(twin), TURNLEDGER_ENDPOINTS: JSON.stringify(endpoints), TWIN_KEY: 'sk-of-a-test' },
  });
  client = createTurnledgerClient({ baseUrl: url });
  env = { TURNLEDGER_URL: url };
  await client.configureModel({ scenarioId, retry: { maxAttempts: 1 }, persona: { name: 'Marta Reis' } });
  twin.plan({ text: LINE });
  const session = await client.startSession({ scenarioId, gameId: 'lisbon' });
  await session.say('Where were you?');
  const { logPosition } = await session.say('And who saw you?');
  sessionId = session.id;
  // What chooses sessions is a view, which has to have heard of these turns.
  await client.sessions({ ...(logPosition !== undefined && { minPosition: logPosition }) }).next();
});
beforeEach(() => {
  for (const [model, text] of [[twin, LINE] as const, [candidate, OTHER_LINE] as const]) {
    model.reset();
    model.plan({ text });
  }
});
afterAll(async () => {
  endClis();
  await endEmbedded();
  await Promise.all([twin.close(), candidate.close()]);
});

const rerunIdOf = (stderr: string): string => /^re-run (\S+):/m.exec(stderr)?.[1] ?? '';

test('an estimate is told before anything is asked, and nothing is recorded', async () => {
  const { code, stdout } = await runCli(['rerun', sessionId, '--model', '@candidate', '--dry-run'], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^sessions {4}1\nturns {7}2, up to 0 /) });
  expect((await client.reruns().next()).done).toBe(true);
});

test('the same questions to another model are waited for, and read word by word', async () => {
  const { code, stdout, stderr } = await runCli(['rerun', sessionId, '--model', '@candidate'], { env });
  expect(code).toBe(0);
  expect(stdout).toContain('0 reused, 2 completed, 0 failed\n');
  expect(stdout).toContain('diverged       2 of 2 (100.0 %)\n');
  const diff = await runCli(['diff', rerunIdOf(stderr)], { env });
  expect(diff.code).toBe(0);
  expect(diff.stdout).toContain(`session ${sessionId}\n1 > Where were you?\n`);
  expect(diff.stdout.match(/At my desk, with the \[-lamp lit-\]\{\+door open\+\}\./g)).toHaveLength(2);
});

test('the same questions to the same model are not asked again: their replies stand', async () => {
  const { code, stdout, stderr } = await runCli(['rerun', '--scenario', scenarioId, '--game', 'lisbon'], { env });
  expect(code).toBe(0);
  expect(stdout).toContain('2 reused, 0 completed, 0 failed\n');
  const all = await runCli(['diff', rerunIdOf(stderr), '--all', '--json'], { env });
  const documents = all.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(documents).toMatchObject([
    { position: 1, outcome: 'reused', recorded: { response: LINE }, repeated: { response: LINE } },
    { position: 2, outcome: 'reused' },
    { status: 'completed' },
  ]);
});

test('a cap that is reached before the end makes a bad end', async () => {
  const args = ['rerun', sessionId, '--model', '@candidate', '--spend-cap-usd', '0'];
  const { code, stdout } = await runCli(args, { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining(': spend_cap_reached\n') });
});

test('Ctrl-C leaves a re-run alone, which is cancelled by its id', async () => {
  const cli = startCli(['rerun', sessionId, '--model', '@stalled'], env);
  await cli.told('re-run ');
  cli.interrupt();
  const { signal, stderr } = await cli.ended;
  expect(signal).toBe('SIGINT');
  const rerunId = rerunIdOf(stderr);
  expect(stderr).toContain(`turnledger rerun --cancel ${rerunId} ends it.\n`);
  expect(await client.rerun(rerunId)).toMatchObject({ status: 'running' });
  const { stdout } = await runCli(['rerun', '--cancel', rerunId], { env });
  expect(stdout).toBe(`re-run ${rerunId}: cancelling\n`);
  // Turns that are under way end first: here by their connections.
  await stalled.close();
  expect((await client.awaitRerun(rerunId)).status).toBe('cancelled');
});

test('a gate promotes a version that meets its thresholds, and ends badly for one that does not', async () => {
  const published = async () => (await client.scenario(scenarioId)).version;
  const gated = async (over: object, thresholds: readonly string[]) => {
    const { version } = await client.configureModel({ scenarioId, publish: false, ...over });
    return { version, ...(await runCli(['gate', scenarioId, String(version), ...thresholds], { env })) };
  };
  const models = [{ name: 'default', endpoint: 'candidate' }];
  const good = await gated({ models }, ['--min-turns', '2', '--max-failed-rate', '0']);
  expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining(`gate of version ${good.version}: passed\n`) });
  expect(await published()).toBe(good.version);
  const bad = await gated({ persona: { name: 'Marta' } }, ['--min-similarity', '1', '--scenario-version', '1']);
  expect(bad).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/: failed\n {2}min-similarity 1 is not met: 0\./),
  });
  expect(await published()).toBe(good.version);
});

test('they are listed, newest first', async () => {
  const { code, stdout } = await runCli(['reruns', '--scenario', scenarioId, '--limit', '2', '--json'], { env });
  expect(code).toBe(0);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toMatchObject([
    { scenario_id: scenarioId, gate_version: 3, status: 'completed' },
    { scenario_id: scenarioId, gate_version: 2, status: 'completed' },
  ]);
});
