import { bodyParser } from '@koa/bodyparser';
import Router, { type RouterContext } from '@koa/router';
import Koa, { type Middleware } from 'koa';
import helmet from 'koa-helmet';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { Ids } from '../../ports/index.ts';
import type { Log } from '../log.ts';
import { allowedCallers } from './allowed-callers.ts';
import { checkJson } from './check-json.ts';
import { problemOf, toTurnledgerError } from './problem.ts';
import type { Route, RouteReply } from './route.ts';
import { validate } from './validate.ts';
import { writeEvents } from './write-events.ts';

export interface HttpAppOptions {
  readonly routes: readonly Route[];
  /** Host names that may be called; also the origins. */
  readonly allowedHosts: readonly string[];
  readonly ids: Ids;
  readonly log: Log;
}

/** A Koa application that serves a table of routes; it opens no socket itself. Every error leaves as a problem document. */
export function buildHttpApp({ routes, allowedHosts, ids, log }: HttpAppOptions): Koa {
  const app = new Koa();
  app.silent = true;
  const router = new Router();
  for (const route of routes) {
    router.register(route.path, [route.method], [...(route.body ? [readBody] : []), serve(route)]);
  }
  app.use(problems(ids, log));
  app.use(helmet());
  app.use(allowedCallers(allowedHosts));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

/** The trace id of a request: the caller's W3C trace where it sent one, so that their log and ours can be joined. */
const traceIdOf = (traceparent: string | undefined, ids: Ids): string =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? '')?.[1] ?? ids.uuid().replaceAll('-', '');

function problems(ids: Ids, log: Log): Middleware {
  return async (context, next) => {
    const traceId = traceIdOf(context.get('traceparent') || undefined, ids);
    context.state.traceId = traceId;
    try {
      await next();
      if (context.status === 405) throw new TurnledgerError('method_not_allowed', { headers: { allow: context.response.get('allow') } });
      if (context.status === 404 && context.body === undefined && context.respond !== false) throw new TurnledgerError('route_not_found');
    } catch (thrown) {
      const error = toTurnledgerError(thrown);
      const problem = problemOf(error, { instance: context.path, traceId });
      if (problem.status >= 500) log.error({ traceId, code: error.code, path: context.path, cause: error.cause }, error.message);
      context.status = problem.status;
      context.set(problem.headers);
      context.body = JSON.stringify(problem.body);
    }
  };
}

const parseBody = bodyParser({ enableTypes: ['json'], jsonLimit: limits.http.maxBodyBytes, encoding: 'utf-8' });

const readBody: Middleware = async (context, next) => {
  if (!context.is('application/json')) throw new TurnledgerError('media_type_unsupported');
  await parseBody(context, next);
};

function serve(route: Route) {
  return async (context: RouterContext): Promise<void> => {
    const left = new AbortController();
    context.res.once('close', () => left.abort());
    const sent = route.body ? context.request.body : undefined;
    if (sent !== undefined) checkJson(sent);
    const reply = await route.handle({
      body: route.body ? validate(route.body, sent) : undefined,
      query: route.query ? validate(route.query, { ...context.query }) : undefined,
      params: context.params,
      header: (name) => context.get(name) || undefined,
      principal: 'local',
      traceId: context.state.traceId,
      signal: left.signal,
    });
    await send(context, reply);
  };
}

async function send(context: RouterContext, reply: RouteReply): Promise<void> {
  if (reply.headers) context.set(reply.headers);
  if (reply.kind === 'json') {
    context.status = reply.status;
    if (reply.body === undefined) return;
    context.type = 'application/json; charset=utf-8';
    context.body = JSON.stringify(reply.body);
    return;
  }
  context.respond = false;
  const { res } = context;
  for (const [name, value] of Object.entries(context.response.headers)) if (value !== undefined) res.setHeader(name, value);
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  await writeEvents(res, reply.events);
}
