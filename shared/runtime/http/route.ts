import type { z } from 'zod';
import type { Caller, Role } from './caller.ts';

/** One event of a text/event-stream reply. */
export interface ServerEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

/** What a handler answers: a JSON document, nothing, or a stream of events. */
export type RouteReply =
  | {
      readonly kind: 'json';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: { readonly [name: string]: string };
    }
  | {
      readonly kind: 'events';
      readonly events: AsyncIterable<ServerEvent>;
      readonly headers?: { readonly [name: string]: string };
    };

/** A request after every check: `body` and `query` are what their schemas gave. */
export interface RouteRequest<Body, Query> {
  readonly body: Body;
  readonly query: Query;
  readonly params: { readonly [name: string]: string };
  /** A header's value, or undefined. */
  header(name: string): string | undefined;
  readonly caller: Caller;
  readonly traceId: string;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
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
