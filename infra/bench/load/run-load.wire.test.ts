import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoadPlan } from './load-plan.ts';
import { runLoad } from './run-load.ts';

/** Answers every turn at once, with an id of its own. */
let turns = 0;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part: Buffer) => {
    body += part;
  });
  request.on('end', () => {
    if (request.url === '/v1/sessions') return response.writeHead(201).end('{"id":"s-1"}');
    turns += 1;
    const { prompt } = JSON.parse(body);
    return response.end(JSON.stringify({ id: `t-${turns}`, status: 'completed', response: `heard: ${prompt}` }));
  });
});
let plan: LoadPlan;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  plan = {
    target: { kind: 'turnledger', url, scenarioId: 'bench' },
    mode: 'json',
    clients: 3,
    seconds: 60,
    maxTurns: 30,
    turnsPerSession: 20,
    windowTurns: 20,
  };
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
});

describe('runLoad', () => {
  it('plays so many turns and no more', async () => {
    expect(await runLoad(plan)).toMatchObject({ turns: 30, distinctTurns: 30, failures: 0 });
  });

  it('begins no turn before its place at the rate of the plan', async () => {
    const { turnsPerSecond, turns: played } = await runLoad({ ...plan, turnsPerSecond: 100 });
    expect(played).toBe(30);
    // The last begins after 29 places of 10 ms; a timer may be 1 ms early.
    expect(turnsPerSecond).toBeLessThanOrEqual(30 / 0.289);
  });

  it('ends in time when the next place is beyond it', async () => {
    const { turns: played } = await runLoad({ ...plan, seconds: 0.2, turnsPerSecond: 10 });
    expect(played).toBe(2);
  });

  it('tells of each turn where the plan asks for it, and else of none', async () => {
    const { toldTurns = [] } = await runLoad({ ...plan, tellsTurns: true });
    expect(new Set(toldTurns.map(({ turnId }) => turnId)).size).toBe(30);
    expect(toldTurns.every(({ askedAtMs, answeredAtMs }) => askedAtMs <= answeredAtMs)).toBe(true);
    expect(await runLoad(plan)).not.toHaveProperty('toldTurns');
  });
});
