import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock as clock, systemIds as ids } from '@turnledger/shared/adapters/system';
import { limits } from '@turnledger/shared/contracts';
import { createLog } from '@turnledger/shared/runtime';
import { Arrivals, type ServedApp, serveApp } from '@turnledger/shared/testing';
import { createEdge, type Edge } from './create-edge.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly host: string | undefined;
}

let command: ServedApp;
let query: ServedApp;
let edge: Edge;
let app: ServedApp;
let seen: { command: Seen[]; query: Seen[] };
/** What the next requests to each API get; by default 200 with its name and the body it was sent. */
let answer: { command: RequestListener; query: RequestListener };

const readAll = async (message: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return text;
};
const echo =
  (name: string): RequestListener =>
  (asked, response) => {
    void readAll(asked).then((body) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-served-by': name });
      response.end(JSON.stringify({ name, body }));
    });
  };
const serveAs = (side: 'command' | 'query'): Promise<ServedApp> =>
  serveApp((asked, response) => {
    seen[side].push({ method: asked.method, url: asked.url, host: asked.headers.host });
    answer[side](asked, response);
  });
const urlOf = ({ port }: ServedApp): URL => new URL(`http://127.0.0.1:${port}`);

/** Opens the edge over these APIs; closed after the test. */
const open = async (commandApis: readonly [URL, ...URL[]], queryApis: readonly [URL, ...URL[]]): Promise<void> => {
  await app?.close();
  edge?.close();
  edge = createEdge({ commandApis, queryApis }, { clock, ids, log: createLog('silent') });
  app = await serveApp(edge.listener);
};

beforeEach(async () => {
  seen = { command: [], query: [] };
  answer = { command: echo('command-api'), query: echo('query-api') };
  [command, query] = await Promise.all([serveAs('command'), serveAs('query')]);
  await open([urlOf(command)], [urlOf(query)]);
});

afterEach(async () => {
  await app.close();
  edge.close();
  await Promise.all([command.close(), query.close()]);
});

describe('what is passed on', () => {
  test.each(['POST', 'PUT', 'PATCH'])('%s goes to the command-api, with its body', async (method) => {
    const reply = await app.send({ method, path: '/llm/generate?x=1', body: { prompt: 'é' } });
    expect(reply).toMatchObject({ status: 200, headers: { 'x-served-by': 'command-api' } });
    expect(reply.json()).toEqual({ name: 'command-api', body: '{"prompt":"é"}' });
    expect(seen.command).toMatchObject([{ method, url: '/llm/generate?x=1' }]);
    expect(seen.query).toEqual([]);
  });

  test.each(['DELETE', 'OPTIONS'])('%s, without one, goes there too', async (method) => {
    expect(await app.send({ method, path: '/v1/x' })).toMatchObject({ headers: { 'x-served-by': 'command-api' } });
  });

  test.each(['GET', 'HEAD'])('%s goes to the query-api', async (method) => {
    expect(await app.send({ method, path: '/v1/sessions' })).toMatchObject({ headers: { 'x-served-by': 'query-api' } });
    expect(seen).toMatchObject({ command: [], query: [{ method, url: '/v1/sessions' }] });
  });

  test('carries the Host that the client called, which the APIs judge', async () => {
    await app.send({ method: 'POST', path: '/', headers: { host: 'turns.example.org' }, body: {} });
    expect(seen.command).toMatchObject([{ host: 'turns.example.org' }]);
  });

  test('comes back with its status and headers, an error too', async () => {
    answer.command = (_asked, response) =>
      response.writeHead(409, { 'content-type': 'application/problem+json', 'retry-after': '7' }).end('{}');
    const reply = await app.send({ method: 'POST', path: '/', body: {} });
    expect(reply).toMatchObject({ status: 409, text: '{}', headers: { 'retry-after': '7' } });
  });
});

test('a connection is between neighbours: closed where its client wants it, kept with the API', async () => {
  answer.command = (asked, response) => void response.end(asked.headers.connection);
  const reply = await app.send({ method: 'POST', path: '/', headers: { connection: 'close' }, body: {} });
  expect(reply).toMatchObject({ text: 'keep-alive', headers: { connection: 'close' } });
});

