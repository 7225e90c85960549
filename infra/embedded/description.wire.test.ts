import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type EmbeddedProcess, endEmbedded, startEmbeddedProcess } from './testing/embedded-process.ts';
import { type HttpCalls, type HttpReply, httpCalls } from './testing/http-calls.ts';

interface Content {
  readonly [mediaType: string]: {
    readonly schema: { readonly [keyword: string]: unknown; readonly examples?: unknown[] };
  };
}
interface Operation {
  readonly summary: string;
  readonly responses: { readonly [status: string]: { readonly content?: Content } };
  readonly requestBody?: { readonly content: Content };
}
interface Description {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: object };
}

let turnledger: EmbeddedProcess;
let calls: HttpCalls;
let served: HttpReply;
let description: Description;
let operations: readonly { readonly path: string; readonly method: string; readonly operation: Operation }[];

beforeAll(async () => {
  turnledger = await startEmbeddedProcess({ env: { TURNLEDGER_SCRIPTED_WORD_MS: '20' } });
  calls = httpCalls(turnledger.url);
  served = await calls.get('/openapi.json');
  description = JSON.parse(served.text);
  operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
});
afterAll(endEmbedded);

/** A path as it was written: `fetch` would take the dots out. */
const rawStatus = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(turnledger.url);
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('/openapi.json', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(served.text));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  test('has for each path the methods that are served there, and no other', async () => {
    const allowed = await Promise.all(
      Object.keys(description.paths).map(async (path) => {
        const reply = await fetch(`${turnledger.url}${path.replaceAll(/\{\w+\}/g, 'x')}`, { method: 'OPTIONS' });
        await reply.arrayBuffer();
        return [
          path,
          (reply.headers.get('allow') ?? '')
            .split(', ')
            .filter((method) => method !== 'HEAD')
            .toSorted(),
        ];
      }),
    );
    const described = Object.entries(description.paths).map(([path, methods]) => [
      path,
      Object.keys(methods)
        .map((method) => method.toUpperCase())
        .toSorted(),
    ]);
    expect(allowed).toEqual(described);
  });

  test('says in one line of each operation what it is for, and what it answers', () => {
    const bare = operations.filter(
      ({ operation: { summary, responses } }) =>
        !/^[A-Z].*[^.]$/.test(summary) || Object.keys(responses).filter((status) => /^[23]/.test(status)).length === 0,
    );
    expect(bare).toEqual([]);
    const undescribed = operations.filter(({ operation: { responses } }) =>
      JSON.stringify(responses).includes('"Done."'),
    );
    expect(undescribed.map(({ path, method }) => `${method} ${path}`)).toEqual([]);
  });

  test('has examples that are what it says', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const wrong = operations.flatMap(({ path, operation }) => {
      const schema = operation.requestBody?.content['application/json']?.schema;
      const examples = schema?.examples ?? [];
      const check = ajv.compile({ ...schema, components: description.components });
      return examples.filter((example) => !check(example)).map((example) => ({ path, example, errors: check.errors }));
    });
    expect(wrong).toEqual([]);
    expect(
      operations.filter(({ operation }) => JSON.stringify(operation.requestBody)?.includes('"examples"')).length,
    ).toBeGreaterThan(3);
  });

  test('is not sent again to who has it', async () => {
    const etag = served.headers.get('etag') ?? '';
    const again = await calls.get('/openapi.json', { 'if-none-match': `"other", W/${etag}` });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect(again.headers.get('etag')).toBe(etag);
    expect((await calls.get('/openapi.json', { 'if-none-match': '"other"' })).status).toBe(200);
  });
});

