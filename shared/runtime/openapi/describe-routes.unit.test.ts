import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { catalogue } from '../../contracts/index.ts';
import { defineRoute, json, type Route } from '../http/index.ts';
import { describeRoutes } from './describe-routes.ts';
import { descriptionRoutes } from './description-routes.ts';

const tale = z.object({ id: z.uuid(), facts: z.json() }).meta({ id: 'Tale', description: 'A tale.' });
const handle = async () => json(200, {});

const routes: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/sessions/:session_id/tales',
    summary: 'Tell a tale',
    access: ['player', 'operator'],
    body: z.strictObject({ text: z.string().min(1), facts: z.json().optional(), pages: z.int().default(3) }),
    headers: ['Idempotency-Key'],
    replies: { 201: { description: 'The tale.', schema: tale, orEvents: true } },
    handle,
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/sessions/:session_id/tales',
    summary: 'List tales',
    access: 'public',
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20), about: z.string().optional() }),
    replies: { 200: { description: 'Tales.', schema: z.object({ data: z.array(tale) }) } },
    handle,
  }),
  defineRoute({ method: 'GET', path: '/quiet', summary: 'Say nothing', access: 'public', handle }),
];

interface Described {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: { readonly [name: string]: { readonly [keyword: string]: unknown } } };
}
interface Operation {
  readonly [member: string]: unknown;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly [member: string]: unknown }[];
}

const described = describeRoutes(routes) as unknown as Described;
const tales = described.paths['/v1/sessions/{session_id}/tales'];

describe('describeRoutes', () => {
  test('gives a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(describeRoutes(routes));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  test('has every route under its path, whose parameters are named in braces', () => {
    const operations = Object.entries(described.paths).map(([path, methods]) => [path, Object.keys(methods)]);
    expect(operations).toEqual([
      ['/v1/sessions/{session_id}/tales', ['post', 'get']],
      ['/quiet', ['get']],
    ]);
  });

  test('describes a body as it may be sent: what has a default may be left out', () => {
    expect(tales?.post?.requestBody).toMatchObject({
      content: { 'application/json': { schema: { type: 'object', required: ['text'], additionalProperties: false } } },
    });
  });

  test('keeps the examples of a body, also of one with a part that is transformed', () => {
    const body = z.strictObject({ stop: z.string().transform((stop) => [stop]) }).meta({ examples: [{ stop: 'a' }] });
    const [route] = routes;
    const { paths } = describeRoutes(route ? [{ ...route, body }] : []) as unknown as Described;
    expect(paths['/v1/sessions/{session_id}/tales']?.post?.requestBody).toMatchObject({
      content: { 'application/json': { schema: { examples: [{ stop: 'a' }] } } },
    });
  });

  test('describes path, query and headers as parameters', () => {
    expect(tales?.post?.parameters.map((one) => [one.in, one.name, one.required])).toEqual([
      ['path', 'session_id', true],
      ['header', 'Idempotency-Key', false],
    ]);
    expect(tales?.get?.parameters.slice(1)).toEqual([
      {
        name: 'limit',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      },
      { name: 'about', in: 'query', required: false, schema: { type: 'string' } },
    ]);
  });

  test('names a document once, also where it contains any JSON, which contains itself', () => {
    const { Tale, ...others } = described.components.schemas;
    expect(Tale).toMatchObject({
      description: 'A tale.',
      properties: { facts: { $ref: '#/components/schemas/Recursive1' } },
    });
    expect(Object.keys(others)).toEqual(['Recursive1', 'Problem']);
    expect(JSON.stringify(described)).not.toContain('$defs');
    expect(JSON.stringify(others.Recursive1)).toContain('#/components/schemas/Recursive1');
  });

  test('tells who may call, and asks for no token where everybody may', () => {
    expect(tales?.post).toMatchObject({
      security: [{ token: [] }],
      description: expect.stringMatching(/player or operator/),
    });
    expect(tales?.get?.security).toEqual([]);
  });

  test('offers server-sent events beside the document where a route has them', () => {
    expect(tales?.post?.responses).toMatchObject({
      201: { content: { 'application/json': {}, 'text/event-stream': {} } },
      default: { $ref: '#/components/responses/Problem' },
    });
  });

  test('has every code of the catalogue as what a problem may say', () => {
    expect(described.components.schemas.Problem).toMatchObject({
      properties: { code: { enum: Object.keys(catalogue) } },
    });
  });

  test('is the same text each time', () => {
    expect(JSON.stringify(describeRoutes(routes))).toBe(JSON.stringify(describeRoutes(routes)));
  });
});

describe('descriptionRoutes', () => {
  test('describe the routes they are given, and themselves', async () => {
    const [described = routes[0]] = descriptionRoutes(routes);
    const reply = await described?.handle({ header: () => undefined } as unknown as Parameters<Route['handle']>[0]);
    const text = reply?.kind === 'bytes' ? String(reply.body) : '';
    expect(Object.keys(JSON.parse(text).paths)).toEqual([
      '/v1/sessions/{session_id}/tales',
      '/quiet',
      '/openapi.json',
      '/docs',
      '/docs/{file}',
    ]);
  });
});
