import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { limits } from '@turnledger/shared/contracts';
import { metricSamples } from '@turnledger/shared/testing';
import { endServices, startService } from './testing/started-service.ts';

afterEach(endServices);

/** Nobody answers on port 1 of this machine; the event loop needs nobody. */
const nobody = {
  DATABASE_URL: 'postgres://127.0.0.1:1/turnledger',
  EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
  REDIS_URL: 'redis://127.0.0.1:1',
  TURNLEDGER_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
};

test('a process whose event loop stood still says so once it runs again, in /readyz, /metrics and its log, and lives', async () => {
  const service = await startService('query-api', nobody);
  const stuck = async () => {
    const body = await (await fetch(`${service.url}/readyz`)).json();
    return (body as { readonly stuck: readonly { readonly name: string }[] }).stuck.map(({ name }) => name);
  };
  expect(await stuck()).not.toContain('event-loop');
  await fetch(`${service.url}/metrics`); // What it lagged while it started is told here.
  // The meter counts from tick to tick and begins anew when it is read: its next tick must be before the stall.
  await sleep(limits.process.loopCheckMs);
  service.signal('SIGSTOP');
  const stalledMs = limits.process.maxLoopLagMs + 2 * limits.process.loopCheckMs;
  await sleep(stalledMs);
  service.signal('SIGCONT');
  await service.told('the event loop stood still');
  expect(await stuck()).toContain('event-loop');
  const figures = metricSamples(await (await fetch(`${service.url}/metrics`)).text());
  expect(figures.nodejs_eventloop_lag_max_seconds).toBeGreaterThan(limits.process.maxLoopLagMs / 1_000);
  expect(await service.stop()).toEqual({ code: null, signal: 'SIGTERM' });
});
