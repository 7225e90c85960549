import type { RequestListener, ServerResponse } from 'node:http';
import type { Clock, Ids } from '@turnledger/shared/ports';
import { type Log, problemOf, toTurnledgerError } from '@turnledger/shared/runtime';
import { askUpstream } from './ask-upstream.ts';
import type { EdgeConfig } from './edge-config.ts';
import { joinDescriptions } from './join-descriptions.ts';
import { joinReady } from './join-ready.ts';
import { createPassOn } from './pass-on.ts';
import { takeInTurns } from './upstreams.ts';

export interface EdgePorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface Edge {
  readonly listener: RequestListener;
  /** Closes the kept connections, after the last request. */
  close(): void;
}

const TRACE_ID_BYTES = 16;

/**
 * Joins both APIs at one address, as embedded mode has them: GET and HEAD go to the query-api, everything else to the command-api. Itself
 * it answers `/healthz`, and joins what each API says at `/readyz` and `/openapi.json`. It changes nothing that it passes on and checks
 * nothing: tokens, hosts and bodies are the APIs' to judge.
 */
export function createEdge(
  config: Pick<EdgeConfig, 'commandApis' | 'queryApis'>,
  { clock, ids, log }: EdgePorts,
): Edge {
  const commands = takeInTurns('command-api', config.commandApis, clock);
  const queries = takeInTurns('query-api', config.queryApis, clock);
  const passOn = createPassOn();

  const answer = async (...[request, response]: Parameters<RequestListener>): Promise<void> => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const path = pathOf(request.url);
    if (isRead && path === '/healthz') return send(response, 200, { status: 'ok' });
    if (isRead && path === '/readyz') {
      const ask = async (upstreams: typeof commands) => ({
        name: upstreams.name,
        answer: await askUpstream(upstreams, '/readyz', request).catch(() => undefined),
      });
      const { status, body } = joinReady(await Promise.all([commands, queries].map(ask)), clock.nowMs());
      return send(response, status, body);
    }
    if (isRead && path === '/openapi.json') {
      const ask = (upstreams: typeof commands) => askUpstream(upstreams, '/openapi.json', request);
      const [ofCommands, ofQueries] = await Promise.all([ask(commands), ask(queries)]);
      // A refusal, of the Host as a rule, is the answer.
      const refused = [ofCommands, ofQueries].find(({ status }) => status !== 200);
      const body = refused?.body ?? joinDescriptions(ofCommands.body, ofQueries.body);
      return send(response, refused?.status ?? 200, body);
    }
    await passOn(request, response, isRead ? queries : commands);
  };

  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      const error = toTurnledgerError(thrown);
      const traceId = ids.randomBytes(TRACE_ID_BYTES).toString('hex');
      const problem = problemOf(error, { instance: pathOf(request.url), traceId });
      log.error({ traceId, code: error.code, cause: error.cause }, error.message);
      // The rest of the body is nobody's: reading it would keep a large upload going for nothing.
      response.writeHead(problem.status, { ...problem.headers, connection: 'close' });
      response.end(JSON.stringify(problem.body));
    });
  };
  return {
    listener,
    close: () => {
      for (const { agent } of [commands, queries]) agent.destroy();
    },
  };
}

const pathOf = (url = '/'): string => url.split('?', 1)[0] ?? '/';

function send(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
