import type { z } from 'zod';
import type { Caller, Role } from './caller.ts';

/** One event of a text/event-stream reply. */
export interface ServerEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

/** What a handler answers: a JSON document, nothing, a text of another kind, or a stream of events. */
export type RouteReply =
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: { readonly [name: string]: string };
    }
  | {
      readonly kind: 'bytes';
      readonly status: number;
      readonly contentType: string;
      readonly body: string | Buffer;
      readonly headers?: { readonly [name: string]: string };
    }
  | {
      readonly kind: 'events';
      readonly events: AsyncIterable<ServerEvent>;
      /** The id that a reader comes back with who was cut off before the first event; absent: none. */
      readonly idBefore?: number;
      readonly headers?: { readonly [name: string]: string };
    };

/** A request after every check: `body` and `query` are what their schemas gave. */
export interface RouteRequest<Body, Query> {
  readonly body: Body;
  readonly query: Query;
  readonly params: { readonly [name: string]: string };
  /** A header's value, '' for one that is empty, or undefined. */
  header(name: string): string | undefined;
  readonly caller: Caller;
  readonly traceId: string;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/** Request headers that a route looks at, for its description. */
export type DescribedHeader = 'Idempotency-Key' | 'If-Match' | 'If-None-Match' | 'Prefer' | 'Last-Event-ID';

/** One kind of reply of a route, for its description. */
export interface DescribedReply {
  readonly description: string;
  /** Absent: a reply without a body, or one that is no JSON. */
  readonly schema?: z.ZodType;
  /** Default: `application/json` where there is a schema. */
  readonly mediaType?: string;
  /** The same may come as server-sent events. */
  readonly orEvents?: boolean;
}

/** A route as data: the same table serves requests and describes itself. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/v1/sessions/:session_id`; parameters in snake_case. */
  readonly path: string;
  /** One sentence for the reader of the API's description. */
  readonly summary: string;
  /** Who may call; `public` takes no token. Which of a role's own things they may see is the handler's to say. */
  readonly access: 'public' | readonly Role[];
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: readonly DescribedHeader[];
  /** What it answers when all is well, by status; every route may answer a problem document besides. */
  readonly replies?: { readonly [status: number]: DescribedReply };
  handle(request: RouteRequest<unknown, unknown>): Promise<RouteReply>;
}

export interface RouteDefinition<Body extends z.ZodType, Query extends z.ZodType> extends Omit<Route, 'handle'> {
  readonly body?: Body;
  readonly query?: Query;
  handle(request: RouteRequest<z.infer<Body>, z.infer<Query>>): Promise<RouteReply>;
}

/** Ties a handler's types to its schemas; the checks that make this true run in `build-http-app`. */
export const defineRoute = <Body extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType>(
  definition: RouteDefinition<Body, Query>,
): Route => definition as Route;

export const json = (status: number, body: unknown, headers?: { readonly [name: string]: string }): RouteReply =>
  headers ? { kind: 'json', status, body, headers } : { kind: 'json', status, body };
