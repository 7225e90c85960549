import { expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { cancelTurn, rewindSession } from '@turnledger/shared/domain';
import type { ChatMessage, Model, ModelRequest } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  ManualClock,
  publishSample,
  requestSample,
  sampleConfig,
  sampleHmac,
  sampleModelUsage,
  startSample,
} from '@turnledger/shared/testing';
import { runTurn } from './run-turn.ts';

/** Each step is a turn or a rewind of one of the sessions. */
const STEPS = 10_000;
const SESSIONS = 12;
const WINDOW_TURNS = 6;
const GREETING = 'Halt.';
const context = { actor: 'game', correlationId: 'simulation' };

/** Mulberry32, as the kill test draws: a failing run is repeated by its seed. */
function drawsOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A session as somebody would keep it in a notebook: what was said, by turn, in effective history. */
interface Notebook {
  readonly sessionId: string;
  history: readonly { readonly turnId: string; readonly said: readonly ChatMessage[] }[];
}

test(`${STEPS} turns and rewinds at random: every prompt is what a slow reading of effective history gives`, async () => {
  const draw = drawsOf(20_261_128);
  const clock = new ManualClock();
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  const ledger = openLedger({ log, vault, clock, ids });
  const played = { ledger, vault, log, ids };
  const asked: ModelRequest[] = [];
  const model: Model = {
    defaultModel: 'programmed',
    isScripted: false,
    async *reply(request) {
      asked.push(request);
      yield { kind: 'delta', text: `Answer ${asked.length}.` };
      yield { kind: 'ended', finishReason: 'stop', model: 'some-model', usage: sampleModelUsage };
    },
  };
  const models = new Map([['main', model]]);
  const feed = new MemoryTurnFeed({ clock });
  const ports = { ledger, vault, feed, clock, ids, log: silentLog, models, holders: { isLost: async () => false } };
  await publishSample(played, {
    persona: { ...sampleConfig().persona, greeting: GREETING },
    history: { windowTurns: WINDOW_TURNS, inputTokenBudget: 100_000 },
  });
  const open = async (): Promise<Notebook> => ({ sessionId: await startSample(played), history: [] });
  const notebooks = await Promise.all(Array.from({ length: SESSIONS }, open));
  const figures = { turns: 0, rewinds: 0, cut: 0 };

  const rewind = async (notebook: Notebook): Promise<void> => {
    const kept = notebook.history.slice(0, draw(notebook.history.length + 1));
    const toTurnId = kept.at(-1)?.turnId;
    const command = {
      rewindId: ids.uuid(),
      by: 'game',
      bodyHmac: sampleHmac,
      maxRewinds: limits.session.maxRewinds,
      ...(toTurnId !== undefined && { toTurnId }),
    };
    const stream = sessionStream(notebook.sessionId);
    const { outcome } = await ledger.sessions.transact(stream, (state) => rewindSession(command, state), { context });
    if (outcome === 'refused') throw new TypeError('a rewind was refused');
    figures.rewinds += 1;
    figures.cut += notebook.history.length - kept.length;
    notebook.history = kept;
  };

  const play = async (notebook: Notebook, step: number): Promise<void> => {
    const text = `Question ${step}?`;
    const message = await requestSample(played, notebook.sessionId, { text });
    const { turnId, sessionId } = message;
    figures.turns += 1;
    if (draw(20) === 0) {
      // Cancelled before anybody answered: it has a place in history and nothing to say.
      const command = { turnId, by: 'game', reason: 'requested' } as const;
      await ledger.sessions.transact(sessionStream(sessionId), (state) => cancelTurn(command, state), { context });
      notebook.history = [...notebook.history, { turnId, said: [] }];
      return;
    }
    await runTurn(ports, { message, worker: ids.uuid(), signal: new AbortController().signal });
    const window = notebook.history.slice(-WINDOW_TURNS);
    const isWhole = window.length === notebook.history.length;
    const expected = [
      ...(isWhole ? [{ role: 'assistant', content: GREETING }] : []),
      ...window.flatMap(({ said }) => said),
      { role: 'user', content: text },
    ];
    expect({ step, messages: asked.at(-1)?.messages.slice(1) }).toEqual({ step, messages: expected });
    const answer = { role: 'assistant', content: `Answer ${asked.length}.` } as const;
    notebook.history = [...notebook.history, { turnId, said: [{ role: 'user', content: text }, answer] }];
  };

  for (let step = 0; step < STEPS; step += 1) {
    const place = draw(SESSIONS);
    const notebook = notebooks[place];
    if (!notebook) continue;
    if (draw(8) === 0) await rewind(notebook);
    else await play(notebook, step);
    // A session has an end; another takes its place.
    if (notebook.history.length > 60) notebooks[place] = await open();
  }
  expect(figures.turns + figures.rewinds).toBe(STEPS);
  expect(figures.cut).toBeGreaterThan(STEPS / 10);
}, 60_000);
