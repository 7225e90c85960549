import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProcessName } from '@turnledger/shared/runtime';
import { type FreshDatabase, freshDatabase } from '@turnledger/shared/testing';
import { endServices, type StartedService, startService } from './testing/started-service.ts';

const names = ['command-api', 'query-api', 'projectors', 'inference-worker'] as const;

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(endServices);
afterAll(() => database.drop());

/** Nobody answers on port 1 of this machine. */
const nobody = {
  DATABASE_URL: 'postgres://127.0.0.1:1/turnledger',
  EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
  REDIS_URL: 'redis://127.0.0.1:1',
  KAFKA_BROKERS: '127.0.0.1:1',
  TURNLEDGER_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
};

interface Ready {
  readonly status: number;
  readonly stuck: readonly string[];
}

async function readiness({ url }: StartedService): Promise<Ready> {
  const answer = await fetch(`${url}/readyz`);
  const body = (await answer.json()) as { readonly stuck: readonly { readonly name: string }[] };
  return { status: answer.status, stuck: body.stuck.map(({ name }) => name) };
}

describe.each(names)('%s, with nothing there that it stands on', (name) => {
  test('lives, is not ready, names what it waits for, and ends by the signal', async () => {
    const service = await startService(name, nobody);
    await service.told('waiting for postgres');
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    const ready = await readiness(service);
    expect(ready.status).toBe(503);
    expect(ready.stuck).toEqual(expect.arrayContaining(['postgres', 'event-store', ...brokerOf(name)]));
    expect((await fetch(`${service.url}/metrics`)).status).toBe(200);
    expect(await service.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('tells clients to come back', async () => {
    const service = await startService(name, nobody);
    const answer = await fetch(`${service.url}/llm/generate`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
  });

  test('ends at once, in a line, with a database that refuses it', async () => {
    const url = database.connectionString.replace(database.name, 'nowhere');
    const service = await startService(name, { ...nobody, DATABASE_URL: url });
    expect(await service.ended).toEqual({ code: 1, signal: null });
    const lines = service
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('turnledger:'));
    expect(lines).toEqual([expect.stringMatching(/DATABASE_URL: 3D000 .*"nowhere" does not exist/)]);
  });

  test('ends at once, with a line for each mistake, without a configuration', async () => {
    const service = await startService(name, {});
    expect(await service.ended).toEqual({ code: 1, signal: null });
    expect(service.stderr()).toContain('TURNLEDGER_MASTER_KEY must be set');
  });
});

/** What only two of the four wait for. */
const brokerOf = (name: ProcessName) => (name === 'projectors' || name === 'inference-worker' ? ['kafka'] : []);

test('a port that is taken ends a process in a line', async () => {
  const first = await startService('query-api', nobody);
  const second = await startService('query-api', { ...nobody, PORT: new URL(first.url).port });
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.stderr()).toMatch(/^turnledger: The port is taken: \d+ is in use/);
});

test('a loop that there is none of ends the projectors in a line', async () => {
  const service = await startService('projectors', nobody, ['--only', 'everything']);
  expect(await service.ended).toEqual({ code: 1, signal: null });
  expect(service.stderr()).toContain('--only takes read-models, relay, expire-turns, caches');
});

test('projectors that do not relay need no broker', async () => {
  const service = await startService('projectors', nobody, ['--only', 'read-models']);
  await service.told('waiting for postgres');
  expect((await readiness(service)).stuck).not.toContain('kafka');
});
