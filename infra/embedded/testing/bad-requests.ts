import { limits } from '@turnledger/shared/contracts';
import type { HeaderRecord } from './http-calls.ts';

/** A request as it goes out; by default POST /llm/generate. `{session}`, `{ended}` and `{turn}` stand for the ids of a run. */
export interface BadRequest {
  readonly method?: string;
  readonly path?: string;
  /** A string and bytes are sent as they are. */
  readonly body?: object | string | Buffer;
  readonly headers?: HeaderRecord;
}

/** A request that must be refused, and how. */
export interface RefusedRequest extends BadRequest {
  readonly what: string;
  readonly status: number;
  readonly code: string;
}

const refused = (
  status: number,
  code: string,
  requests: { readonly [what: string]: BadRequest },
): readonly RefusedRequest[] => Object.entries(requests).map(([what, request]) => ({ what, status, code, ...request }));

const { maxPromptBytes, maxStateBytes, maxBodyBytes, maxJsonDepth } = limits.http;
const unknown = '00000000-0000-4000-8000-000000000000';
const prompt = 'Where were you?';
const turns = '/v1/sessions/{session}/turns';
const configure = '/llm/configure';

const verdict = { verdict: 'accepted', state_rev: 8 };
const withMoves = (schema: object) => ({ scenario_id: 'harbour', moves: { mode: 'optional', schema } });

const get = (path: string, headers: HeaderRecord = {}): BadRequest => ({ method: 'GET', path, headers });
const cursorOf = (values: readonly unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url');
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const withState = (levels: number): BadRequest => ({
  body: `{"prompt":"a","state":{"rev":1,"data":${nested(levels)}}}`,
});
const pairs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`pair${index}`, index]));

