import { Agent, request } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { systemIds as ids } from '../../adapters/system/index.ts';
import { type ErrorCode, limits } from '../../contracts/index.ts';
import { type PlainRequest, type ServedApp, serveApp } from '../../testing/served-app.ts';
import { silentLog } from '../log.ts';
import { loopbackHosts } from './allowed-callers.ts';
import { buildHttpApp } from './build-http-app.ts';
import { localCallers } from './caller.ts';
import { defineRoute, json } from './route.ts';

const body = z.strictObject({
  prompt: z.string().optional(),
  count: z.number().optional(),
  pairs: z.record(z.string(), z.number()).optional(),
  state: z.json().optional(),
});

let app: ServedApp;

beforeAll(async () => {
  const route = defineRoute({
    method: 'POST',
    path: '/echo',
    summary: 'Answers its body',
    access: 'public',
    body,
    handle: async (request) => json(200, request.body),
  });
  app = await serveApp(
    buildHttpApp({
      routes: [route],
      allowedHosts: loopbackHosts,
      callers: localCallers,
      ids,
      log: silentLog,
    }).callback(),
  );
});
afterAll(() => app.close());

const post = (wanted: Omit<PlainRequest, 'path'>) => app.send({ method: 'POST', path: '/echo', ...wanted });
const typed = { 'content-type': 'application/json' };
const problem = (code: ErrorCode, status: number) => ({ code, status });

