import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { snakeCased } from '@turnledger/shared/client';
import { answerJson, answerProblem, type ScriptedServer, startScriptedServer } from '@turnledger/shared/testing';
import { createCliProgram } from './cli-program.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { endClis, startCli } from './testing/cli-process.ts';
import { firstSessionId, sampleRerun, sampleRerunId, sampleRerunTurn } from './testing/sample-rerun.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(async () => {
  endClis();
  await server.close();
});

/** Runs a command in this process, its standard error a terminal's; `code` is undefined where the command said none. */
async function run(...args: readonly string[]) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  let [code, failure]: [ExitCode?, unknown?] = [];
  const program = createCliProgram({ stdin, stdout, stderr }, (given) => {
    code = given;
  });
  const printed = Promise.all([text(stdout), text(stderr)]);
  try {
    await program.parseAsync([...args, '--url', server.url], { from: 'user' });
  } catch (thrown) {
    failure = thrown;
  }
  stdout.end();
  stderr.end();
  const [out, told] = await printed;
  return { code, failure, out, told };
}

const bodySeen = () => JSON.parse(server.seen[0]?.body ?? 'null');
const answer = (document: object) => answerJson(200, snakeCased(document));
const running = sampleRerun({ status: 'running', progress: { ...sampleRerun().progress, compared: 2 } });