describe('replies', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });

  /** What of a reply is not as it was described: members that are wrong, and members that were not told of. */
  const unlike = (reply: HttpReply, method: string, path: string): unknown => {
    const described = description.paths[path]?.[method]?.responses[String(reply.status)];
    const schema = described?.content?.['application/json']?.schema;
    if (!schema) return `${method} ${path} does not describe a ${reply.status}`;
    const closed = JSON.parse(JSON.stringify({ ...schema, components: description.components }), (_name, value) =>
      value?.type === 'object' && value.properties && value.additionalProperties === undefined
        ? { ...value, additionalProperties: false }
        : value,
    );
    const check = ajv.compile(closed);
    return check(reply.body) ? undefined : check.errors;
  };

  const putPlayer = async (profile: object): Promise<HttpReply> => {
    const reply = await fetch(`${turnledger.url}/v1/players/player-7`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(profile),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, text, body: JSON.parse(text) };
  };

  test('are as they are described', async () => {
    const session = '/v1/sessions/{session_id}';
    const configured = await calls.post('/llm/configure', {
      scenario_id: 'harbour',
      persona: { name: 'Marta', greeting: 'You again.' },
      moves: { mode: 'optional', schema: { type: 'object' } },
      note: 'first',
    });
    const started = await calls.post('/v1/sessions', {
      scenario_id: 'harbour',
      player_id: 'player-7',
      metadata: { quest: 'a' },
    });
    const at = `/v1/sessions/${started.body.id}`;
    const turn = await calls.post(`${at}/turns`, { prompt: 'Hello.', metadata: { a: 1 }, state: { rev: 1, data: {} } });
    const judged = await calls.post(`${at}/turns/${turn.body.id}/move`, { verdict: 'accepted', state_rev: 2 });
    const open = await calls.post(`${at}/turns`, { prompt: 'And?' }, { prefer: 'respond-async' });
    // While it is still speaking: it says a word each 20 ms.
    const cancelled = await calls.post(`${at}/turns/${open.body.id}/cancel`, {});
    const generated = await calls.generate({ prompt: 'Who?' });
    const min = `?min_position=${turn.body.log_position}`;
    const replies: readonly (readonly [HttpReply, string, string])[] = [
      [configured, 'post', '/llm/configure'],
      [started, 'post', '/v1/sessions'],
      [turn, 'post', `${session}/turns`],
      [open, 'post', `${session}/turns`],
      [cancelled, 'post', `${session}/turns/{turn_id}/cancel`],
      [judged, 'post', `${session}/turns/{turn_id}/move`],
      [generated, 'post', '/llm/generate'],
      [await calls.get(`/v1/sessions${min}`), 'get', '/v1/sessions'],
      [await calls.get(`${at}${min}`), 'get', session],
      [await calls.get(`${at}/turns${min}`), 'get', `${session}/turns`],
      [await calls.get(`${at}/turns/${turn.body.id}${min}`), 'get', `${session}/turns/{turn_id}`],
      [await calls.get(`${at}/replay`), 'get', `${session}/replay`],
      [await calls.get('/v1/scenarios/harbour'), 'get', '/v1/scenarios/{scenario_id}'],
      [await calls.get('/v1/scenarios/harbour/versions'), 'get', '/v1/scenarios/{scenario_id}/versions'],
      [await calls.get(`/v1/scenarios/harbour/stats${min}`), 'get', '/v1/scenarios/{scenario_id}/stats'],
      [await calls.get(`${at}/state${min}`), 'get', `${session}/state`],
      [await calls.get(`/llm/logs${min}`), 'get', '/llm/logs'],
      ...(await Promise.all(
        ['day', 'game', 'scenario', 'model'].map(
          async (by) => [await calls.get(`/v1/usage${min}&by=${by}`), 'get', '/v1/usage'] as const,
        ),
      )),
      [await putPlayer({ display_name: 'Ada', traits: { brave: true } }), 'put', '/v1/players/{player_id}'],
      [await putPlayer({ display_name: 'Bea' }), 'put', '/v1/players/{player_id}'],
      [await calls.get('/v1/players/player-7'), 'get', '/v1/players/{player_id}'],
      [await calls.post(`${at}/reconfigure`, { scenario_version: 1 }), 'post', `${session}/reconfigure`],
      [await calls.post('/v1/scenarios/harbour/retire', {}), 'post', '/v1/scenarios/{scenario_id}/retire'],
      [await calls.post(`${at}/end`, { outcome: 'won', score: 3 }), 'post', `${session}/end`],
      [await calls.get('/healthz'), 'get', '/healthz'],
      [await calls.get('/readyz'), 'get', '/readyz'],
      [await calls.get('/openapi.json'), 'get', '/openapi.json'],
    ];
    expect(replies.map(([reply, method, path]) => [method, path, unlike(reply, method, path)])).toEqual(
      replies.map(([, method, path]) => [method, path, undefined]),
    );
  });

  test('of re-runs and gates are as they are described', async () => {
    const moves = { mode: 'required', schema: { type: 'object' } };
    await calls.post('/llm/configure', { scenario_id: 'quay', moves });
    await calls.post('/llm/configure', { scenario_id: 'quay', persona: { name: 'Marta' }, publish: false });
    const { session_id } = (await calls.generate({ prompt: 'Who?', scenario_id: 'quay' })).body;
    const { log_position } = (await calls.generate({ prompt: 'And why?', session_id })).body;
    await calls.get(`/v1/sessions?min_position=${log_position}`);
    const ofSession = `/v1/sessions/${session_id}/reruns`;
    const [session, many] = ['/v1/sessions/{session_id}/reruns', '/v1/reruns'];
    const key = { 'idempotency-key': 'once' };
    const changed = { overrides: { scenario_version: 2, temperature: 0 }, mode: 'free_running' };
    const asked = await calls.post(ofSession, changed, key);
    const gated = await calls.post('/v1/scenarios/quay/gate', { version: 2, thresholds: { min_turns: 3 } }, key);
    const over = async ({ body: { id } }: HttpReply): Promise<HttpReply> => {
      for (;;) {
        const reply = await calls.get(`/v1/reruns/${id}`);
        if (!reply.text.includes('"status":"running"')) return reply;
      }
    };
    const replies: readonly (readonly [HttpReply, string, string])[] = [
      [asked, 'post', session],
      [await calls.post(ofSession, changed, key), 'post', session],
      [await calls.post(ofSession, { dry_run: true }), 'post', session],
      [await calls.post(many, { scenario_id: 'quay' }, key), 'post', many],
      [await calls.post(many, { scenario_id: 'quay' }, key), 'post', many],
      [await calls.post(many, { scenario_id: 'quay', dry_run: true }), 'post', many],
      [gated, 'post', '/v1/scenarios/{scenario_id}/gate'],
      [await over(asked), 'get', '/v1/reruns/{rerun_id}'],
      // A gate that has missed a threshold.
      [await over(gated), 'get', '/v1/reruns/{rerun_id}'],
      [await calls.get(`/v1/reruns/${asked.body.id}/turns`), 'get', '/v1/reruns/{rerun_id}/turns'],
      [await calls.post(`/v1/reruns/${asked.body.id}/cancel`, {}), 'post', '/v1/reruns/{rerun_id}/cancel'],
      [await calls.get(many), 'get', many],
    ];
    expect(replies.map(([{ status }, method, path]) => [status, method, path])).toEqual([
      [202, 'post', session],
      [200, 'post', session],
      [200, 'post', session],
      [202, 'post', many],
      [200, 'post', many],
      [200, 'post', many],
      [202, 'post', '/v1/scenarios/{scenario_id}/gate'],
      ...replies.slice(7).map(([, method, path]) => [200, method, path]),
    ]);
    expect(replies.flatMap(([reply, method, path]) => unlike(reply, method, path) ?? [])).toEqual([]);
  });

  test('a refusal is a problem as it is described', async () => {
    const refused = await calls.generate({ prompt: 'Who?', colour: 'red' });
    const { Problem } = description.components.schemas as { Problem: object };
    const check = ajv.compile(Problem);
    check(refused.body);
    expect(check.errors).toBeNull();
  });
});

