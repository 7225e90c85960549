import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { limits } from '../../contracts/index.ts';
import { freshStream } from '../../testing/encoded-events.ts';
import { systemClock } from '../system/index.ts';
import { EventStoreDbLog } from './event-store-db-log.ts';

let server: Http2Server;
let sessions: ServerHttp2Session[];
let log: EventStoreDbLog;

/** A server that takes every call of its first connection without an answer, and finds nothing for those of any other. */
beforeEach(async () => {
  sessions = [];
  server = createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    if (stream.session === sessions[0]) return;
    const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' };
    stream.respond(headers, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `esdb://127.0.0.1:${(server.address() as AddressInfo).port}?tls=false`;
  log = new EventStoreDbLog({ url, prefix: 'silent', clock: systemClock });
});
afterEach(async () => {
  await log.close();
  const closed = new Promise((resolve) => server.close(resolve));
  for (const session of sessions) session.destroy();
  await closed;
});

test('a connection on which nothing is answered is given up for a new one, also while the server keeps it open', async () => {
  const reads = Array.from({ length: limits.eventStore.failuresBeforeNewClient }, () => log.readHead(freshStream()));
  const failed = await Promise.allSettled(reads);
  expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
  expect(sessions).toHaveLength(1);
  expect(await log.readHead(freshStream())).toBeUndefined();
  expect(sessions).toHaveLength(2);
});
