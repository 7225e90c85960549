import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTurnledgerClient, type RerunTurn } from '@turnledger/shared/client';
import { programArguments } from '../bench/processes/program.ts';
import { openEventStream } from '../embedded/testing/event-stream.ts';
import { httpCalls } from '../embedded/testing/http-calls.ts';
import { type RunningDistributed, startDistributed } from './start-distributed.ts';

const own = (name: string): { readonly [name: string]: string | undefined } => ({
  // The Redis and the Kafka of this run of tests; PostgreSQL and the event store are the runner's.
  REDIS_URL: process.env.TURNLEDGER_TEST_REDIS_URL,
  KAFKA_BROKERS: process.env.TURNLEDGER_TEST_KAFKA_BROKERS,
  // Each run has a log of its own, so its topics are its own too.
  TURNLEDGER_TOPIC_PREFIX: `distributed-${name}.`,
  TURNLEDGER_SCRIPTED_WORD_MS: '20',
});
/** Nothing that was said stands. */
const ANEW = { reuse: false, overrides: { temperature: 0 } };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnledger-distributed-test-'));
  await chmod(folder, 0o711); // As root PostgreSQL is another user, who must pass.
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the topology of docker-compose.yml on this machine, two of each', () => {
  let running: RunningDistributed;

  beforeAll(async () => {
    const instances = { 'command-api': 2, 'query-api': 2, 'inference-worker': 2, projectors: 2 };
    running = await startDistributed({ folder: join(folder, 'two'), port: 0, instances, env: own('two') });
  });
  afterAll(() => running.stop());

  test('is nine processes, and uses the stores that it is given', () => {
    expect(running.processes.map(({ name }) => name)).toHaveLength(9);
    expect(running.stores).toMatchObject([
      { variable: 'EVENTSTORE_URL', url: expect.stringMatching(/^esdb:/) },
      { variable: 'DATABASE_URL', url: expect.stringMatching(/^postgres:/) },
      { variable: 'REDIS_URL', url: own('two').REDIS_URL, description: 'yours' },
      { variable: 'KAFKA_BROKERS', url: own('two').KAFKA_BROKERS, description: 'yours' },
    ]);
  });

  test('gives Node the flags of docker-compose.yml in each', async () => {
    const flagsOf = async ({ pid }: { readonly pid: number }) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
      return words.filter((word) => /^--(heap|max)-/.test(word));
    };
    const expected = ['--heap-growing-percent=30', '--max-semi-space-size=8'];
    expect(await Promise.all(running.processes.map(flagsOf))).toEqual(running.processes.map(() => expected));
  });

  test('plays a conversation through the edge, and reads it back', async () => {
    const client = createTurnledgerClient({ baseUrl: running.url });
    const session = await client.startSession({ playerId: 'player-7' });
    const first = await session.say('Where were you at 22:40?');
    const second = await session.say('And who saw you there?');
    expect([first.position, second.position]).toEqual([1, 2]);
    const { get } = httpCalls(running.url);
    const listed = await get(`/v1/sessions/${session.id}/turns?min_position=${second.logPosition}`);
    expect(listed.body.data.map(({ response }) => response)).toEqual([first.response, second.response]);
  });

  test('goes back to a bookmark: one branch is remembered, both are in the lineage', async () => {
    const session = await createTurnledgerClient({ baseUrl: running.url }).startSession({ playerId: 'player-9' });
    const kept = await session.say('Where were you at 22:40?');
    const { bookmark } = await session.bookmark({ label: 'before the accusation' });
    const cut = await session.say('You did it!');
    await session.rewind({ bookmark });
    const other = await session.say('Who else was there?');
    const shown: string[] = [];
    for await (const { id } of session.turns()) shown.push(id);
    expect(shown).toEqual([kept.id, other.id]);
    expect((await session.lineage()).turns).toMatchObject([
      { id: kept.id, rewound: false },
      { id: cut.id, afterTurnId: kept.id, rewound: true },
      { id: other.id, afterTurnId: kept.id, rewound: false },
    ]);
  });

  test('has a character propose a move, and the game judge it', async () => {
    const client = createTurnledgerClient({ baseUrl: running.url });
    const schema = { type: 'object', required: ['go'], properties: { go: { enum: ['harbour'] } } };
    await client.configureModel({ scenarioId: 'distributed.moves', moves: { mode: 'required', schema } });
    const session = await client.startSession({ scenarioId: 'distributed.moves' });
    const { id, move } = await session.say('Where to?');
    expect(move).toEqual({ go: 'harbour' });
    await session.judgeMove(id, { verdict: 'rejected', reason: 'The gate is closed.' });
    expect(await session.turn(id)).toMatchObject({
      moveVerdict: { verdict: 'rejected', reason: 'The gate is closed.' },
    });
  });

  test('asks a played session again: what was said stands, or is asked anew beside it', async () => {
    const client = createTurnledgerClient({ baseUrl: running.url });
    const session = await client.startSession({ playerId: 'player-7' });
    const prompts = ['Where were you at 22:40?', 'And who saw you there?'];
    for (const prompt of prompts) await session.say(prompt);
    const target = { sessionId: session.id };
    const [kept, asked] = await Promise.all([client.requestRerun(target), client.requestRerun(target, ANEW)]);
    expect(await client.awaitRerun(kept.id)).toMatchObject({
      status: 'completed',
      progress: { compared: 2, reused: 2 },
    });
    expect(await client.awaitRerun(asked.id)).toMatchObject({
      status: 'completed',
      progress: { compared: 2, completed: 2 },
    });
    const turns: RerunTurn[] = [];
    for await (const turn of client.rerunTurns(asked.id)) turns.push(turn);
    expect(turns.map(({ prompt }) => prompt).toSorted()).toEqual(prompts.toSorted());
    expect(turns.filter(({ recorded, repeated }) => !recorded.response || !repeated.response)).toEqual([]);
  });

  test('promotes a version by what recorded turns come to under it, and none of them is on a list or a bill', async () => {
    const client = createTurnledgerClient({ baseUrl: running.url });
    const scenarioId = 'distributed.gate';
    await client.configureModel({ scenarioId, persona: { instructions: 'You let nobody in.' } });
    const session = await client.startSession({ scenarioId });
    const { logPosition: minPosition = '' } = await session.say('Let me in.');
    // A gate finds recorded turns in the views.
    await client.usage({ minPosition });
    const instructions = 'You let everybody in.';
    const { version } = await client.configureModel({ scenarioId, persona: { instructions }, publish: false });
    const { id } = await client.openGate(scenarioId, { version, thresholds: { minTurns: 1, maxFailedRate: 0 } });
    expect(await client.awaitRerun(id)).toMatchObject({ gate: { outcome: 'passed', missed: [] } });
    // What a command-api knows of a scenario may be limits.aggregate.scenarioMaxAgeMs old.
    const opened = [session.id];
    for (let played = 0; played !== version; ) {
      const { body } = await httpCalls(running.url).post('/v1/sessions', { scenario_id: scenarioId });
      opened.unshift(body.id);
      played = body.scenario.version;
    }
    const [after = ''] = opened;
    const last = await client.session(after).say('Let me in.');
    expect(last.scenario).toEqual({ id: scenarioId, version });
    const filter = { scenarioId, minPosition: last.logPosition ?? '' };
    const listed: string[] = [];
    for await (const one of client.sessions(filter)) listed.push(one.id);
    expect(listed).toEqual(opened);
    const called: string[] = [];
    for await (const { sessionId } of client.modelCalls(filter)) called.push(sessionId);
    expect(called).toEqual([after, session.id]);
    expect((await client.usage(filter)).totals).toMatchObject({ turns: 2, calls: 2 });
  });

  test('streams a turn word by word, from the worker through the feed and the edge', async () => {
    const { body } = await httpCalls(running.url).post('/v1/sessions', { player_id: 'player-8' });
    const stream = await openEventStream(`${running.url}/v1/sessions/${body.id}/turns`, {
      body: { prompt: 'Tell me of the harbour.', stream: true },
    });
    const { events } = await stream.closed;
    expect(events.filter(({ event }) => event === 'reply.delta').length).toBeGreaterThan(1);
    expect(events.at(-1)?.event).toBe('turn.completed');
  });

  test('shows a session to who watches it while it is played, word by word, to its end', async () => {
    const session = await createTurnledgerClient({ baseUrl: running.url }).startSession({ playerId: 'player-8' });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of session.events({ from: 'start' })) seen.push(event.type);
    })();
    await session.say('Tell me of the harbour.');
    await session.say('And who was there?');
    await session.end();
    await watching;
    expect([...new Set(seen)]).toEqual([
      'turn.requested',
      'turn.started',
      'reply.delta',
      'turn.completed',
      'session.ended',
    ]);
    expect(seen.filter((type) => type === 'turn.completed')).toHaveLength(2);
    expect(seen.filter((type) => type === 'reply.delta').length).toBeGreaterThan(4);
  });

  test('says with one voice that it is ready, and what it serves', async () => {
    const { get } = httpCalls(running.url);
    const ready = await get('/readyz');
    expect(ready).toMatchObject({ status: 200, body: { status: 'ready' } });
    const { text } = await get('/openapi.json');
    expect(Object.keys(JSON.parse(text).paths['/v1/sessions'])).toEqual(expect.arrayContaining(['get', 'post']));
  });

  test('stops whole, and starts again on what it kept', async () => {
    const { body } = await httpCalls(running.url).post('/llm/generate', { prompt: 'Remember this.' });
    const { masterKey } = running;
    await running.stop();
    expect(running.processes.filter(({ pid }) => isAlive(pid))).toEqual([]);
    running = await startDistributed({ folder: join(folder, 'two'), port: 0, env: own('two') });
    expect(running.masterKey).toBe(masterKey);
    const again = await httpCalls(running.url).get(`/v1/sessions/${body.session_id}/turns/${body.id}`);
    expect(again.body.response).toBe(body.response);
  });

  test('names the process that died', async () => {
    const worker = running.processes.find(({ service }) => service === 'inference-worker');
    worker?.signal('SIGKILL');
    expect(await running.lost).toBe('inference-worker ended with SIGKILL');
  });
});

