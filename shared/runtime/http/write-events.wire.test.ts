import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import { Arrivals } from '../../testing/arrivals.ts';
import { type ServedApp, serveApp } from '../../testing/served-app.ts';
import { silentLog } from '../log.ts';
import { loopbackHosts } from './allowed-callers.ts';
import { buildHttpApp } from './build-http-app.ts';
import { type Callers, localCaller, localCallers, roles } from './caller.ts';
import { defineRoute, type RouteReply, type ServerEvent } from './route.ts';

let app: ServedApp | undefined;
const clients: Socket[] = [];
/** Of each response that is over, its request's method. */
let closed = new Arrivals<string>();

afterEach(async () => {
  jest.useRealTimers();
  closed = new Arrivals();
  for (const client of clients.splice(0)) client.destroy();
  await app?.close();
});

type Events = (signal: AbortSignal) => AsyncIterable<ServerEvent>;

async function serve(
  events: Events,
  reply: Partial<Extract<RouteReply, { kind: 'events' }>> = {},
  callers: Callers = localCallers,
): Promise<ServedApp> {
  const route = defineRoute({
    method: 'GET',
    path: '/stream',
    summary: 'Streams',
    access: roles,
    handle: async ({ signal }) => ({ kind: 'events', events: events(signal), ...reply }),
  });
  const listener = buildHttpApp({
    routes: [route],
    allowedHosts: loopbackHosts,
    callers,
    ids,
    log: silentLog,
  }).callback();
  app = await serveApp((request, response) => {
    response.once('close', () => closed.add(request.method ?? ''));
    void listener(request, response);
  });
  return app;
}

/** A client that asks for the stream and reads nothing of it yet. */
async function ask({ port }: ServedApp): Promise<Socket> {
  const client = connect(port, '127.0.0.1').pause();
  clients.push(client);
  await once(client, 'connect');
  client.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return client;
}

/** Says nothing until its reader leaves. */
async function* quiet(signal: AbortSignal): AsyncGenerator<ServerEvent> {
  await aborted(signal);
  yield* numbered(0);
}

async function* numbered(count: number, bytes = 1): AsyncGenerator<ServerEvent> {
  for (let id = 1; id <= count; id += 1) yield { id, event: 'tick', data: 'x'.repeat(bytes) };
}

const aborted = (signal: AbortSignal) => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

