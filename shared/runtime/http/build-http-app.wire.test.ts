import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { type ErrorCode, TurnledgerError } from '../../contracts/index.ts';
import { type ServedApp, serveApp } from '../../testing/served-app.ts';
import { silentLog } from '../log.ts';
import { loopbackHosts } from './allowed-callers.ts';
import { buildHttpApp } from './build-http-app.ts';
import { localCallers } from './caller.ts';
import { idParam } from './path-parameter.ts';
import { defineRoute, json, type Route } from './route.ts';

const logged: { readonly facts: object; readonly sentence: string }[] = [];
const log = { ...silentLog, error: (facts: object, sentence: string) => void logged.push({ facts, sentence }) };

const failing = (path: string, thrown: () => unknown): Route =>
  defineRoute({ method: 'GET', path, summary: 'Fails', access: 'public', handle: () => Promise.reject(thrown()) });

const routes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/hello',
    summary: 'Greets',
    access: 'public',
    handle: async ({ traceId }) => json(200, { traceId }),
  }),
  defineRoute({
    method: 'POST',
    path: '/hello',
    summary: 'Greets',
    access: 'public',
    handle: async ({ body }) => json(201, { body: body ?? null }),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/hello',
    summary: 'Parts',
    access: 'public',
    handle: async () => ({ kind: 'json', status: 204 }),
  }),
  defineRoute({
    method: 'GET',
    path: '/query',
    summary: 'Answers its query',
    access: 'public',
    query: z.strictObject({ limit: z.coerce.number().int().max(100).optional() }),
    handle: async ({ query }) => json(200, query),
  }),
  defineRoute({
    method: 'GET',
    path: '/things/:thing_id',
    summary: 'Answers its parameter',
    access: 'public',
    handle: async (request) => json(200, { id: request.params.thing_id }),
  }),
  defineRoute({
    method: 'GET',
    path: '/sessions/:session_id',
    summary: 'Answers its id',
    access: 'public',
    handle: async (request) => json(200, { id: idParam(request, 'session_id', 'session_not_found') }),
  }),
  failing(
    '/refused',
    () =>
      new TurnledgerError('turn_open', { detail: 'wait', members: { turn_id: 't1' }, headers: { 'retry-after': '1' } }),
  ),
  failing('/players/:player_id/broken', () => new TypeError('broken')),
  failing('/broken', () => new TypeError('password=hunter2 at /home/somebody/secret.ts')),
  failing('/foreign', () => Object.assign(new TypeError('hunter2'), { status: 400, expose: true })),
  failing('/nothing', () => undefined),
  defineRoute({
    method: 'GET',
    path: '/guard',
    summary: 'Tells of a header',
    access: 'public',
    handle: async (request) => json(200, { guard: request.header('if-match') ?? null }),
  }),
];

let app: ServedApp;

beforeAll(async () => {
  app = await serveApp(
    buildHttpApp({ routes, allowedHosts: loopbackHosts, callers: localCallers, ids, log }).callback(),
  );
});
afterAll(() => app.close());
beforeEach(() => {
  logged.length = 0;
});

const problem = (code: ErrorCode, status: number) => ({ type: `urn:turnledger:error:${code}`, code, status });

describe('a refusal', () => {
  it('is a problem document that SDKs can read too', async () => {
    const answer = await app.send({ path: '/refused?x=1' });
    expect(answer.status).toBe(409);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'x-should-retry': 'false',
      'retry-after': '1',
    });
    expect(answer.json()).toEqual({
      ...problem('turn_open', 409),
      title: 'Another turn of this session is still open',
      detail: 'wait',
      instance: '/refused',
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      turn_id: 't1',
      error: {
        message: 'Another turn of this session is still open: wait',
        type: 'invalid_request_error',
        param: null,
        code: 'turn_open',
      },
    });
    expect(logged).toEqual([]);
  });

  it('of an unknown address is one', async () => {
    const answer = await app.send({ path: '/nowhere' });
    expect(answer.json()).toMatchObject(problem('route_not_found', 404));
  });

  it.each(['PUT', 'PATCH', 'PROPFIND', 'LINK'])('of %s says which methods the address takes', async (method) => {
    const answer = await app.send({ method, path: '/hello' });
    expect(answer.json()).toMatchObject(problem('method_not_allowed', 405));
    expect(answer.headers.allow?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'POST']);
  });

  it.each(['PUT', 'PROPFIND'])('of %s on an unknown address is about the address', async (method) => {
    expect((await app.send({ method, path: '/nowhere' })).json()).toMatchObject(problem('route_not_found', 404));
  });
});

describe('an error that is not from the catalogue', () => {
  it.each(['/broken', '/foreign', '/nothing'])('of %s says nothing but that something broke', async (path) => {
    const answer = await app.send({ path });
    expect(answer.json()).toMatchObject({ ...problem('internal', 500), error: { type: 'server_error' } });
    expect(answer.headers['x-should-retry']).toBe('true');
    expect(answer.text).not.toMatch(/hunter2|secret|TypeError/);
  });

  it('is in the log with its cause and the trace id that the client saw', async () => {
    const answer = await app.send({ path: '/broken' });
    const { trace_id: traceId } = answer.json() as { trace_id: string };
    const cause = expect.objectContaining({ message: expect.stringContaining('hunter2') });
    expect(logged.map(({ facts }) => facts)).toEqual([{ traceId, code: 'internal', route: '/broken', cause }]);
  });

  it('is logged by its route: a path may hold the id that a game gave a person', async () => {
    expect((await app.send({ path: '/players/alice-of-lisbon/broken' })).status).toBe(500);
    expect(logged.map(({ facts }) => facts)).toMatchObject([{ route: '/players/:player_id/broken' }]);
    expect(JSON.stringify(logged)).not.toContain('alice');
  });
});