describe('npm run distributed', () => {
  let children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
  });

  /** The runner as npm starts it, but from source. */
  const start = (name: string) => {
    const child = spawn(process.execPath, [...programArguments('distributed/main'), '--data', join(folder, name)], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', ...own(name) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const output = { text: '', errors: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.errors += text;
    });
    const greeted = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output.text += text;
        if (/curl -s .*\n/.test(output.text)) resolve();
      });
    });
    const closed = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    return { child, output, closed, greeted: Promise.race([greeted, closed]) };
  };
  const pidsIn = (text: string): readonly number[] =>
    [...text.matchAll(/process (\d+)$/gm)].map(([, pid]) => Number(pid));

  test('tells in one line each which stores it uses, prints a line to try, and ends by the signal', async () => {
    const { child, output, closed, greeted } = start('told');
    await greeted;
    expect(output.errors).toMatch(/^EVENTSTORE_URL {2}esdb:\S+ {2}the event-store twin, no EventStoreDB/m);
    expect(output.errors).toMatch(/^KAFKA_BROKERS {2}\S+ {2}yours$/m);
    const [, url] = /curl -s (http:\S+)\/llm\/generate /.exec(output.text) ?? [];
    expect((await httpCalls(url ?? '').get('/healthz')).status).toBe(200);
    child.kill('SIGINT');
    expect(await closed).toEqual({ code: null, signal: 'SIGINT' });
    expect(pidsIn(output.text)).toHaveLength(5);
    expect(pidsIn(output.text).filter(isAlive)).toEqual([]);
  });

  test('killed by SIGKILL it leaves no process behind', async () => {
    const { child, output, closed, greeted } = start('killed');
    await greeted;
    child.kill('SIGKILL');
    // The guards of its engines have inherited its standard error, so this waits for their end too.
    await closed;
    const left = () => pidsIn(output.text).filter(isAlive);
    while (left().length > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(left()).toEqual([]);
  });

  test('exits with 1 and the name of the process that died', async () => {
    const { output, closed, greeted } = start('died');
    await greeted;
    const [, pid] = /^projectors .* process (\d+)$/m.exec(output.text) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    expect(await closed).toEqual({ code: 1, signal: null });
    expect(output.errors).toMatch(/^distributed: projectors ended with SIGKILL$/m);
    expect(pidsIn(output.text).filter(isAlive)).toEqual([]);
  });

  test('a wrong variable ends it with the process that refused, and nothing goes on', async () => {
    const child = spawn(process.execPath, [...programArguments('distributed/main'), '--data', join(folder, 'wrong')], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: '0',
        ...own('wrong'),
        TURNLEDGER_KAFKA_PARTITIONS: 'many',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(errors).toMatch(/TURNLEDGER_KAFKA_PARTITIONS must be partitions/);
  });
});