describe('turnledger rerun', () => {
  test('asks as the flags say, shows a bar to a person who waits, and what came of it', async () => {
    server.play(answerJson(202, snakeCased(running)), answer(running), answer(sampleRerun()));
    const flags = ['--model', 'gpt@fast', '--top-p', '0.5', '--no-reuse', '--spend-cap-usd', '2.50'];
    const { code, out, told } = await run('rerun', firstSessionId, '--mode', 'free-running', ...flags);
    expect(code).toBe(exitCodes.fine);
    expect(out).toContain('lisbon-ledger.marta, teacher-forced: completed\nturns          5 of 5 in 2 sessions\n');
    expect(told).toContain(`re-run ${sampleRerunId}: 5 turns of 2 sessions\n`);
    expect(told).toContain('[#########...............] 2 of 5 turns');
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /v1/sessions/${firstSessionId}/reruns`,
      `GET /v1/reruns/${sampleRerunId}`,
      `GET /v1/reruns/${sampleRerunId}`,
    ]);
    expect(bodySeen()).toEqual({
      overrides: { model: { name: 'gpt', endpoint: 'fast' }, top_p: 0.5 },
      mode: 'free_running',
      reuse: false,
      spend_cap_micro_usd: 2_500_000,
    });
  });

  test('prints an estimate of many sessions and asks nobody', async () => {
    const counts = { sessions: 2, turns: 5, reusableTurns: 1, promptTokens: 280, completionTokens: 90 };
    server.play(answer({ dryRun: true, ...counts, costMicroUsd: 1_000 }));
    const args = [
      '--scenario',
      'a',
      '--scenario-version',
      '1',
      '--with-version',
      '2',
      '--from',
      '2026-11-20T00:00:00Z',
    ];
    const { code, out } = await run('rerun', ...args, '--dry-run');
    expect(code).toBeUndefined();
    expect(out).toMatch(/^sessions {4}2\nturns {7}5, up to 1 .*\nUSD {9}0\.001000\n$/s);
    expect(bodySeen()).toEqual({
      scenario_id: 'a',
      scenario_version: 1,
      from: '2026-11-20T00:00:00Z',
      overrides: { scenario_version: 2 },
      dry_run: true,
    });
  });

  test('prints the id where nobody is to wait, and looks no further', async () => {
    server.play(answerJson(202, snakeCased(running)));
    expect(await run('rerun', firstSessionId, '--no-wait')).toMatchObject({ out: `${sampleRerunId}\n`, told: '' });
    expect(server.seen).toHaveLength(1);
  });

  test('with --json is the document as it ended, without a bar; and the end is bad unless it came through', async () => {
    const stopped = sampleRerun({ status: 'spend_cap_reached' });
    server.play(answerJson(202, snakeCased(running)), answer(running), answer(stopped));
    const { code, out, told } = await run('rerun', firstSessionId, '--json');
    expect(code).toBe(exitCodes.refused);
    expect(JSON.parse(out)).toEqual(snakeCased(stopped));
    expect(told).toBe(`re-run ${sampleRerunId}: 5 turns of 2 sessions\n`);
  });

  test('cancels one that runs', async () => {
    server.play(answer(sampleRerun({ status: 'cancelling' })));
    expect((await run('rerun', '--cancel', sampleRerunId)).out).toBe(`re-run ${sampleRerunId}: cancelling\n`);
    expect(server.seen[0]).toMatchObject({ method: 'POST', path: `/v1/reruns/${sampleRerunId}/cancel` });
  });

  test('says how to find it again when the service is lost on the way', async () => {
    const lost = answerProblem(404, { code: 'rerun_not_found' }, false);
    server.play(answerJson(202, snakeCased(running)), answer(running), lost);
    const { failure, out, told } = await run('rerun', firstSessionId);
    expect(failure).toMatchObject({ code: 'rerun_not_found' });
    expect({ out, told }).toEqual({ out: '', told: expect.stringContaining(`turnledger diff ${sampleRerunId} shows`) });
  });

  test('by Ctrl-C ends the waiting alone, and says how to end the re-run', async () => {
    server.play(answerJson(202, snakeCased(running)), answer(running));
    const cli = startCli(['rerun', firstSessionId], { TURNLEDGER_URL: server.url });
    await server.whenSeen(2);
    cli.interrupt();
    const { signal, stdout, stderr } = await cli.ended;
    expect({ signal, stdout }).toEqual({ signal: 'SIGINT', stdout: '' });
    expect(stderr).toMatch(new RegExp(`turnledger rerun --cancel ${sampleRerunId} ends it.\n$`));
    expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('turnledger gate', () => {
  const gate = { version: 2, rerunId: sampleRerunId, thresholds: { min_turns: 5, max_failed_rate: 0.1 }, missed: [] };

  test.each([
    ['passed', exitCodes.fine],
    ['failed', exitCodes.refused],
  ] as const)('asks by its thresholds; %s, it ends with %i', async (outcome, ending) => {
    const over = sampleRerun({ gate: { ...gate, outcome } });
    server.play(answerJson(202, snakeCased(running)), answer(over));
    const args = ['--min-turns', '5', '--max-failed-rate', '0.1', '--scenario-version', '1'];
    const { code, out } = await run('gate', 'lisbon-ledger.marta', '2', ...args);
    expect(code).toBe(ending);
    expect(out).toContain(`\ngate of version 2: ${outcome}\n`);
    expect(server.seen[0]?.path).toBe('/v1/scenarios/lisbon-ledger.marta/gate');
    expect(bodySeen()).toEqual({
      version: 2,
      thresholds: { min_turns: 5, max_failed_rate: 0.1 },
      scenario_version: 1,
    });
  });
});

describe('turnledger diff', () => {
  const turns = [sampleRerunTurn({ position: 3 }, { repeated: { response: 'Nowhere.' } }), sampleRerunTurn()];
  const page = answer({ data: turns.map((turn) => snakeCased<object>(turn)), hasMore: false, nextCursor: null });

  test('shows the diverged turns in their order, and what all come to', async () => {
    server.play(page, answer(sampleRerun()));
    const { out, told } = await run('diff', sampleRerunId);
    expect(out.split('\n').filter((line) => /^(session 0|\d+ >|re-run)/.test(line))).toEqual([
      `session ${firstSessionId}`,
      '2 > Where were you?',
      '3 > Where were you?',
      expect.stringMatching(/^re-run .*: completed$/),
    ]);
    expect(out).toContain('[-At the harbour, at night-]{+Nowhere+}.');
    expect(told).toBe('');
    expect(server.seen[0]?.path).toBe(`/v1/reruns/${sampleRerunId}/turns?limit=100&diverged=only`);
  });

  test('with --all --json has every turn, and the re-run as its last line', async () => {
    server.play(page, answer(running));
    const { out } = await run('diff', sampleRerunId, '--all', '--json');
    const documents = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map(({ position, status }) => position ?? status)).toEqual([2, 3, 'running']);
    expect(server.seen[0]?.path).toBe(`/v1/reruns/${sampleRerunId}/turns?limit=100`);
  });
});

test('turnledger reruns lists them', async () => {
  const row = { id: sampleRerunId, status: 'completed', scenarioId: 'a', mode: 'free_running', requestedAt: 't' };
  server.play(answer({ data: [snakeCased<object>(row)], hasMore: false, nextCursor: null }));
  const { out } = await run('reruns', '--status', 'completed', '--scenario', 'a', '--from', '2026-11-24');
  expect(out).toContain(sampleRerunId);
  expect(server.seen[0]?.path).toBe('/v1/reruns?limit=100&scenario_id=a&status=completed&from=2026-11-24');
});
