import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type ScriptedAnswer = (response: ServerResponse, request: SeenRequest) => unknown;

/** An HTTP server that answers the n-th request by the n-th line of its script, over real sockets. */
export interface ScriptedServer {
  readonly url: string;
  /** Every request since `play`, in order. */
  readonly seen: readonly SeenRequest[];
  /** Replaces the script; the last line answers all further requests. */
  play(...script: readonly ScriptedAnswer[]): void;
  /** Resolves when so many requests have been seen since `play`. */
  whenSeen(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  let script: readonly ScriptedAnswer[] = [];
  let seen: SeenRequest[] = [];
  let waiting: { readonly count: number; readonly wake: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    const one = { method, path, headers, body: await text(request) };
    seen.push(one);
    const answer = script[Math.min(seen.length, script.length) - 1];
    if (answer) answer(response, one);
    else response.destroy();
    for (const { count, wake } of waiting) if (seen.length >= count) wake();
    waiting = waiting.filter(({ count }) => seen.length < count);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return seen;
    },
    play(...lines) {
      script = lines;
      seen = [];
    },
    whenSeen: (count) =>
      seen.length >= count ? Promise.resolve() : new Promise((wake) => void waiting.push({ count, wake })),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers with a JSON document. */
export const answerJson =
  (status: number, body: unknown, headers: { readonly [name: string]: string } = {}): ScriptedAnswer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Answers with a problem document; `retry` is its `x-should-retry`. */
export const answerProblem =
  (status: number, members: { readonly [name: string]: unknown }, retry: boolean, headers = {}): ScriptedAnswer =>
  (response) => {
    const type = { 'content-type': 'application/problem+json', 'x-should-retry': String(retry) };
    response.writeHead(status, { ...type, ...headers }).end(JSON.stringify({ status, ...members }));
  };

/** Takes the request and breaks the connection without a word. */
export const breakOff: ScriptedAnswer = (response) => response.destroy();