/** Every refusal of 03-http-api.md that holds in this version: its "Conventions", and those that its endpoints name. */
export const refusedRequests: readonly RefusedRequest[] = [
  ...refused(400, 'prompt_empty', {
    'an empty prompt': { body: { prompt: '' } },
    'a prompt of blanks': { body: { prompt: ' \n\t' } },
  }),
  ...refused(400, 'request_malformed', {
    'malformed JSON': { body: '{"prompt":' },
    'bytes that are not UTF-8': { body: Buffer.from('{"prompt":"caf\xe9"}', 'latin1') },
    'two documents': { body: '{"prompt":"a"}{}' },
  }),
  ...refused(403, 'host_not_allowed', { 'a Host of somebody else': get('/healthz', { host: 'rebound.example' }) }),
  ...refused(403, 'origin_not_allowed', {
    'an Origin of somebody else': { body: { prompt }, headers: { origin: 'https://page.example' } },
    'an opaque Origin': { body: { prompt }, headers: { origin: 'null' } },
  }),
  ...refused(404, 'route_not_found', { 'an address that is not there': get('/v2/sessions') }),
  ...refused(404, 'scenario_not_found', {
    'an unknown scenario': { body: { prompt, scenario_id: 'nowhere' } },
    'a session of an unknown scenario': { path: '/v1/sessions', body: { scenario_id: 'nowhere' } },
    'a session of an unknown version': { path: '/v1/sessions', body: { scenario_id: 'harbour', scenario_version: 9 } },
    'an unknown scenario to read': get('/v1/scenarios/nowhere'),
    'a path that does not decode': get('/v1/scenarios/%E0%A4%A'),
  }),
  ...refused(404, 'session_not_found', {
    'an unknown session': { body: { prompt, session_id: unknown } },
    'a turn of an unknown session': { path: `/v1/sessions/${unknown}/turns`, body: { prompt } },
    'a session of another game': { body: { prompt, session_id: '{session}', game_id: 'porto' } },
    'ending an unknown session': { path: `/v1/sessions/${unknown}/end`, body: {} },
    'an unknown session to read': get(`/v1/sessions/${unknown}`),
    'a session id that is no UUID': get('/v1/sessions/seven'),
  }),
  ...refused(404, 'turn_not_found', {
    'a verdict on an unknown turn': { path: `${turns}/${unknown}/move`, body: verdict },
    'cancelling an unknown turn': { path: `${turns}/${unknown}/cancel`, body: {} },
    'a turn of another session': get('/v1/sessions/{ended}/turns/{turn}'),
    'the stream of a turn of another session': get('/v1/sessions/{ended}/turns/{turn}/stream'),
    'a re-render at an unknown turn': get(`/v1/sessions/{session}/replay?at_turn=${unknown}`),
  }),
  ...refused(405, 'method_not_allowed', {
    'a wrong method': get('/llm/generate'),
    'a method that nothing here takes': { method: 'PROPFIND', path: '/v1/sessions' },
  }),
  ...refused(409, 'session_ended', {
    'a turn of an ended session': { path: '/v1/sessions/{ended}/turns', body: { prompt } },
  }),
  ...refused(409, 'player_not_in_session', {
    'a stranger in a session': { path: turns, body: { prompt, player_id: 'stranger' } },
  }),
  ...refused(409, 'turn_already_ended', {
    'cancelling a turn that has ended': { path: `${turns}/{turn}/cancel`, body: {} },
  }),
  ...refused(409, 'turn_without_move', {
    'a verdict on a turn without a move': { path: `${turns}/{turn}/move`, body: verdict },
  }),
  ...refused(409, 'state_missing', {
    'a patch where there is no state': { body: { prompt, state: { rev: 1, patch: [] } } },
  }),
  ...refused(412, 'scenario_version_mismatch', {
    'a version that is not the newest': {
      path: configure,
      body: { scenario_id: 'harbour', note: 'n' },
      headers: { 'if-match': '"7"' },
    },
  }),
  ...refused(413, 'prompt_too_large', {
    'a prompt over its limit': { body: { prompt: 'é'.repeat(maxPromptBytes / 2 + 1) } },
  }),
  ...refused(413, 'state_too_large', {
    'a state over its limit': { body: { prompt, state: { rev: 1, data: 'a'.repeat(maxStateBytes) } } },
  }),
  ...refused(413, 'move_schema_too_large', {
    'a schema of moves over its limit': {
      path: configure,
      body: withMoves({ type: 'object', description: 'a'.repeat(limits.moves.maxSchemaBytes) }),
    },
  }),
  ...refused(413, 'body_too_large', {
    'a schema of moves of 1 MB': { path: configure, body: withMoves({ description: 'a'.repeat(1_000_000) }) },
    'a body over its limit': { body: { prompt, metadata: { a: 'a'.repeat(maxBodyBytes) } } },
  }),
  ...refused(415, 'media_type_unsupported', {
    'a text': { body: 'prompt', headers: { 'content-type': 'text/plain' } },
    'a form': { body: 'prompt=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    'an unknown encoding': { body: { prompt }, headers: { 'content-encoding': 'snappy' } },
  }),
  ...refused(422, 'move_schema_invalid', {
    'a schema of moves that is none': { path: configure, body: withMoves({ type: 'banana' }) },
    'a schema of moves that is recursive': {
      path: configure,
      body: withMoves({ $ref: '#/$defs/a', $defs: { a: { properties: { a: { $ref: '#/$defs/a' } } } } }),
    },
    'a schema of moves with a pattern': { path: configure, body: withMoves({ propertyNames: { pattern: '(a+)+$' } }) },
    'a schema of moves that is fetched': { path: configure, body: withMoves({ $ref: 'http://127.0.0.1:1/schema' }) },
    'moves without a schema': { path: configure, body: { scenario_id: 'harbour', moves: { mode: 'required' } } },
  }),
  ...refused(422, 'model_not_in_scenario', {
    'a model that the scenario does not offer': { body: { prompt, model: 'gpt-9' } },
  }),
  ...refused(422, 'endpoint_unknown', {
    'an endpoint that nobody configured': { path: configure, body: { models: [{ name: 'm', endpoint: 'other' }] } },
  }),
  ...refused(422, 'request_invalid', {
    'an empty body': { body: '' },
    'JSON that is no object': { body: '"prompt"' },
    'a list': { body: [] },
    'no prompt': { body: {} },
    'a prompt that is no text': { body: { prompt: 7 } },
    'two names of the prompt': { body: { prompt, input: prompt } },
    'an unknown field': { body: { prompt, promt: prompt } },
    'a NUL': { body: { prompt: 'a\0b' } },
    'half a surrogate pair': { body: '{"prompt":"\\ud800"}' },
    'an unsafe integer': { body: '{"prompt":"a","metadata":{"a":9007199254740993}}' },
    'too deep a state': withState(maxJsonDepth),
    'a state and a patch at once': { body: { prompt, state: { rev: 1, data: {}, patch: [] } } },
    'a patch that is no list': { body: { prompt, state: { rev: 1, patch: {} } } },
    'an operation that is none': { body: { prompt, state: { rev: 1, patch: [{ op: 'merge', path: '' }] } } },
    'a depth that would break a recursion': withState(30_000),
    '17 pairs of metadata': { body: { prompt, metadata: pairs(17) } },
    'a temperature of 3': { body: { prompt, temperature: 3 } },
    'no tokens': { body: { prompt, max_tokens: 0 } },
    'a player id with a blank': { body: { prompt, player_id: 'a b' } },
    'a scenario id with a slash': { body: { prompt, scenario_id: 'a/b' } },
    'a session id that is none': { body: { prompt, session_id: 'seven' } },
    'a session id in the body of a turn': { path: turns, body: { prompt, session_id: unknown } },
    'a session of another scenario': { body: { prompt, session_id: '{session}', scenario_id: 'default' } },
    'half a quote around a key': { body: { prompt }, headers: { 'idempotency-key': '"a' } },
    'a key of 256 characters': { body: { prompt }, headers: { 'idempotency-key': 'a'.repeat(256) } },
    'a schema of moves that is a text': { path: configure, body: { moves: { mode: 'optional', schema: 'move' } } },
    'a verdict that is none': { path: `${turns}/{turn}/move`, body: { verdict: 'perhaps' } },
    'a verdict without a reason': { path: `${turns}/{turn}/move`, body: { verdict: 'rejected' } },
    'an outcome that is none': { path: '/v1/sessions/{session}/end', body: { outcome: 'bored' } },
    'a URL for an endpoint': { path: configure, body: { models: [{ name: 'm', endpoint: 'http://a' }] } },
    'both forms of a scenario at once': { path: configure, body: { models: [{ name: 'm' }], model: 'm' } },
    'a version that is no number': { path: configure, body: {}, headers: { 'if-match': 'W/"a"' } },
    'a page of 101': get('/v1/sessions?limit=101'),
    'a page of none': get('/v1/sessions?limit=0'),
    'a status that is none': get('/v1/sessions?status=lost'),
    'an unknown query': get('/v1/sessions?player=1'),
    'a query twice': get('/v1/sessions?game_id=a&game_id=b'),
    'a NUL in a path': get('/v1/scenarios/a%00b'),
    'a NUL in a query': get('/v1/sessions?game_id=a%00b'),
    'a cursor of nobody': get('/v1/sessions?cursor=junk'),
    'a cursor of another list': get(`/v1/sessions?cursor=${cursorOf([7])}`),
    'a NUL in a cursor': get(`/v1/sessions?cursor=${cursorOf(['a\0', 'b'])}`),
    'a text for a number in a cursor': get(`${turns}?cursor=${cursorOf(['a'])}`),
    'a position that is none': get('/v1/sessions/{session}?min_position=junk'),
    'an event id of a session that is none': get('/v1/sessions/{session}/events', { 'last-event-id': 'x' }),
    'an event id that is none': get(`${turns}/{turn}/stream`, { 'last-event-id': 'x' }),
  }),
];

/** Just within the limits. */
export const allowedRequests: { readonly [what: string]: BadRequest } = {
  'a prompt and a state at their limits': {
    body: { prompt: 'é'.repeat(maxPromptBytes / 2), state: { rev: 1, data: 'a'.repeat(maxStateBytes - 2) } },
  },
  'a state as deep as may be': withState(maxJsonDepth - 2),
  '16 pairs of metadata': { body: { prompt, metadata: pairs(16) } },
  'a key of 255 characters': { body: { prompt }, headers: { 'idempotency-key': 'a'.repeat(255) } },
  'the Origin of this machine': { body: { prompt }, headers: { origin: 'http://localhost:3000' } },
};