test('an answer may take longer than an idle connection is kept', async () => {
  answer.command = (_asked, response) => {
    void clock.sleep(limits.edge.idleSocketMs + 500).then(() => response.end('late'));
  };
  expect(await app.send({ method: 'POST', path: '/', body: {} })).toMatchObject({ status: 200, text: 'late' });
});

test('a refusal that comes before the body is read reaches the client', async () => {
  answer.command = (_asked, response) => void response.writeHead(413).end('too large');
  const body = Buffer.alloc(4 * 1024 * 1024, 'x');
  expect(await app.send({ method: 'POST', path: '/', body })).toMatchObject({ status: 413, text: 'too large' });
});

describe('a stream', () => {
  /** Asks for a stream and collects its pieces as they come. */
  const openStream = async (method: string) => {
    const asked = request({ host: '127.0.0.1', port: app.port, method, path: '/stream', agent: false });
    asked.on('error', () => undefined); // We are the ones who leave.
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const pieces = new Arrivals<string>();
    response.setEncoding('utf8').on('data', (text: string) => pieces.add(text));
    response.on('error', () => undefined);
    return { asked, response, pieces };
  };
  /** A stream that writes one event at once and keeps its response for the test. */
  const streaming = () => {
    const responses = new Arrivals<Parameters<RequestListener>[1]>();
    const listener: RequestListener = (_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\n\n');
      responses.add(response);
    };
    return { responses, listener };
  };

  test.each([
    ['GET', 'query'],
    ['POST', 'command'],
  ] as const)('of a %s comes piece by piece, each as it is written', async (method, side) => {
    const { responses, listener } = streaming();
    answer[side] = listener;
    const { pieces } = await openStream(method);
    expect(await pieces.until(1)).toEqual(['id: 1\n\n']);
    const [upstream] = await responses.until(1);
    upstream?.write('id: 2\n\n');
    expect(await pieces.until(2)).toEqual(['id: 1\n\n', 'id: 2\n\n']);
    upstream?.end();
  });

  test('whose reader leaves is ended at the API as well', async () => {
    const { responses, listener } = streaming();
    answer.query = listener;
    const { asked, pieces } = await openStream('GET');
    await pieces.until(1);
    const [upstream] = await responses.until(1);
    const left = upstream === undefined ? Promise.resolve() : once(upstream, 'close');
    asked.destroy();
    await left;
    expect(upstream?.writableFinished).toBe(false);
  });

  test('that the API cuts is cut for its reader, not ended as if it were whole', async () => {
    const { responses, listener } = streaming();
    answer.query = listener;
    const { response, pieces } = await openStream('GET');
    await pieces.until(1);
    // Not `once`: that rejects for the error which says so.
    const closed = new Promise((resolve) => response.on('close', resolve));
    const [upstream] = await responses.until(1);
    upstream?.destroy();
    await closed;
    expect(response.complete).toBe(false);
  });
});

test('a client that leaves before the answer ends the command-api’s wait', async () => {
  const waiting = new Arrivals<IncomingMessage>();
  answer.command = (asked) => waiting.add(asked);
  const asked = request({ host: '127.0.0.1', port: app.port, method: 'POST', path: '/', agent: false });
  asked.on('error', () => undefined);
  asked.end('{}');
  const [received] = await waiting.until(1);
  const closed = received === undefined ? Promise.resolve() : once(received.socket, 'close');
  asked.destroy();
  await closed;
});

