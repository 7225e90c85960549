import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { snakeCased } from '@turnledger/shared/client';
import { answerJson, type ScriptedServer, startScriptedServer } from '@turnledger/shared/testing';
import { endClis, startCli } from './testing/cli-process.ts';
import { sampleRerun, sampleRerunId } from './testing/sample-rerun.ts';

let server: ScriptedServer;
let env: { readonly [name: string]: string };
beforeAll(async () => {
  server = await startScriptedServer();
  env = { TURNLEDGER_URL: server.url };
});
afterAll(async () => {
  endClis();
  await server.close();
});

const row = { id: 'a', scenario: { id: 'default', version: 1 }, status: 'open', turns: 0, started_at: '2026-01-01' };
const playRows = () => server.play(answerJson(200, { data: [row, row], has_more: false }));

test('whoever has read enough of a list ends it, and nothing went wrong', async () => {
  playRows();
  const cli = startCli(['sessions'], env);
  cli.stopReading('stdout');
  expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
});

test('a gate that was not passed ends badly, however little of it is read', async () => {
  const gate = { version: 2, rerunId: sampleRerunId, thresholds: {}, outcome: 'failed', missed: [] } as const;
  const over = snakeCased(sampleRerun({ gate }));
  server.play(answerJson(202, over), answerJson(200, over));
  const cli = startCli(['gate', 'lisbon-ledger.marta', '2', '--min-turns', '5'], env);
  cli.stopReading('stdout');
  expect(await cli.ended).toMatchObject({ code: 1 });
});

test('results are printed though nobody reads what is told beside them', async () => {
  playRows();
  const cli = startCli(['sessions', '--limit', '1'], env);
  cli.stopReading('stderr');
  expect(await cli.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('started at') });
});
