import { describe, expect, test } from '@jest/globals';
import { type PlanOptions, planProcesses } from './plan-processes.ts';
import type { ComposeProcess } from './read-compose.ts';

const composed: readonly ComposeProcess[] = [
  {
    name: 'edge',
    command: ['node', 'edge.js'],
    environment: { PORT: '8080', TURNLEDGER_HOST: '0.0.0.0', QUERY_API_URL: 'http://query-api:8082' },
  },
  {
    name: 'query-api',
    command: ['node', '--heap-growing-percent=30', 'query.js', '--flag'],
    environment: {
      PORT: '8082',
      TURNLEDGER_HOST: '0.0.0.0',
      TURNLEDGER_ALLOWED_HOSTS: 'localhost,query-api',
      REDIS_URL: 'redis://valkey:6379',
      OPENAI_BASE_URL: 'http://model:8000',
    },
  },
];
const options = (changed: Partial<PlanOptions> = {}): PlanOptions => ({
  stores: { REDIS_URL: 'redis://127.0.0.1:7' },
  ports: [9001, 9002, 9003].values(),
  port: 8080,
  instances: {},
  hasTokens: false,
  ...changed,
});

describe('the plan of a start without Docker', () => {
  test('takes the programs and their arguments from the file, each with a port of its own', () => {
    expect(planProcesses(composed, options())).toMatchObject([
      { name: 'edge', port: 8080, program: 'edge.js', parameters: [], environment: { PORT: '8080' } },
      { name: 'query-api', port: 9001, program: 'query.js', parameters: ['--flag'], environment: { PORT: '9001' } },
    ]);
  });

  test('keeps what Node itself is told apart from the program', () => {
    const flags = planProcesses(composed, options()).map(({ nodeFlags }) => nodeFlags);
    expect(flags).toEqual([[], ['--heap-growing-percent=30']]);
  });

  test('puts the real stores and loopback in the places of host names, and leaves foreign addresses alone', () => {
    const [edge, query] = planProcesses(composed, options());
    expect(edge?.environment).toMatchObject({ TURNLEDGER_HOST: '127.0.0.1', QUERY_API_URL: 'http://127.0.0.1:9001' });
    expect(query?.environment).toMatchObject({
      REDIS_URL: 'redis://127.0.0.1:7',
      OPENAI_BASE_URL: 'http://model:8000',
    });
  });

  test('names every instance of a service to whoever calls it', () => {
    const planned = planProcesses(composed, options({ instances: { 'query-api': 3 } }));
    expect(planned.map(({ name }) => name)).toEqual(['edge', 'query-api', 'query-api-2', 'query-api-3']);
    expect(planned[0]?.environment.QUERY_API_URL).toBe(
      'http://127.0.0.1:9001,http://127.0.0.1:9002,http://127.0.0.1:9003',
    );
  });

  test('lists host names only where there are tokens', () => {
    const hosts = (hasTokens: boolean) =>
      planProcesses(composed, options({ hasTokens }))[1]?.environment.TURNLEDGER_ALLOWED_HOSTS;
    expect(hosts(true)).toBe('localhost,query-api');
    expect(hosts(false)).toBeUndefined();
  });

  test.each([[['sh', '-c', 'node edge.js']], [['node', '--check']], [[]]])(
    'refuses %j, which is no program of Node’s',
    (command) => {
      const odd = [{ name: 'edge', command, environment: {} }];
      expect(() => planProcesses(odd, options())).toThrow(/edge does not run node/);
    },
  );
});