describe('a body', () => {
  it('is taken as JSON', async () => {
    expect((await post({ body: { prompt: 'né 🍺' } })).json()).toEqual({ prompt: 'né 🍺' });
  });

  it('may say its characters are UTF-8', async () => {
    const answer = await post({
      body: '{"prompt":"é"}',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(answer.json()).toEqual({ prompt: 'é' });
  });

  it('may be compressed', async () => {
    const answer = await post({ body: gzipSync('{"prompt":"x"}'), headers: { ...typed, 'content-encoding': 'gzip' } });
    expect(answer.json()).toEqual({ prompt: 'x' });
  });

  it.each([
    ['none at all', {}],
    ['an empty one', { headers: typed, body: '' }],
    ['an empty one of no type', { headers: { 'content-length': '0' } }],
  ])('that is %s counts as an object without members', async (_name, wanted) => {
    expect(await post(wanted)).toMatchObject({ status: 200, text: '{}' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/vnd.api+json', 'json', ''])(
    'of type %j is not taken',
    async (type) => {
      const answer = await post({ body: '{"prompt":"x"}', headers: type === '' ? {} : { 'content-type': type } });
      expect(answer.json()).toMatchObject(problem('media_type_unsupported', 415));
    },
  );

  it('in an encoding nobody knows is not taken', async () => {
    const answer = await post({ body: '{}', headers: { ...typed, 'content-encoding': 'zstd' } });
    expect(answer.json()).toMatchObject(problem('media_type_unsupported', 415));
  });

  it.each([
    '{"prompt":',
    '{prompt:1}',
    'undefined',
    '{"a":1}{',
    "{'prompt':1}",
    '{"prompt":"a\tb"}',
    '{"__proto__":{}}',
    '{"state":{"__proto__":1}}',
  ])('that is not JSON is malformed: %s', async (text) => {
    expect((await post({ headers: typed, body: text })).json()).toMatchObject(problem('request_malformed', 400));
  });

  const brokenUtf8 = Buffer.concat([Buffer.from('{"prompt":"a'), Buffer.of(0xc3), Buffer.from('"}')]);

  it.each([
    ['as it is', brokenUtf8, {}],
    ['in gzip', gzipSync(brokenUtf8), { 'content-encoding': 'gzip' }],
    ['in deflate', deflateSync(brokenUtf8), { 'content-encoding': 'deflate' }],
    ['in brotli', brotliCompressSync(brokenUtf8), { 'content-encoding': 'br' }],
    ['in latin1', Buffer.from('{"prompt":"é"}', 'latin1'), {}],
    ['with half a pair in UTF-8', Buffer.from('{"prompt":"\xed\xa0\xbd"}', 'latin1'), {}],
  ])('that is not UTF-8 is malformed, not mended: %s', async (_name, bytes, headers) => {
    const answer = await post({ headers: { ...typed, ...headers }, body: bytes });
    expect(answer.json()).toMatchObject(problem('request_malformed', 400));
  });

  it.each([
    ['as it is', (text: string) => Buffer.from(text), {}],
    ['in gzip', gzipSync, { 'content-encoding': 'gzip' }],
    ['in brotli', brotliCompressSync, { 'content-encoding': 'br' }],
  ])('may hold U+FFFD, which is a character like any other: %s', async (_name, pack, headers) => {
    const answer = await post({ headers: { ...typed, ...headers }, body: pack('{"prompt":"a\ufffdb"}') });
    expect(answer.json()).toEqual({ prompt: 'a\ufffdb' });
  });

  it('that claims to be compressed and is not is malformed', async () => {
    const answer = await post({ headers: { ...typed, 'content-encoding': 'gzip' }, body: '{"prompt":"x"}' });
    expect(answer.json()).toMatchObject(problem('request_malformed', 400));
  });

  it.each(['"text"', '7', 'null', 'true', '[]'])('that is JSON but no object has the wrong shape: %s', async (text) => {
    expect((await post({ headers: typed, body: text })).json()).toMatchObject(problem('request_invalid', 422));
  });
});

describe('a large body', () => {
  const filled = (bytes: number) => `{"prompt":"${'x'.repeat(bytes - 13)}"}`;

  it('is taken up to its limit', async () => {
    const text = filled(limits.http.maxBodyBytes);
    expect(Buffer.byteLength(text)).toBe(limits.http.maxBodyBytes);
    expect((await post({ headers: typed, body: text })).status).toBe(200);
  });

  it('is too large a byte later', async () => {
    const answer = await post({ headers: typed, body: filled(limits.http.maxBodyBytes + 1) });
    expect(answer.json()).toMatchObject(problem('body_too_large', 413));
  });

  it('is too large also when it does not say its length', async () => {
    const headers = { ...typed, 'transfer-encoding': 'chunked' };
    expect((await post({ headers, body: filled(limits.http.maxBodyBytes + 1) })).status).toBe(413);
  });

  it('is too large also when it was small on the way', async () => {
    const bomb = gzipSync(filled(8 * limits.http.maxBodyBytes));
    expect(bomb.length).toBeLessThan(limits.http.maxBodyBytes);
    const answer = await post({ body: bomb, headers: { ...typed, 'content-encoding': 'gzip' } });
    expect(answer.json()).toMatchObject(problem('body_too_large', 413));
  });
});

describe('what a body holds', () => {
  const nested = (levels: number) => `{"state":${'['.repeat(levels)}${']'.repeat(levels)}}`;

  it.each([
    ['NUL', '{"prompt":"a\\u0000b"}', '/prompt'],
    ['half of a surrogate pair', '{"state":{"a":["\\ud83c"]}}', '/state/a/0'],
    ['half of a pair in a name', '{"state":{"\\udf7a":1}}', '/state/…'],
    ['an integer beyond 2^53', '{"count":9007199254740993}', '/count'],
    ['a number beyond all numbers', '{"count":1e999}', '/count'],
    ['a place with marks in its name', '{"pairs":{"a/b~c":"x"}}', '/pairs/a~1b~0c'],
    ['a place with marks and NUL', '{"state":{"a/b~c":"\\u0000"}}', '/state/a~1b~0c'],
    ['the wrong type', '{"count":"7"}', '/count'],
    ['a field nobody knows', '{"prompt":"x","promt":"y"}', '/promt'],
  ])('is refused with its place: %s', async (_name, text, pointer) => {
    const answer = await post({ headers: typed, body: text });
    expect(answer.json()).toMatchObject({
      ...problem('request_invalid', 422),
      errors: [{ pointer }],
      error: { param: pointer },
    });
  });

  it('may be nested as deep as its limit', async () => {
    expect((await post({ headers: typed, body: nested(limits.http.maxJsonDepth - 1) })).status).toBe(200);
  });

  it.each([limits.http.maxJsonDepth, 100_000])('may not be nested %d levels deep', async (levels) => {
    const answer = await post({ headers: typed, body: nested(levels) });
    expect(answer.json()).toMatchObject(problem('request_invalid', 422));
  });

  it('names at most 20 wrong fields', async () => {
    const pairs = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 'x']));
    const { errors } = (await post({ body: { pairs } })).json() as { errors: readonly unknown[] };
    expect(errors).toHaveLength(20);
  });
});

describe('a body that is too large', () => {
  it.each([
    ['as it is', { ...typed }, Buffer.alloc(limits.http.maxBodyBytes * 8, '1')],
    ['in pieces', { ...typed, 'transfer-encoding': 'chunked' }, Buffer.alloc(limits.http.maxBodyBytes * 8, '1')],
    [
      'compressed',
      { ...typed, 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(limits.http.maxBodyBytes * 8, '1'), { level: 0 }),
    ],
  ])('does not hold up the next request on its connection: %s', async (_name, headers, sent) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const statusOf = (body: Buffer, more: { readonly [name: string]: string }) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(
          { host: '127.0.0.1', port: app.port, method: 'POST', path: '/echo', agent, headers: more },
          (response) => {
            response.resume().once('end', () => resolve(response.statusCode));
          },
        )
          .once('error', reject)
          .end(body);
      });
    try {
      expect(await statusOf(sent, headers)).toBe(413);
      expect(await statusOf(Buffer.from('{}'), typed)).toBe(200);
    } finally {
      agent.destroy();
    }
  });
});
