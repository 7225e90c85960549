import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allowedRequests, type BadRequest, refusedRequests } from './testing/bad-requests.ts';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { httpCalls } from './testing/http-calls.ts';
import { eventRows } from './testing/stored-rows.ts';

let turnledger: EmbeddedProcess;
let session: string;
let ended: string;
let turn: string;
let eventsBefore: number;

const countEvents = async () => (await eventRows(turnledger.dataDir)).length;

beforeAll(async () => {
  turnledger = await startEmbeddedProcess({ env: { TURNLEDGER_SCRIPTED_WORD_MS: '0' } });
  const calls = httpCalls(turnledger.url);
  await calls.post('/llm/configure', { scenario_id: 'harbour', persona: { name: 'Marta' } });
  session = (await calls.post('/v1/sessions', { scenario_id: 'harbour', game_id: 'lisbon' })).body.id;
  turn = (await calls.post(`/v1/sessions/${session}/turns`, { prompt: 'Hello.' })).body.id;
  ended = (await calls.post('/v1/sessions', {})).body.id;
  await calls.post(`/v1/sessions/${ended}/end`, {});
  eventsBefore = await countEvents();
});
afterAll(endEmbedded);

/** By node:http, since fetch sets Host itself and refuses some methods. */
const send = async ({ method = 'POST', path = '/llm/generate', body, headers = {} }: BadRequest) => {
  const named = (text: string) =>
    text.replaceAll('{session}', session).replaceAll('{ended}', ended).replaceAll('{turn}', turn);
  const textOfBody = () =>
    body === undefined ? undefined : named(typeof body === 'string' ? body : JSON.stringify(body));
  const sent = Buffer.isBuffer(body) ? body : textOfBody();
  const contentType = { ...(sent !== undefined && { 'content-type': 'application/json' }) };
  const call = request(`${turnledger.url}${named(path)}`, {
    method,
    agent: false,
    headers: { ...contentType, ...headers },
  });
  call.end(sent);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, text: await textOf(response) };
};

test.each(refusedRequests)('$what: $status $code', async ({ status, code, ...bad }) => {
  const reply = await send(bad);
  expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const problem: unknown = JSON.parse(reply.text);
  expect({ status: reply.status, problem }).toMatchObject({ status, problem: { status, code } });
  expect(problem).toMatchObject({
    type: `urn:turnledger:error:${code}`,
    title: expect.any(String),
    instance: expect.stringMatching(/^\//),
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    error: { code, type: 'invalid_request_error', message: expect.any(String) },
  });
  expect(reply.headers['x-should-retry']).toBe('false');
  if (status === 405) expect(reply.headers.allow).toContain('POST');
});

test('after all of it the log has no new event, and nothing broke on our side', async () => {
  expect(await countEvents()).toBe(eventsBefore);
  expect(turnledger.stderr()).toBe('');
});

test.each(Object.entries(allowedRequests))('%s: taken', async (_what, allowed) => {
  expect((await send(allowed)).status).toBe(200);
});
