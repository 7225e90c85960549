import { outsideIdPattern, scenarioIdPattern } from '../../contracts/index.ts';
import type { DescribedHeader, Route } from '../http/index.ts';
import type { JsonSchema, SchemaCollector } from './collect-schemas.ts';

/** A parameter of an operation, as OpenAPI has it. */
export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

const uuid = { type: 'string', format: 'uuid' };
const outsideId = { type: 'string', pattern: outsideIdPattern.source };

/** What stands in a path, by its name. */
const pathParameters: { readonly [name: string]: { readonly description: string; readonly schema: JsonSchema } } = {
  session_id: { description: 'The id of a session.', schema: uuid },
  turn_id: { description: 'The id of a turn.', schema: uuid },
  scenario_id: {
    description: 'The id of a scenario.',
    schema: { type: 'string', pattern: scenarioIdPattern.source },
  },
  player_id: { description: "The game's own id of a player.", schema: outsideId },
};

const headers: { readonly [header in DescribedHeader]: string } = {
  'Idempotency-Key':
    'A new random id for each action of a player; the same key and body again answer with the same turn, session or version.',
  'If-Match':
    'The ETag that the change is based on, or the version alone of a scenario; another one by now is refused with 412.',
  'If-None-Match': 'An ETag that the client has; answered with 304 while it is the newest.',
  Prefer: '`respond-async` answers 202 at once, `wait=N` after at most N seconds.',
  'Last-Event-ID': 'The id of the last event that the client has; the stream goes on behind it.',
};

const PATH_PARAMETER = /:([a-z_]+)/g;

/** The path as OpenAPI writes it: `/v1/sessions/{session_id}`. */
export const templateOf = (path: string): string => path.replace(PATH_PARAMETER, '{$1}');

/** Everything a route reads beside its body. */
export function describeParameters(route: Route, collector: SchemaCollector): readonly DescribedParameter[] {
  const inPath = [...route.path.matchAll(PATH_PARAMETER)].map(([, name = '']): DescribedParameter => {
    const { description, schema = { type: 'string' } } = pathParameters[name] ?? {};
    return { name, in: 'path', required: true, ...(description !== undefined && { description }), schema };
  });
  const inHeader = (route.headers ?? []).map(
    (name): DescribedParameter => ({
      name,
      in: 'header',
      required: false,
      description: headers[name],
      schema: { type: 'string' },
    }),
  );
  return [...inPath, ...queryParameters(route, collector), ...inHeader];
}

function queryParameters({ query }: Route, collector: SchemaCollector): readonly DescribedParameter[] {
  if (!query) return [];
  const { properties = {}, required = [] } = collector.schemaOf(query) as {
    readonly properties?: { readonly [name: string]: JsonSchema };
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(typeof description === 'string' && { description }),
    schema,
  }));
}
