import { beforeEach, expect, test } from '@jest/globals';
import {
  emptyVaultRecords,
  MemoryEventLog,
  openMemoryKeyVault,
  openMemoryLeadership,
  openMemoryWorkerLiveness,
} from '@turnledger/shared/adapters/memory';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits, rerunStream, sessionStream } from '@turnledger/shared/contracts';
import { isRunning, type RerunState, requestRerun, turnsToRepeat } from '@turnledger/shared/domain';
import { openLedger, silentLog } from '@turnledger/shared/runtime';
import {
  endsWell,
  FaultyEventLog,
  type ModelStep,
  ProgrammedModel,
  publishSample,
  requestSample,
  says,
  startSample,
} from '@turnledger/shared/testing';
import { watchHolders } from '../holder-watch.ts';
import { runTurn } from '../run-turn.ts';
import { leadReruns } from './lead-reruns.ts';
import type { RerunPorts } from './rerun-ports.ts';
import { silentFeed } from './silent-feed.ts';

const context = { actor: 'operator', correlationId: 'test' };
const answers = [...says('Aye.'), endsWell] as const;
const held: readonly ModelStep[] = [{ kind: 'hold' }, ...answers];

let ports: Omit<RerunPorts, 'feed'>;
let rerunIds: string[];

const stateOf = (rerunId: string): Promise<RerunState> => ports.ledger.reruns.load(rerunStream(rerunId));

beforeEach(() => {
  const log = new MemoryEventLog({ clock });
  const vault = openMemoryKeyVault({ ids, records: emptyVaultRecords() });
  const ledger = openLedger({ log, vault, clock, ids });
  const liveness = openMemoryWorkerLiveness();
  rerunIds = [];
  ports = {
    ...{ ledger, vault, clock, ids, liveness },
    log: silentLog,
    models: new Map(),
    holders: watchHolders({ liveness, clock }),
    // As the view has it, and at once.
    views: {
      query: async <Row>(_sql: string, [limit, resting]: readonly unknown[]) => {
        const states = await Promise.all(rerunIds.map(async (key) => ({ key, state: await stateOf(key) })));
        const found = states.filter(({ key, state }) => isRunning(state) && !(resting as string[]).includes(key));
        return found.slice(0, Number(limit)).map(({ key }) => ({ key })) as unknown as Row[];
      },
    },
    leadership: openMemoryLeadership({ clock, report: () => {} }),
  };
  record = { ledger, vault, log, ids };
});

let record: Parameters<typeof startSample>[0];

/** Asks for a re-run of a session of one turn, which a model answers now. */
async function askForOne(): Promise<string> {
  await publishSample(record);
  const sessionId = await startSample(record);
  const message = await requestSample(record, sessionId);
  const models = new Map([['main', new ProgrammedModel(answers)]]);
  const signal = new AbortController().signal;
  await runTurn({ ...ports, models, feed: silentFeed }, { message, worker: ids.uuid(), signal });
  // The holder of that claim is no matter any more: its turn has ended.
  const state = await ports.ledger.sessions.load(sessionStream(sessionId));
  const source = { sessionId, throughTurnId: message.turnId, turns: turnsToRepeat(state, message.turnId).length };
  const manner = { scenarioId: 'tavern', mode: 'teacher_forced', overrides: {}, reuse: false, concurrency: 1 } as const;
  const request = { ...manner, sources: [source], turns: 1, bodyHash: 'a0'.repeat(32) };
  const rerunId = ids.uuid();
  await ports.ledger.reruns.transact(rerunStream(rerunId), (none) => requestRerun(request, none), { context });
  rerunIds.push(rerunId);
  return rerunId;
}

/** A process that leads when its turn comes. */
function start(model: ProgrammedModel) {
  const [leaving, deadline] = [new AbortController(), new AbortController()];
  const { stopped: done, running } = leadReruns(
    { ...ports, models: new Map([['main', model]]) },
    leaving.signal,
    deadline.signal,
  );
  const stop = async () => {
    leaving.abort();
    await done;
  };
  return { leaving, deadline, done, running, stop };
}

