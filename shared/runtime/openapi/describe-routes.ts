import { catalogue } from '../../contracts/index.ts';
import type { DescribedReply, Route } from '../http/index.ts';
import { collectSchemas, type JsonSchema, type SchemaCollector } from './collect-schemas.ts';
import { describeParameters, templateOf } from './describe-parameters.ts';
import { problemSchema } from './problem-schema.ts';

/** Of the contract, not of the program: it rises when an address or a member changes its meaning. */
const CONTRACT_VERSION = '1.0.0';

const intro = [
  'Durable, auditable, replayable LLM turns for games. Every turn is recorded before a token is bought.',
  'Errors are problem documents (RFC 9457) with a stable `code`; `x-should-retry` says whether the same request can succeed later.',
  'A token is needed where the operator has set a secret; without one the server listens on loopback alone and everybody there is its operator.',
].join('\n\n');

const tags: readonly { readonly name: string; readonly description: string; readonly paths: RegExp }[] = [
  { name: 'llm', description: 'One call for a reply, one for a character', paths: /^\/llm\// },
  { name: 'sessions', description: 'Play-throughs, their turns and what became of them', paths: /^\/v1\/sessions/ },
  { name: 'scenarios', description: 'What a designer configures', paths: /^\/v1\/scenarios/ },
  { name: 'players', description: 'Who plays', paths: /^\/v1\/players/ },
  { name: 'usage', description: 'What was asked of models and what it cost', paths: /^\/v1\/usage/ },
  { name: 'operations', description: 'Whether it runs, and how', paths: /^\// },
];

const EVENTS_NOTE = 'Server-sent events; each ends with a whole turn.';

/** The OpenAPI 3.1 description of a table of routes: the same table and schemas that serve. Two calls give the same text. */
export function describeRoutes(routes: readonly Route[]): JsonSchema {
  const collector = collectSchemas();
  const paths: { [path: string]: { [method: string]: JsonSchema } } = {};
  for (const route of routes) {
    const path = templateOf(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, collector) };
  }
  const used = new Set(routes.map((route) => tagOf(route)));
  return {
    openapi: '3.1.0',
    info: { title: 'Turnledger', version: CONTRACT_VERSION, description: intro, license: { name: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags: tags.filter(({ name }) => used.has(name)).map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: { ...collector.components(), Problem: problemSchema(catalogue) },
      responses: {
        Problem: {
          description: 'Anything that went wrong, told apart by `code`.',
          headers: { 'x-should-retry': { schema: { type: 'string', enum: ['true', 'false'] } } },
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

const tagOf = ({ path }: Route): string => tags.find(({ paths }) => paths.test(path))?.name ?? 'operations';

/** `GET /v1/sessions/:session_id/turns` is `getV1SessionsBySessionIdTurns`. */
const operationIdOf = ({ method, path }: Route): string =>
  method.toLowerCase() +
  path
    .replaceAll(':', 'by_')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function operationOf(route: Route, collector: SchemaCollector): JsonSchema {
  const { access, body, replies = { 200: { description: 'Done.' } }, summary } = route;
  const parameters = describeParameters(route, collector);
  return {
    operationId: operationIdOf(route),
    tags: [tagOf(route)],
    summary,
    ...(access !== 'public' && { description: `For tokens of the role ${access.join(' or ')}.` }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: collector.schemaOf(body) } } },
    }),
    responses: {
      ...(route.headers?.includes('If-None-Match') && { 304: { description: 'The client has this version.' } }),
      ...Object.fromEntries(Object.entries(replies).map(([status, reply]) => [status, responseOf(reply, collector)])),
      default: { $ref: '#/components/responses/Problem' },
    },
    security: access === 'public' ? [] : [{ token: [] }],
  };
}

function responseOf({ description, schema, mediaType, orEvents }: DescribedReply, collector: SchemaCollector) {
  const content = {
    ...(schema && { [mediaType ?? 'application/json']: { schema: collector.schemaOf(schema) } }),
    ...(!schema && mediaType !== undefined && { [mediaType]: { schema: { type: 'string' } } }),
    ...(orEvents && { 'text/event-stream': { schema: { type: 'string', description: EVENTS_NOTE } } }),
  };
  return { description, ...(Object.keys(content).length > 0 && { content }) };
}
