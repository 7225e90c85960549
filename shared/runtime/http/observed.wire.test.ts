import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { type ServedApp, serveApp } from '../../testing/served-app.ts';
import { silentLog } from '../log.ts';
import { loopbackHosts } from './allowed-callers.ts';
import { buildHttpApp } from './build-http-app.ts';
import { localCallers } from './caller.ts';
import type { AnsweredRequest } from './observed.ts';
import { defineRoute, json } from './route.ts';

let app: ServedApp;
let asked: Arrivals<string>;
let answered: Arrivals<AnsweredRequest>;

beforeEach(async () => {
  asked = new Arrivals();
  answered = new Arrivals();
  const route = (path: string, handle: Parameters<typeof defineRoute>[0]['handle']) =>
    defineRoute({ method: 'GET', path, summary: 'Is for a test', access: 'public', handle });
  const routes = [
    route('/things/:thing', async () => json(200, {})),
    route('/text', async () => ({
      kind: 'bytes',
      status: 201,
      contentType: 'text/css; charset=utf-8',
      body: 'a {}',
      headers: { etag: '"1"' },
    })),
    route('/never', async ({ signal }) => {
      asked.add('never');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return json(200, {});
    }),
  ];
  app = await serveApp(
    buildHttpApp({
      routes,
      allowedHosts: loopbackHosts,
      callers: localCallers,
      ids,
      log: silentLog,
      observe: () => (one) => answered.add(one),
    }).callback(),
  );
});
afterEach(() => app.close());

const host = { host: 'localhost' };

test('an answer is told with the pattern of its route, not with its path', async () => {
  await app.send({ path: '/things/seven?of=nine', headers: host });
  expect(await answered.until(1)).toEqual([{ method: 'GET', route: '/things/:thing', status: 200 }]);
});

test('what is refused before it meets a route is told without one', async () => {
  await app.send({ path: '/things/seven', headers: { host: 'elsewhere' } });
  await app.send({ path: '/nothing', headers: host });
  await app.send({ path: '/things/seven', method: 'DELETE', headers: host });
  expect((await answered.until(3)).map(({ route, status }) => [route, status])).toEqual([
    [undefined, 403],
    [undefined, 404],
    [undefined, 405],
  ]);
});

test('a client that leaves before its answer is told as that, whatever status the answer would have begun with', async () => {
  const client = connect(app.port, '127.0.0.1');
  await once(client, 'connect');
  client.write('GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await asked.until(1);
  client.destroy();
  expect(await answered.until(1)).toEqual([{ method: 'GET', route: '/never', status: 499 }]);
});

test('a text of another kind is sent as it is, with its type, and a HEAD of it without its body', async () => {
  const reply = await app.send({ path: '/text', headers: host });
  expect(reply).toMatchObject({ status: 201, text: 'a {}' });
  expect(reply.headers).toMatchObject({
    'content-type': 'text/css; charset=utf-8',
    etag: '"1"',
    'content-length': '4',
  });
  const head = await app.send({ path: '/text', method: 'HEAD', headers: host });
  expect(head).toMatchObject({ status: 201, text: '' });
});