describe('/docs', () => {
  const FILES = /(?:src|href)="([^"]+)"/g;

  test('is a page whose every part comes from here, and is there', async () => {
    const page = await calls.get('/docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const files = [...page.text.matchAll(FILES)].map(([, file = '']) => file);
    expect(files).toHaveLength(4);
    expect(files.filter((file) => !file.startsWith('/docs/'))).toEqual([]);
    const parts = await Promise.all(files.map((file) => calls.get(file)));
    expect(parts.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(parts.map((one) => one.headers.get('content-type'))).toEqual([
      'image/png',
      'text/css; charset=utf-8',
      'text/javascript; charset=utf-8',
      'text/javascript; charset=utf-8',
    ]);
    expect(parts.map((one) => one.headers.get('cache-control'))).toEqual(
      parts.map(() => 'public, max-age=31536000, immutable'),
    );
  });

  test('names no other host, and has no script inside that its own policy forbids', async () => {
    const [page, start] = await Promise.all([calls.get('/docs'), calls.get('/docs/start.js')]);
    expect(page.text + start.text).not.toMatch(/https?:\/\//);
    expect(start.text).toContain("url: '/openapi.json'");
    expect(start.text).toContain('validatorUrl: null');
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|\bon\w+=|javascript:/i);
  });

  test('may load nothing from elsewhere, whatever its scripts hold', async () => {
    const policy = (await calls.get('/docs')).headers.get('content-security-policy') ?? '';
    const directives = new Map(
      policy.split('; ').map((one) => [one.slice(0, one.indexOf(' ')), one.slice(one.indexOf(' ') + 1)]),
    );
    expect(directives.get('default-src')).toBe("'self'");
    expect(directives.get('script-src')).toBe("'self'");
    expect(policy).not.toMatch(/https?:|\*|unsafe/);
    // What is not named falls back to default-src; connections, frames and fonts do.
    expect(['connect-src', 'frame-src', 'font-src', 'worker-src'].filter((one) => directives.has(one))).toEqual([]);
  });

  test.each([
    '/docs/package.json',
    '/docs/swagger-ui-bundle.js.map',
    '/docs/../package.json',
    '/docs/..%2fpackage.json',
    '/docs/%2e%2e%2f%2e%2e%2fpackage.json',
    '/docs/..\\package.json',
    '/docs//etc/passwd',
    '/docs/start.js/..',
    '/docs/start.js%00',
  ])('%s is not served', async (path) => {
    expect(await rawStatus(path)).toBeGreaterThanOrEqual(400);
  });
});

test("the README's addresses are those that are served", async () => {
  const text = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const section = text.split('\n## Addresses\n')[1]?.split('\n## ', 1)[0] ?? '';
  const named = [...section.matchAll(/`(GET|PUT|POST|DELETE) (\/[^`]*)`/g)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(named.toSorted()).toEqual(described.toSorted());
});
