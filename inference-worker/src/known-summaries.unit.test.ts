import { beforeEach, expect, test } from '@jest/globals';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { publishSample, sessionEvents, startSample } from '@turnledger/shared/testing';
import { forkAt, rewindTo } from './reruns/testing/branches.ts';
import { neverAborts, RerunStage } from './reruns/testing/rerun-stage.ts';
import { summariseHistory } from './summarise-history.ts';

let stage: RerunStage;

beforeEach(async () => {
  stage = new RerunStage();
  const summary = { mode: 'rolling', maxTokens: 100 } as const;
  await publishSample(stage.played, { history: { windowTurns: 2, inputTokenBudget: 8_000, summary } });
});

/** Plays turns and makes the summary that is due behind each; answers the last one's id. */
async function playWithSummaries(sessionId: string, turns: number): Promise<string> {
  let last = '';
  for (let turn = 1; turn <= turns; turn += 1) {
    const [message] = await stage.play(sessionId, `Question ${turn}?`);
    last = message?.turnId ?? '';
    await summariseHistory(stage.ports, {
      sessionId,
      correlationId: 'test',
      worker: ids.uuid(),
      signal: neverAborts(),
    });
  }
  return last;
}

test('a fork that goes back to where its own summaries stand in the window is told the one of its past before it', async () => {
  const parentId = await startSample(stage.played);
  const sixth = await playWithSummaries(parentId, 6);
  const { forkId } = (await forkAt(stage.ports, parentId, sixth)) ?? { forkId: '' };
  await playWithSummaries(forkId, 2);
  await rewindTo(stage.ports, forkId, sixth);
  await stage.play(forkId, 'And now?');
  const held = async (sessionId: string) =>
    (await stage.stateOf(sessionId)).summaries?.held.map(({ throughPosition }) => throughPosition);
  expect([await held(parentId), await held(forkId)]).toEqual([
    [1, 2, 3, 4],
    [5, 6],
  ]);
  const newestOfPast = (await stage.stateOf(parentId)).summaries?.held.at(-1);
  const claims = (await sessionEvents(stage.played, forkId)).filter(({ type }) => type === 'TurnStarted');
  expect(claims.at(-1)?.data).toMatchObject({ prompt: { summaryId: newestOfPast?.summaryId } });
});