describe('a reply', () => {
  it('without a body has none', async () => {
    expect(await app.send({ method: 'DELETE', path: '/hello' })).toMatchObject({ status: 204, text: '' });
  });

  it('to HEAD is that to GET without its body', async () => {
    const [head, get] = [await app.send({ method: 'HEAD', path: '/hello' }), await app.send({ path: '/hello' })];
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it('to OPTIONS says which methods the address takes', async () => {
    const answer = await app.send({ method: 'OPTIONS', path: '/hello' });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers.allow?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'POST']);
  });

  it('keeps a browser from guessing at its type and from framing it', async () => {
    const { headers } = await app.send({ path: '/hello' });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('ignores a body that its route does not take, of whatever type', async () => {
    const answer = await app.send({
      method: 'POST',
      path: '/hello',
      body: '<not json>',
      headers: { 'content-type': 'text/xml' },
    });
    expect(answer.json()).toEqual({ body: null });
  });
});

describe('the trace id', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceOf = async (traceparent: string) =>
    ((await app.send({ path: '/hello', headers: { traceparent } })).json() as { traceId: string }).traceId;

  it('is that of the caller', async () => {
    expect(await traceOf(`00-${trace}-00f067aa0ba902b7-01`)).toBe(trace);
  });

  it.each([
    'junk',
    `00-${trace}-00f067aa0ba902b7`,
    `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `ff-${trace}-00f067aa0ba902b7-01`,
  ])('is our own when they send %s', async (traceparent) => {
    const traceId = await traceOf(traceparent);
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(traceparent).not.toContain(traceId);
  });
});

describe('a query', () => {
  it('is what its schema makes of it', async () => {
    expect((await app.send({ path: '/query?limit=7' })).json()).toEqual({ limit: 7 });
  });

  it.each([
    ['/query?limit=101', '/limit'],
    ['/query?limit=x', '/limit'],
    ['/query?limit=1&limit=2', '/limit'],
    ['/query?other=1', '/other'],
    ['/query?__proto__=1', expect.any(String)],
  ])('is refused as %s', async (path, pointer) => {
    const answer = await app.send({ path });
    expect(answer.json()).toMatchObject({ ...problem('request_invalid', 422), errors: [{ pointer }] });
  });

  it.each(['POST', 'DELETE'])('of a %s that takes none is refused: nobody would read it', async (method) => {
    const answer = await app.send({ method, path: '/hello?dry_run=true' });
    expect(answer.json()).toMatchObject({ ...problem('request_invalid', 422), errors: [{ pointer: '/dry_run' }] });
  });

  it('of a GET that takes none is passed over, as the probe of a load balancer may have one', async () => {
    expect((await app.send({ path: '/hello?cache=1' })).status).toBe(200);
  });
});

describe('a path parameter', () => {
  it('is decoded', async () => {
    expect((await app.send({ path: '/things/caf%C3%A9%2F1' })).json()).toEqual({ id: 'café/1' });
  });

  it('that is no UTF-8 breaks nothing', async () => {
    expect((await app.send({ path: '/things/%FF' })).status).toBeLessThan(500);
  });

  it('with a NUL in it is refused, since no store takes one', async () => {
    expect((await app.send({ path: '/things/a%00b' })).json()).toMatchObject(problem('request_invalid', 422));
  });

  it('that is an id may be written in capitals', async () => {
    const id = '0198C0DE-0000-7000-8000-000000000001';
    expect((await app.send({ path: `/sessions/${id}` })).json()).toEqual({ id: id.toLowerCase() });
  });

  it.each(['1', '0198c0de-0000-7000-8000-00000000000', '0198c0de-0000-7000-8000-000000000001x', '__proto__'])(
    'that is no id names nothing: %s',
    async (id) => {
      expect((await app.send({ path: `/sessions/${id}` })).json()).toMatchObject(problem('session_not_found', 404));
    },
  );
});

describe('a caller', () => {
  const hello = (headers: { readonly [name: string]: string }) => app.send({ path: '/hello', headers });

  it.each(['localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:8080', 'LOCALHOST'])(
    'may say Host: %s',
    async (host) => {
      expect((await hello({ host })).status).toBe(200);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', 'localhost@evil.example', '127.0.0.1.nip.io', '10.0.0.1'])(
    'may not say Host: %j',
    async (host) => {
      expect((await hello({ host })).json()).toMatchObject(problem('host_not_allowed', 403));
    },
  );

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:5173'])('may come from %s', async (origin) => {
    expect((await hello({ origin })).status).toBe(200);
  });

  it.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', ''])(
    'may not come from %j',
    async (origin) => {
      expect((await hello({ origin })).json()).toMatchObject(problem('origin_not_allowed', 403));
    },
  );

  it('is checked before the address is looked at', async () => {
    const answer = await app.send({ path: '/nowhere', headers: { host: 'evil.example' } });
    expect(answer.json()).toMatchObject(problem('host_not_allowed', 403));
  });
});

describe('a header', () => {
  it('that is empty is there all the same: a guard that names nothing must not count as none', async () => {
    const guardOf = async (headers: { readonly [name: string]: string }) =>
      (await app.send({ path: '/guard', headers })).json();
    expect(await guardOf({ 'if-match': '' })).toEqual({ guard: '' });
    expect(await guardOf({})).toEqual({ guard: null });
  });
});