describe('an API that is not there', () => {
  const gone = async (): Promise<URL> => {
    const app = await serveApp(() => undefined);
    await app.close();
    return urlOf(app);
  };

  test('is told to who asked for it, as a problem document to try again', async () => {
    await open([await gone()], [urlOf(query)]);
    const reply = await app.send({ method: 'POST', path: '/llm/generate', body: { prompt: 'Hello' } });
    expect(reply).toMatchObject({
      status: 503,
      headers: {
        'content-type': 'application/problem+json; charset=utf-8',
        'x-should-retry': 'true',
        'retry-after': '1',
      },
    });
    expect(reply.json()).toMatchObject({
      code: 'service_unavailable',
      detail: 'command-api',
      instance: '/llm/generate',
    });
    expect(await app.send({ path: '/v1/sessions' })).toMatchObject({ status: 200 });
  });

  test('leaves the reads to its twin', async () => {
    await open([urlOf(command)], [await gone(), urlOf(query)]);
    for (let asked = 0; asked < 4; asked++) {
      expect(await app.send({ path: '/v1/sessions' })).toMatchObject({ status: 200 });
    }
  });

  test('is passed over for commands once it has refused one', async () => {
    await open([await gone(), urlOf(command)], [urlOf(query)]);
    const statuses: number[] = [];
    for (let asked = 0; asked < 4; asked++) {
      statuses.push((await app.send({ method: 'POST', path: '/', body: {} })).status);
    }
    expect(statuses.filter((status) => status === 503).length).toBeLessThanOrEqual(1);
    expect(statuses.at(-1)).toBe(200);
  });

  test('when it goes away over a command the outcome is unknown, and the same key finds out', async () => {
    answer.command = (asked) => void asked.socket.destroy();
    const reply = await app.send({ method: 'POST', path: '/', body: { prompt: 'Hello' } });
    expect(reply).toMatchObject({ status: 503, headers: { 'x-should-retry': 'true' } });
    expect(reply.json()).toMatchObject({ code: 'outcome_unknown' });
  });

  test('when it goes away over a read nothing is in doubt', async () => {
    answer.query = (asked) => void asked.socket.destroy();
    const reply = await app.send({ path: '/v1/sessions' });
    expect(reply.json()).toMatchObject({ code: 'service_unavailable' });
  });
});

describe('what the edge says itself', () => {
  const since = '2026-01-02T03:04:05.000Z';
  const ready = { status: 'ready', stuck: [], hops: [{ name: 'event-store', since, ready: true }] };
  const answering =
    (status: number, body: object): RequestListener =>
    (_asked, response) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  test('it is alive without the APIs', async () => {
    await Promise.all([command.close(), query.close()]);
    expect(await app.send({ path: '/healthz' })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  });

  test('it is ready when both are, with the hops of both', async () => {
    answer = { command: answering(200, ready), query: answering(200, ready) };
    const reply = await app.send({ path: '/readyz' });
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      status: 'ready',
      stuck: [],
      hops: [{ name: 'command-api/event-store' }, { name: 'query-api/event-store' }],
    });
  });

  test('it is not when a hop of one is stuck, and names it', async () => {
    const stuck = {
      status: 'not_ready',
      stuck: [{ name: 'redis', since }],
      hops: [{ name: 'redis', since, ready: false }],
    };
    answer = { command: answering(503, stuck), query: answering(200, ready) };
    const reply = await app.send({ path: '/readyz' });
    expect(reply.status).toBe(503);
    expect(reply.json()).toMatchObject({ status: 'not_ready', stuck: [{ name: 'command-api/redis', since }] });
  });

  test('it is not when one does not answer, and names that one', async () => {
    answer.command = answering(200, ready);
    await query.close();
    const reply = await app.send({ path: '/readyz' });
    expect(reply.status).toBe(503);
    expect(reply.json()).toMatchObject({ stuck: [{ name: 'query-api' }] });
  });

  test('its description has the addresses of both', async () => {
    const described = (path: string, method: string) => ({
      openapi: '3.1.0',
      tags: [{ name: 'sessions' }],
      paths: { '/healthz': { get: {} }, [path]: { [method]: {} } },
      components: { schemas: { [method]: {} } },
    });
    answer = {
      command: answering(200, described('/v1/sessions', 'post')),
      query: answering(200, described('/v1/sessions', 'get')),
    };
    expect((await app.send({ path: '/openapi.json' })).json()).toEqual({
      openapi: '3.1.0',
      tags: [{ name: 'sessions' }],
      paths: { '/healthz': { get: {} }, '/v1/sessions': { post: {}, get: {} } },
      components: { schemas: { post: {}, get: {} } },
    });
  });
});