describe('a stream of events', () => {
  it('has a head that no proxy buffers or keeps', async () => {
    const { send } = await serve(() => numbered(0), { headers: { 'content-location': '/turn' } });
    const { status, headers } = await send({ path: '/stream' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'content-location': '/turn',
    });
  });

  it('is over at once for a client that left while it was found out who calls', async () => {
    const [asked, left, found] = [new AbortController(), new AbortController(), new Arrivals<boolean>()];
    const authenticate = async () => {
      asked.abort();
      await aborted(left.signal);
      return localCaller;
    };
    const events: Events = (signal) => {
      found.add(signal.aborted);
      return quiet(signal);
    };
    const client = await ask(await serve(events, {}, { authenticate }));
    await aborted(asked.signal);
    client.destroy();
    await closed.until(1);
    left.abort();
    expect(await found.until(1)).toEqual([true]);
  });

  it('says how long to wait before coming back, then its events', async () => {
    async function* events(): AsyncGenerator<ServerEvent> {
      yield { id: 1, event: 'turn.requested', data: { text: 'a\nb' } };
      yield { id: 1_000_000_000, event: 'turn.completed', data: null };
    }
    const { send } = await serve(events);
    const { text } = await send({ path: '/stream' });
    expect(text).toBe(
      'retry: 2000\n\n' +
        'id: 1\nevent: turn.requested\ndata: {"text":"a\\nb"}\n\n' +
        'id: 1000000000\nevent: turn.completed\ndata: null\n\n',
    );
  });

  it('reaches a quick reader whole, however much comes at once', async () => {
    const { send } = await serve(() => numbered(1_000, 2_000));
    const { text } = await send({ path: '/stream' });
    expect(text.match(/^id: /gm)).toHaveLength(1_000);
  });

  it('carries one event that is over the bound by itself', async () => {
    const { send } = await serve(() => numbered(2, 2 * limits.sse.maxBufferedBytes));
    const { text } = await send({ path: '/stream' });
    expect(text.match(/^id: /gm)).toHaveLength(2);
  });

  it('has no body for HEAD, and ends', async () => {
    let asked = 0;
    const { send } = await serve((signal) => {
      const events = quiet(signal);
      return {
        [Symbol.asyncIterator]: () => {
          asked += 1;
          return events;
        },
      };
    });
    expect(await send({ method: 'HEAD', path: '/stream' })).toMatchObject({ status: 200, text: '' });
    expect(asked).toBe(0);
  });

  it('is cut, not ended, when its events fail', async () => {
    async function* events(): AsyncGenerator<ServerEvent> {
      yield { id: 1, event: 'tick', data: 1 };
      throw new TurnledgerError('store_unavailable');
    }
    const { send } = await serve(events);
    await expect(send({ path: '/stream' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is a problem document when the route fails before it begins', async () => {
    const { send } = await serve(() => {
      throw new TurnledgerError('turn_not_found');
    });
    const answer = await send({ path: '/stream' });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'turn_not_found', status: 404 });
  });

  it('sends a comment every 15 s while nothing happens', async () => {
    jest.useFakeTimers({
      doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask', 'setTimeout', 'clearTimeout'],
    });
    const client = await ask(await serve(quiet));
    let text = '';
    const untilRead = async (wanted: RegExp) => {
      while (!wanted.test(text)) text += String((await once(client.resume(), 'data'))[0]);
    };
    await untilRead(/retry: 2000\n\n/);
    expect(text).not.toContain('keep-alive\n\n');
    jest.advanceTimersByTime(limits.sse.heartbeatMs);
    await untilRead(/: keep-alive\n\n/);
    text = '';
    jest.advanceTimersByTime(limits.sse.heartbeatMs);
    await untilRead(/: keep-alive\n\n/);
    client.destroy();
  });
});

describe('a reader', () => {
  it('who leaves aborts the signal, and what streams to them ends', async () => {
    const endings = new Arrivals<string>();
    async function* events(signal: AbortSignal): AsyncGenerator<ServerEvent> {
      try {
        yield { id: 1, event: 'tick', data: 1 };
        await aborted(signal);
      } finally {
        endings.add(signal.aborted ? 'aborted' : 'ended');
      }
    }
    const client = await ask(await serve(events));
    await once(client.resume(), 'data');
    client.destroy();
    expect(await endings.until(1)).toEqual(['aborted']);
  });

  it('who reads nothing is cut off, and no more is taken for them than the bound', async () => {
    const endings = new Arrivals<string>();
    const pieceBytes = 64 * 1024;
    let taken = 0;
    async function* flood(signal: AbortSignal): AsyncGenerator<ServerEvent> {
      signal.addEventListener('abort', () => endings.add('cut'));
      for (let id = 1; !signal.aborted; id += 1) {
        taken += pieceBytes;
        yield { id, event: 'tick', data: 'x'.repeat(pieceBytes) };
      }
    }
    await ask(await serve(flood));
    await endings.until(1);
    const takenThen = taken;
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(taken).toBe(takenThen);
    // What the two sockets hold in the kernel (some 6 MiB on Linux) and the bound.
    expect(taken).toBeLessThan(32 * 1024 * 1024);
  });

  it('who reads slowly, but reads, gets everything', async () => {
    const client = await ask(await serve(() => numbered(200, 64 * 1024)));
    let received = 0;
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
      client.pause();
      setImmediate(() => client.resume());
    });
    const text = new Promise<number>((resolve) => {
      client.on('data', (chunk: Buffer) => {
        if (chunk.includes('0\r\n\r\n')) resolve(received);
      });
    });
    client.resume();
    expect(await text).toBeGreaterThan(200 * 64 * 1024);
  });
});
