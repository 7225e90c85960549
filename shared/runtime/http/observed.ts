import type { Middleware } from 'koa';
import type { Route } from './route.ts';

/** One answered request as an operator counts it. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern, never the path that was asked for; undefined where no route was met. */
  readonly route: string | undefined;
  /** 499 for a client that left before its answer began. */
  readonly status: number;
}

/** As nginx logs a client that closed its connection before it was answered. */
const CLIENT_LEFT = 499;

/** Called when a request comes in; what it returns is called once its answer is out, or its client has left. Neither may throw. */
export type ObserveAnswer = () => (answered: AnsweredRequest) => void;

/** Tells of every request, refused ones included. An event stream counts from its request to its end. */
export const observed =
  (observe: ObserveAnswer): Middleware =>
  async (context, next) => {
    const answered = observe();
    const { res } = context;
    res.once('close', () => {
      // Koa begins each answer as a 404: of a client that left before one there is no status to tell.
      const status = res.headersSent ? res.statusCode : CLIENT_LEFT;
      answered({ method: context.method, route: context.state.route, status });
    });
    await next();
  };

/** Notes which route a request met, before anything of it can be refused. */
export const met =
  ({ path }: Route): Middleware =>
  (context, next) => {
    context.state.route = path;
    return next();
  };
