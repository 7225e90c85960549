import { expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  MemoryTurnFeed,
  openMemoryKeyVault,
} from '@turnledger/shared/adapters/memory';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { rerunStream, sessionStream } from '@turnledger/shared/contracts';
import { cancelTurn, requestRerun, turnsToRepeat } from '@turnledger/shared/domain';
import type { ChatMessage, Model, ModelRequest } from '@turnledger/shared/ports';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  ManualClock,
  publishSample,
  requestSample,
  sampleConfig,
  sampleModelUsage,
  startSample,
} from '@turnledger/shared/testing';
import { FencedCalls } from './fenced-calls.ts';
import type { WorkerPorts } from './ports.ts';
import { runRerun } from './reruns/run-rerun.ts';
import { drawsOf, forkAt, rewindTo } from './reruns/testing/branches.ts';
import { runTurn } from './run-turn.ts';

/** Each step is a turn or a rewind of one of the sessions, or a fork that takes its place. */
const STEPS = 10_000;
const SESSIONS = 12;
const WINDOW_TURNS = 6;
const GREETING = 'Halt.';
const context = { actor: 'game', correlationId: 'simulation' };

type History = readonly { readonly turnId: string; readonly said: readonly ChatMessage[] }[];

/** A session as somebody would keep it in a notebook: what was said, by turn, in effective history. */
interface Notebook {
  readonly sessionId: string;
  history: History;
  /** The history of each turn that was ever part of it, with itself at the end; those that a rewind has cut too. */
  branches: readonly History[];
}

test(`${STEPS} turns, rewinds and forks at random: every prompt is what a slow reading of effective history gives`, async () => {
  const draw = drawsOf(20_261_128);
  const manual = new ManualClock();
  const log = new MemoryEventLog({ clock: manual });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  const ledger = openLedger({ log, vault, clock: manual, ids });
  const played = { ledger, vault, log, ids, sessions: new Set<string>() };
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
  const feed = new MemoryTurnFeed({ clock: manual });
  const ports = {
    ledger,
    vault,
    feed,
    clock: manual,
    ids,
    log: silentLog,
    models,
    holders: { isLost: async () => false },
  };
  await publishSample(played, {
    persona: { ...sampleConfig().persona, greeting: GREETING },
    history: { windowTurns: WINDOW_TURNS, inputTokenBudget: 100_000 },
  });
  const open = async (): Promise<Notebook> => ({ sessionId: await startSample(played), history: [], branches: [] });
  const notebooks = await Promise.all(Array.from({ length: SESSIONS }, open));
  const figures = { turns: 0, rewinds: 0, cut: 0, forks: 0, deepest: 0, ofCutTurns: 0 };

  const rewind = async (notebook: Notebook): Promise<void> => {
    const kept = notebook.history.slice(0, draw(notebook.history.length + 1));
    await rewindTo(ports, notebook.sessionId, kept.at(-1)?.turnId);
    figures.rewinds += 1;
    figures.cut += notebook.history.length - kept.length;
    notebook.history = kept;
  };

  /** Goes on from any turn that the session ever had, in a session of its own; from the start where it had none. */
  const fork = async (notebook: Notebook): Promise<Notebook> => {
    const branch = notebook.branches[draw(notebook.branches.length)];
    const turnId = branch?.at(-1)?.turnId;
    figures.forks += 1;
    const forked = turnId !== undefined && (await forkAt(ports, notebook.sessionId, turnId));
    if (branch === undefined || !forked) return open();
    figures.deepest = Math.max(figures.deepest, forked.depth);
    figures.ofCutTurns += notebook.history.some((turn) => turn.turnId === turnId) ? 0 : 1;
    const branches = branch.map((_turn, index) => branch.slice(0, index + 1));
    return { sessionId: forked.forkId, history: branch, branches };
  };

  /** Writes a turn down behind effective history. */
  const write = (notebook: Notebook, turn: History[number]): void => {
    notebook.history = [...notebook.history, turn];
    notebook.branches = [...notebook.branches, notebook.history];
  };

  const play = async (notebook: Notebook, step: number): Promise<void> => {
    const text = `Question ${step}?`;
    const message = await requestSample(played, notebook.sessionId, { text });
    played.sessions.add(notebook.sessionId);
    const { turnId, sessionId } = message;
    figures.turns += 1;
    if (draw(20) === 0) {
      // Cancelled before anybody answered: it has a place in history and nothing to say.
      const command = { turnId, by: 'game', reason: 'requested' } as const;
      await ledger.sessions.transact(sessionStream(sessionId), (state) => cancelTurn(command, state), { context });
      write(notebook, { turnId, said: [] });
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
    write(notebook, { turnId, said: [{ role: 'user', content: text }, answer] });
  };

  for (let step = 0; step < STEPS; step += 1) {
    const place = draw(SESSIONS);
    const notebook = notebooks[place];
    if (!notebook) continue;
    const drawn = draw(24);
    if (drawn === 0) notebooks[place] = await fork(notebook);
    else if (drawn <= 3) await rewind(notebook);
    else await play(notebook, step);
    // A session has an end; another takes its place.
    if (notebook.history.length > 60) notebooks[place] = await open();
  }
  const openRequests = asked.length;
  const repeated = await repeatAll(ports, [...played.sessions].slice(-150));
  expect(repeated.turns).toBeGreaterThan(STEPS / 10);
  expect(repeated.outcomes).toEqual(new Map([['reused', repeated.turns]]));
  expect(asked).toHaveLength(openRequests);
  expect(figures.turns + figures.rewinds + figures.forks).toBe(STEPS);
  expect(figures.ofCutTurns).toBeGreaterThan(STEPS / 200);
  expect(figures.deepest).toBeGreaterThan(5);
  expect(figures.cut).toBeGreaterThan(STEPS / 10);
}, 60_000);

/** Asks the turns of sessions again, both ways: nothing is changed, so each request is the recorded one to the byte, and nobody is asked. */
async function repeatAll(ports: Omit<WorkerPorts, 'clock'>, sessionIds: readonly string[]) {
  const { ledger } = ports;
  const stores = { views: { query: async () => [] }, leadership: { lead: async () => {} } };
  const outcomes = new Map<string, number>();
  let turns = 0;
  for (const mode of ['teacher_forced', 'free_running'] as const) {
    const sources = [];
    for (const sessionId of sessionIds) {
      const state = await ledger.sessions.load(sessionStream(sessionId));
      const throughTurnId = state.history?.turnId ?? '';
      const count = turnsToRepeat(state, throughTurnId).length;
      if (count > 0) sources.push({ sessionId, throughTurnId, turns: count });
    }
    const own = sources.reduce((sum, source) => sum + source.turns, 0);
    turns += own;
    const asked = { scenarioId: 'tavern', mode, sources, turns: own, overrides: {}, reuse: true, concurrency: 4 };
    const [rerunId, worker] = [ids.uuid(), ids.uuid()];
    const request = { ...asked, bodyHash: 'a0'.repeat(32) };
    await ledger.reruns.transact(rerunStream(rerunId), (state) => requestRerun(request, state), { context });
    const { signal } = new AbortController();
    const calls = new FencedCalls({ clock, log: silentLog, worker });
    await runRerun({ ...ports, ...stores, clock }, { rerunId, worker, leaving: signal, deadline: signal }, calls);
    const { comparisons } = await ledger.reruns.load(rerunStream(rerunId));
    for (const { outcome } of comparisons) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return { turns, outcomes };
}
