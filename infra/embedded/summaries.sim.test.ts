import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openMemoryKeyVault } from '@turnledger/shared/adapters/memory';
import { createScriptedModel } from '@turnledger/shared/adapters/scripted';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { sessionStream } from '@turnledger/shared/contracts';
import type { Model } from '@turnledger/shared/ports';
import { advanceUntil, ManualClock, type ServedApp, serveApp } from '@turnledger/shared/testing';
import {
  type Evidence,
  judge,
  type ModelCall,
  openLog,
  type Violation,
} from '@turnledger/shared/testing/history-checker';
import { emptyDisk, type MemoryDisk, type MemoryInstance, startMemoryInstance } from './testing/memory-instance.ts';

const scenarioId = 'tavern';

let clock: ManualClock;
let disk: MemoryDisk;
let instance: MemoryInstance;
let app: ServedApp;
let calls: ModelCall[];
let killsAtMs: number[];
let sessionId: string;

/** The scripted model, a word each 20 ms, and what it was asked. */
function recordedModel(): Model {
  const scripted = createScriptedModel({ wordDelayMs: 20, clock });
  return {
    ...scripted,
    reply(request, callId, signal) {
      calls.push({ model: request.model, callId, messages: request.messages, atMs: clock.nowMs() });
      return scripted.reply(request, callId, signal);
    },
  };
}

async function start(): Promise<void> {
  instance = await startMemoryInstance({ clock, disk, model: recordedModel() });
  app = await serveApp(instance.listener);
}

async function kill(): Promise<void> {
  instance.kill();
  killsAtMs.push(clock.nowMs());
  await app.close();
}

const post = async (path: string, body: object) => {
  const sent = app.send({ method: 'POST', path, body, headers: { host: 'localhost' } });
  const reply = await advanceUntil(clock, sent);
  return { status: reply.status, body: reply.json() as { readonly id: string } };
};

async function play(from: number, through: number): Promise<readonly string[]> {
  const turnIds: string[] = [];
  for (let turn = from; turn <= through; turn += 1) {
    const { status, body } = await post(`/v1/sessions/${sessionId}/turns`, {
      prompt: `Question ${turn}, about ${turn}?`,
    });
    expect(status).toBe(200);
    turnIds.push(body.id);
    // A player reads what was said.
    await clock.advanceBy(1_000);
  }
  return turnIds;
}

const types = async () => (await disk.log.readStream(sessionStream(sessionId))).map(({ type }) => type);
const count = async (type: string) => (await types()).filter((one) => one === type).length;

async function evidence(): Promise<Evidence> {
  const log = await openLog(disk.log, openMemoryKeyVault({ ids, records: disk.records }));
  return { history: [], log, views: { live: [], rebuilt: [] }, calls, killsAtMs };
}

/** What is found of the log and the calls: these runs have no clients that kept a history, and no views. */
const judged = (found: Evidence): readonly Violation[] =>
  judge(found).filter(({ invariant }) => !['R1', 'R4'].includes(invariant));

beforeEach(async () => {
  clock = new ManualClock();
  disk = emptyDisk(clock);
  [calls, killsAtMs] = [[], []];
  await start();
  const history = { window_turns: 4, summary: { mode: 'rolling', max_tokens: 100 } };
  await post('/llm/configure', { scenario_id: scenarioId, persona: { name: 'Mira' }, history });
  sessionId = (await post('/v1/sessions', { scenario_id: scenarioId, player_id: 'alice' })).body.id;
});

afterEach(async () => {
  await app.close();
  await advanceUntil(clock, instance.stop(), 100);
});

/** A session that outgrows its window, is rewound, and goes on after its process died under a summary. */
async function playedEvidence(): Promise<Evidence> {
  const turnIds = await play(1, 14);
  await post(`/v1/sessions/${sessionId}/rewind`, { to_turn_id: turnIds[8] });
  await play(15, 18);
  const before = await count('SummaryStarted');
  for (let turn = 19; (await count('SummaryStarted')) === before; turn += 1)
    await post(`/v1/sessions/${sessionId}/turns`, { prompt: `Question ${turn}?` });
  await kill();
  await start();
  await play(30, 36);
  return evidence();
}

const isTold = ({ messages }: ModelCall) => messages[1]?.content.startsWith('{"earlier":') === true;
const isAsked = ({ messages }: ModelCall) => messages[1]?.content.startsWith('{"summarise":') === true;

describe('a long session that is rewound and whose process dies', () => {
  test('keeps every promise about its prompts and its calls', async () => {
    expect(judged(await playedEvidence())).toEqual([]);
    expect(await types()).toContain('SummaryFailed');
    expect(await count('HistorySummarized')).toBeGreaterThan(4);
    expect(calls.filter(isTold).length).toBeGreaterThan(5);
    expect(calls.findLast(isTold)?.messages[1]?.content).toContain('The player and Mira have talked.');
  });

  test('is accused where one fact of it is another', async () => {
    const sound = await playedEvidence();
    const found = (changed: Partial<Evidence>) => judged({ ...sound, ...changed }).map(({ sentence }) => sentence);
    const withoutFirst = (type: string) => {
      const first = sound.log.find((event) => event.type === type);
      return { log: sound.log.filter((event) => event !== first) };
    };
    const saying = (changed: ModelCall | undefined, content: string) => ({
      calls: calls.map((call) => {
        if (call !== changed) return call;
        return { ...call, messages: call.messages.map((one, index) => (index === 1 ? { ...one, content } : one)) };
      }),
    });
    const unannounced = 'a model was called without a record of it';
    expect(found(withoutFirst('SummaryStarted'))).toContain(
      'a summary ends that no claim announced, or that had ended',
    );
    expect(found(withoutFirst('SummaryStarted'))).toContain(unannounced);
    expect(found(withoutFirst('HistorySummarized'))).toContain('a summary was claimed while another was under way');
    expect(found({ killsAtMs: [] })).toContain('a summary was given up as lost though no process died under it');
    expect(found(saying(calls.findLast(isTold), '{}'))).toEqual(['a prompt is not what rule 10 gives']);
    expect(found(saying(calls.findLast(isAsked), '{}'))).toEqual([unannounced]);
  });
});
