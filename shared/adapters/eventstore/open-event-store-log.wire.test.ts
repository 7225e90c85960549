import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { startEventStoreTwinProcess } from '../../testing/event-store-twin-process.ts';
import { systemClock } from '../system/index.ts';
import { openEventStoreLog } from './open-event-store-log.ts';

let server: Http2Server | undefined;
afterEach(async () => {
  const closing = server;
  server = undefined;
  if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
});

/** A server that answers every call with a status of gRPC, or not at all. */
async function answering(status: number | undefined): Promise<string> {
  server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    if (status === undefined) return;
    const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
    stream.respond(headers, { endStream: true });
  });
  server.on('session', (session) => session.on('error', () => undefined));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `esdb://127.0.0.1:${(server.address() as AddressInfo).port}?tls=false`;
}
const opening = (url: string, prefix = 'open') => openEventStoreLog({ url, prefix, clock: systemClock });

test('opens a log that answers', async () => {
  const twin = await startEventStoreTwinProcess();
  const log = await opening(twin.url);
  expect(await log.headPosition()).toBe(0n);
  await log.close();
  await twin.stop();
});

test('credentials that the server refuses are config_invalid', async () => {
  await expect(opening(await answering(16))).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('refuses the credentials of EVENTSTORE_URL'),
  });
});

test.each([
  ['is not ready', 2],
  ['is unavailable', 14],
  ['never answers', undefined],
])('a server that %s is store_unavailable', async (_, status) => {
  await expect(opening(await answering(status))).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('an address where nobody listens is store_unavailable', async () => {
  const url = await answering(undefined);
  await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  await expect(opening(url)).rejects.toMatchObject({ code: 'store_unavailable' });
});

test.each([
  ['a URL of another scheme', 'kurrentdb://localhost:2113?tls=false', 'open'],
  ['a bad prefix', 'esdb://localhost:2113?tls=false', 'open:'],
])('%s is config_invalid', async (_, url, prefix) => {
  await expect(opening(url, prefix)).rejects.toMatchObject({ code: 'config_invalid' });
});