async function ended(rerunId: string): Promise<RerunState> {
  for (;;) {
    const state = await stateOf(rerunId);
    if (!isRunning(state)) return state;
    await clock.sleep(10);
  }
}

test('runs what it finds, so many at once, and the others after them', async () => {
  for (let count = 0; count <= limits.rerun.maxRunning; count += 1) await askForOne();
  const model = new ProgrammedModel(held);
  const process = start(model);
  const calls = await model.calls.until(limits.rerun.maxRunning);
  expect(model.calls.all).toHaveLength(limits.rerun.maxRunning);
  expect(process.running()).toBe(limits.rerun.maxRunning);
  for (const call of calls) call.release();
  const last = (await model.calls.until(limits.rerun.maxRunning + 1)).at(-1);
  last?.release();
  const states = await Promise.all(rerunIds.map(ended));
  expect(states.map(({ status }) => status)).toEqual(rerunIds.map(() => 'completed'));
  await process.stop();
  expect(process.running()).toBe(0);
});

test('a process that leaves in the middle of a call is followed by another, which asks that turn again at once', async () => {
  const rerunId = await askForOne();
  const stuck = new ProgrammedModel(held);
  const first = start(stuck);
  await stuck.calls.until(1);
  const next = new ProgrammedModel(answers);
  const second = start(next);
  first.deadline.abort();
  await first.stop();
  expect(await ended(rerunId)).toMatchObject({ status: 'completed', comparisons: [{ repeated: { attempts: 2 } }] });
  expect(next.calls.all).toHaveLength(1);
  await second.stop();
});

test('a process that leaves and is given time lets its calls end, and finishes nothing else', async () => {
  const rerunId = await askForOne();
  const model = new ProgrammedModel(held);
  const process = start(model);
  const [call] = await model.calls.until(1);
  process.leaving.abort();
  call?.release();
  await process.done;
  const { comparisons } = await stateOf(rerunId);
  expect(comparisons).toMatchObject([{ outcome: 'completed', repeated: { attempts: 1 } }]);
});

test('a process that is out of time leaves though the log takes nothing: what was paid is for the next one to find', async () => {
  const rerunId = await askForOne();
  const model = new ProgrammedModel(held);
  const faulty = new FaultyEventLog(record.log);
  ports = { ...ports, ledger: openLedger({ ...record, log: faulty, clock }) };
  const process = start(model);
  await model.calls.until(1);
  faulty.onEveryAppend('unknown_unwritten');
  process.leaving.abort();
  process.deadline.abort();
  await process.done;
  expect(await record.ledger.reruns.load(rerunStream(rerunId))).toMatchObject({ status: 'running', comparisons: [] });
  faulty.onEveryAppend(undefined);
});

test('those that break off at every run do not keep a later one from being run', async () => {
  const broken = 2 * limits.rerun.maxRunning;
  for (let count = 0; count <= broken; count += 1) await askForOne();
  const last = rerunIds.at(-1) ?? '';
  const reruns = new Proxy(ports.ledger.reruns, {
    get(store, name) {
      if (name !== 'load') return Reflect.get(store, name, store)?.bind?.(store) ?? Reflect.get(store, name, store);
      return async (stream: string, maxAgeMs?: number) => {
        if (stream !== rerunStream(last)) throw new TypeError('a re-run that nobody can read');
        return store.load(stream, maxAgeMs);
      };
    },
  });
  const [leaving, deadline] = [new AbortController(), new AbortController()];
  const models = new Map([['main', new ProgrammedModel(answers)]]);
  const ledger = { ...ports.ledger, reruns };
  const { stopped } = leadReruns({ ...ports, ledger, models }, leaving.signal, deadline.signal);
  expect(await ended(last)).toMatchObject({ status: 'completed' });
  leaving.abort();
  await stopped;
});
