import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLeanTransport, type LeanFetchOptions } from './lean-transport.ts';

const options: LeanFetchOptions = {
  maxBodyBytes: 10_000,
  maxFrameBytes: 1_000,
  maxSockets: 2,
  idleSocketMs: 4_000,
  maxDrainBytes: 1_000,
  drainMs: 100,
  headers: { 'content-type': 'application/json', 'x-ours': '1' },
};
const SSE = { 'content-type': 'text/event-stream' };

let server: Server;
let url: string;
let sockets: Set<Socket>;
let answer: RequestListener;

beforeEach(async () => {
  sockets = new Set();
  server = createServer((message, response) => {
    message.resume();
    answer(message, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    // A connection that its client gives up ends in a reset; that is what these tests are about.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/x?y=1`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const post = async (transport = createLeanTransport(options), signal?: AbortSignal) => {
  const init = { method: 'POST', body: '{}', headers: { 'x-theirs': '1', 'x-client-request-id': 'call-1' } };
  const response = await transport.fetch(url, signal === undefined ? init : { ...init, signal });
  const body = transport.bodyOf(response);
  const text = async () => {
    const read: Buffer[] = [];
    for (let pieces = await body?.next(); pieces !== undefined; pieces = await body?.next()) read.push(...pieces);
    return Buffer.concat(read).toString('utf8');
  };
  return { status: response.status, body, text };
};

/** Resolves once the server has no connection left. */
const allClosed = async () => {
  await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  expect(sockets.size).toBe(0);
};

const fault = (code: string) => expect.objectContaining({ name: 'WireFault', code });

test('sends its own headers, the id of the call and the body, nothing else', async () => {
  answer = (message, response) => {
    const { host: _host, ...headers } = message.headers;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method: message.method, url: message.url, headers }));
  };
  expect(JSON.parse(await (await post()).text())).toEqual({
    method: 'POST',
    url: '/v1/x?y=1',
    headers: {
      'content-type': 'application/json',
      'x-ours': '1',
      'x-client-request-id': 'call-1',
      'content-length': '2',
      connection: 'keep-alive',
    },
  });
});

test('does not follow a redirect', async () => {
  const asked: (string | undefined)[] = [];
  answer = (message, response) => {
    asked.push(message.url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  };
  expect(await post()).toMatchObject({ status: 307, body: undefined });
  expect(asked).toEqual(['/v1/x?y=1']);
});

test('a refusal answers before its body has ended, and gives a connection up that stalls', async () => {
  answer = (_message, response) => void response.writeHead(500, SSE).write('never finished');
  expect(await post()).toMatchObject({ status: 500, body: undefined });
  await allClosed();
});

test('uses a connection again after a whole body, [DONE] and a refusal', async () => {
  const transport = createLeanTransport(options);
  const answers = [
    (response: ServerResponse) => response.writeHead(200, SSE).end('data: 1\n\n'),
    (response: ServerResponse) => response.writeHead(200, SSE).end('data: [DONE]\n\ndata: [DONE]\n\n'),
    (response: ServerResponse) => response.writeHead(429).end('slow down'),
  ];
  for (let round = 0; round < 6; round += 1) {
    answer = (_message, response) => void answers[round % answers.length]?.(response);
    await (await post(transport)).text();
    // The drained rest of an answer frees its connection one turn of the loop later.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
  expect(sockets.size).toBeLessThanOrEqual(2);
});

test('opens no more than `maxSockets` connections', async () => {
  const waiting: ServerResponse[] = [];
  const transport = createLeanTransport(options);
  let isFull = () => {};
  const full = new Promise<void>((resolve) => {
    isFull = resolve;
  });
  answer = (_message, response) => {
    waiting.push(response);
    if (waiting.length === 2) isFull();
    if (waiting.length > 2) response.end();
  };
  const answers = Promise.all([1, 2, 3, 4, 5].map(() => post(transport)));
  await full;
  expect(sockets.size).toBe(2);
  for (const response of waiting) response.end();
  await answers;
  expect(sockets.size).toBe(2);
});

describe('a body', () => {
  test.each([
    ['over the bound', { 'content-type': 'application/json' }, 'x'.repeat(10_001), 'model_body_too_large'],
    ['of frames, over the bound', SSE, 'data: 1\n\n'.repeat(1_200), 'model_body_too_large'],
    ['with a frame over the bound', SSE, `data: ${'x'.repeat(1_000)}\n\n`, 'model_body_too_large'],
    ['that is not UTF-8', SSE, Buffer.from([0xff, 0x0a, 0x0a]), 'model_not_json'],
  ])('%s is an error and closes the connection', async (_name, headers, bytes, code) => {
    answer = (_message, response) => void response.writeHead(200, headers).write(bytes);
    const response = await post();
    await expect(response.text()).rejects.toEqual(fault(code));
    await allClosed();
  });

  test('that breaks off is an error', async () => {
    answer = (_message, response) => {
      response.writeHead(200, { ...SSE, 'content-length': 100 });
      response.write('data: 1\n\n', () => response.destroy());
    };
    await expect((await post()).text()).rejects.toEqual(fault('model_stream_cut'));
  });

  test('is not read faster than its reader reads', async () => {
    const endless = createLeanTransport({ ...options, maxBodyBytes: 1_000_000_000 });
    const frames = 'data: 0123456789\n\n'.repeat(4_000);
    let stuck = () => {};
    const isStuck = new Promise<void>((resolve) => {
      stuck = resolve;
    });
    answer = (_message, response) => {
      response.on('error', () => {});
      response.writeHead(200, SSE);
      const fill = () => {
        for (let room = true; room; ) room = response.write(frames);
        const timer = setTimeout(stuck, 200);
        response.once('drain', () => {
          clearTimeout(timer);
          fill();
        });
      };
      fill();
      response.once('close', () => response.removeAllListeners('drain'));
    };
    const response = await post(endless);
    await isStuck;
    response.body?.fail('model_stream_cut');
    await allClosed();
  });
});

describe('an abort', () => {
  test('before anything is sent rejects', async () => {
    answer = (_message, response) => void response.end();
    await expect(post(undefined, AbortSignal.abort())).rejects.toEqual(fault('model_timeout'));
    expect(sockets.size).toBe(0);
  });

  test('while it waits for a free connection rejects, and the others go on', async () => {
    const waiting: ServerResponse[] = [];
    const transport = createLeanTransport({ ...options, maxSockets: 1 });
    const arrived = new Promise<void>((resolve) => {
      answer = (_message, response) => {
        waiting.push(response);
        resolve();
      };
    });
    const first = post(transport);
    await arrived;
    const abort = new AbortController();
    const second = post(transport, abort.signal);
    abort.abort();
    await expect(second).rejects.toEqual(fault('model_timeout'));
    waiting[0]?.end();
    expect((await first).status).toBe(200);
    answer = (_message, response) => void response.end();
    expect((await post(transport)).status).toBe(200);
  });

  test('in the middle of a body drops what is queued and closes the connection', async () => {
    answer = (_message, response) => void response.writeHead(200, SSE).write('data: 1\n\ndata: 2\n\n');
    const abort = new AbortController();
    const response = await post(undefined, abort.signal);
    abort.abort();
    await expect(response.text()).rejects.toEqual(fault('model_stream_cut'));
    await allClosed();
  });
});

test('nobody there: model_unreachable', async () => {
  const transport = createLeanTransport(options);
  await expect(transport.fetch('http://127.0.0.1:1/v1', { method: 'POST', body: '{}' })).rejects.toEqual(
    fault('model_unreachable'),
  );
});

test('a server that wants another protocol: model_unreachable', async () => {
  answer = () => {};
  server.removeAllListeners('request');
  server.on('request', (message) => {
    message.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  });
  await expect(post()).rejects.toEqual(fault('model_unreachable'));
});
