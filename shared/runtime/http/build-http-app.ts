import Router, { type RouterContext } from '@koa/router';
import Koa, { type Middleware } from 'koa';
import helmet from 'koa-helmet';
import { z } from 'zod';
import { TurnledgerError } from '../../contracts/index.ts';
import type { Ids } from '../../ports/index.ts';
import type { Log } from '../log.ts';
import { allowedCallers } from './allowed-callers.ts';
import { challenge } from './bearer-challenge.ts';
import { type Callers, nobody, type Role } from './caller.ts';
import { checkJson } from './check-json.ts';
import { met, type ObserveAnswer, observed } from './observed.ts';
import { problemOf, toTurnledgerError } from './problem.ts';
import { readBody } from './read-body.ts';
import type { Route, RouteReply } from './route.ts';
import { validate } from './validate.ts';
import { writeEvents } from './write-events.ts';

export interface HttpAppOptions {
  readonly routes: readonly Route[];
  /** Host names that may be called; also the origins. */
  readonly allowedHosts: readonly string[];
  /** Who calls, and so what they may. */
  readonly callers: Callers;
  readonly ids: Ids;
  readonly log: Log;
  /** Told of each request once its answer is out, or its client has left. */
  readonly observe?: ObserveAnswer;
}

/** A Koa application that serves a table of routes; it opens no socket itself. Every error leaves as a problem document. */
export function buildHttpApp({ routes, allowedHosts, callers, ids, log, observe }: HttpAppOptions): Koa {
  const app = new Koa();
  app.silent = true;
  const router = new Router();
  for (const route of routes) {
    const admitted = route.access === 'public' ? [] : [admit(route.access, callers)];
    router.register(
      route.path,
      [route.method],
      [met(route), ...admitted, ...(route.body ? [readBody] : []), serve(route)],
    );
  }
  if (observe) app.use(observed(observe));
  app.use(problems(ids, log));
  app.use(helmet());
  app.use(allowedCallers(allowedHosts));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

const TRACE_ID_BYTES = 16;

/** The trace id of a request: the caller's W3C trace where it sent one, so that their log and ours can be joined. */
const traceIdOf = (traceparent: string | undefined, ids: Ids): string =>
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? '')?.[1] ??
  ids.randomBytes(TRACE_ID_BYTES).toString('hex');

function problems(ids: Ids, log: Log): Middleware {
  return async (context, next) => {
    const traceId = traceIdOf(context.get('traceparent') || undefined, ids);
    context.state.traceId = traceId;
    try {
      await next();
      // 501 is the router's word for a method that it knows from nowhere, whether the address exists or not.
      if (context.status === 405 || context.status === 501) throw refusedMethod(context.response.get('allow'));
      if (context.status === 404 && context.body === undefined && context.respond !== false)
        throw new TurnledgerError('route_not_found');
    } catch (thrown) {
      const error = toTurnledgerError(thrown);
      const problem = problemOf(error, { instance: context.path, traceId });
      // Who leaves before their turn has ended misses nothing that is wrong with us.
      const isMissed = error.code === 'turn_still_open' && context.res.destroyed;
      if (problem.status >= 500 && !isMissed)
        log.error({ traceId, code: error.code, route: context.state.route, cause: error.cause }, error.message);
      context.status = problem.status;
      context.set(problem.headers);
      context.body = JSON.stringify(problem.body);
    }
  };
}

const refusedMethod = (allow: string) =>
  allow === ''
    ? new TurnledgerError('route_not_found')
    : new TurnledgerError('method_not_allowed', { headers: { allow } });

/** Finds out who calls before anything of the body is read. Throws `token_missing`, `token_invalid`, `role_not_allowed`. */
function admit(access: readonly Role[], callers: Callers): Middleware {
  return async (context, next) => {
    context.vary(['Authorization', 'Accept']);
    const caller = await callers.authenticate(context.req.headers.authorization);
    if (!access.includes(caller.role))
      throw new TurnledgerError('role_not_allowed', { headers: challenge('insufficient_scope') });
    context.state.caller = caller;
    await next();
  };
}

const noQuery = z.strictObject({});

function serve(route: Route) {
  return async (context: RouterContext): Promise<void> => {
    const left = new AbortController();
    const leave = () => left.abort('the client has left');
    context.res.once('close', leave);
    // It is closed already for who left while it was found out who calls, or while their body was read: nobody tells of it again.
    if (context.res.destroyed) leave();
    const sent = route.body ? context.request.body : undefined;
    // What a command is told beside its body would change nothing, and its sender would not know.
    const query = route.query ?? (route.method === 'GET' ? undefined : noQuery);
    for (const given of [sent, context.params, context.query]) checkJson(given);
    const reply = await route.handle({
      body: route.body ? validate(route.body, sent) : undefined,
      query: query && validate(query, { ...context.query }),
      params: context.params,
      header: (name) => (context.req.headers[name.toLowerCase()] === undefined ? undefined : context.get(name)),
      caller: context.state.caller ?? nobody,
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
  if (reply.kind === 'bytes') {
    context.status = reply.status;
    context.type = reply.contentType;
    context.body = reply.body;
    return;
  }
  context.respond = false;
  const { res } = context;
  for (const [name, value] of Object.entries(context.response.headers))
    if (value !== undefined) res.setHeader(name, value);
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  if (context.method === 'HEAD') res.end();
  else await writeEvents(res, reply.events, reply.idBefore);
}
