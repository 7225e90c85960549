import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ConformanceSession, newEvent, openConformanceSession } from './conformance-run.ts';
import { conformanceCases, runCase } from './run-conformance.ts';
import { startTwinUnderTest } from './twin-under-test.ts';

/** The same cases as `npm run conformance`, against the twin; against a real server: `npm run conformance -- --url esdb://...`. */
describe('the event-store twin behaves as the real server was seen to', () => {
  let twin: Awaited<ReturnType<typeof startTwinUnderTest>>;
  let session: ConformanceSession;

  beforeAll(async () => {
    twin = await startTwinUnderTest();
    session = openConformanceSession(twin);
  });
  afterAll(() => twin.close());

  it.each(conformanceCases)('$name', async (one) => {
    expect(await runCase(session, one)).toEqual({ name: one.name, result: 'ok' });
  });

  it('deletes the streams that it wrote, so that no other run trips over them', async () => {
    const own = openConformanceSession(twin);
    const run = own.open();
    const [written, untouched] = [run.newStream(), run.newStream()];
    await run.append('unary', written, 'no_stream', [newEvent()]);
    expect(await own.deleteStreams()).toBe(1);
    for (const stream of [written, untouched]) await expect(run.read(stream)).rejects.toThrow('not found');
    expect(await session.deleteStreams()).toBeGreaterThan(0);
    await run.dispose();
  });
});
