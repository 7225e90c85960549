import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { answerCompletion, errorBody } from './answer-completion.ts';
import { JSON_HEADERS } from './answer-fault.ts';
import {
  type CompletionRequest,
  completionTexts,
  derivedReply,
  lastUserMessage,
  parseCompletionRequest,
} from './completion-texts.ts';
import { pacedAnswer } from './paced-answer.ts';
import { createCallRecorder, type RecordedCall } from './recorded-calls.ts';
import { BEHAVIOUR_HEADER, chosenBehaviour, type TwinBehaviour, withoutMarker } from './twin-behaviour.ts';

export interface ModelTwinOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly host: string;
  /** How requests are answered that nothing else is said about. */
  readonly behaviour?: TwinBehaviour;
  /** Told of a request that chose a malformed behaviour, since its sender may keep the answer's text to itself. */
  readonly onMalformed?: (reason: string) => void;
}

export type BehaviourPlan =
  | TwinBehaviour
  | ((request: CompletionRequest, headers: IncomingMessage['headers']) => TwinBehaviour);

/** A running stand-in for a model endpoint. */
export interface ModelTwin {
  /** What a client takes as its base URL, `/v1` included. */
  readonly url: string;
  /** The newest calls, at most 10,000 and 32 Mi characters of bodies. */
  readonly calls: readonly RecordedCall[];
  readonly totalCalls: number;
  /** Answers from now on like this, unless a request chooses for itself. */
  plan(behaviour: BehaviourPlan): void;
  /** Back to the behaviour it was started with; forgets the calls. */
  reset(): void;
  openSockets(): number;
  /** Closes every connection, running answers included. */
  close(): Promise<void>;
}

const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
const MODELS = JSON.stringify({
  object: 'list',
  data: [{ id: 'twin', object: 'model', created: 1_700_000_000, owned_by: 'twin' }],
});

const refuse = (response: ServerResponse, status: number, message: string) =>
  void response.writeHead(status, JSON_HEADERS).end(errorBody(message, 'invalid_request_error'));

const bodyOf = (message: IncomingMessage, take: (body: string | undefined) => void) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk);
  });
  message.on('end', () => take(bytes <= MAX_REQUEST_BYTES ? Buffer.concat(chunks).toString() : undefined));
};

/**
 * Starts a server that speaks OpenAI's chat completions: `POST /v1/chat/completions`, JSON and streamed, and `GET /v1/models`.
 *
 * A request's behaviour is the one in its `x-twin-behaviour` header, else in `[[twin: ...]]` in its last user message, else the planned
 * one. Takes any key. Rejects with the system's error when the port is taken.
 */
export const startModelTwin = async ({
  port = 0,
  host,
  behaviour: initial = {},
  onMalformed = () => {},
}: ModelTwinOptions): Promise<ModelTwin> => {
  const recorder = createCallRecorder();
  const sockets = new Set<Socket>();
  const startedAtMs = performance.now();
  let planned: BehaviourPlan = initial;

  const complete = (message: IncomingMessage, response: ServerResponse, body: string) => {
    const recorded = recorder.add({
      atMs: performance.now() - startedAtMs,
      path: message.url ?? '',
      headers: message.headers,
      body,
    });
    response.on('close', () => {
      recorded.markEnded(performance.now() - startedAtMs, { isAborted: !response.writableFinished });
    });
    const request = parseCompletionRequest(body);
    if (request === undefined) return refuse(response, 400, 'The body is not a chat completion request');
    const said = lastUserMessage(request);
    const header = message.headers[BEHAVIOUR_HEADER];
    const chosen = chosenBehaviour(typeof header === 'string' ? header : undefined, said);
    if (chosen.outcome === 'malformed') {
      onMalformed(chosen.reason);
      return refuse(response, 400, `The behaviour is malformed: ${chosen.reason}`);
    }
    const fallback = () => (typeof planned === 'function' ? planned(request, message.headers) : planned);
    const behaviour = chosen.outcome === 'chosen' ? chosen.behaviour : fallback();
    const text = behaviour.text ?? derivedReply(request, withoutMarker(said));
    const texts = completionTexts(request, behaviour, text, recorder.total);
    const isStreamed =
      request.stream === true && behaviour.ignoresStream !== true && behaviour.fault?.kind !== 'plain_json';
    return void answerCompletion({ answer: pacedAnswer(response), texts, behaviour, isStreamed });
  };

  const server = createServer((message, response) => {
    const path = message.url?.split('?')[0];
    if (message.method === 'GET' && path === '/v1/models')
      return void response.writeHead(200, JSON_HEADERS).end(MODELS);
    if (message.method !== 'POST' || path !== '/v1/chat/completions')
      return refuse(response, 404, 'There is no such address');
    return bodyOf(message, (body) =>
      body === undefined ? refuse(response, 413, 'The body is too large') : complete(message, response, body),
    );
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/v1`,
    get calls() {
      return recorder.calls;
    },
    get totalCalls() {
      return recorder.total;
    },
    plan(behaviour) {
      planned = behaviour;
    },
    reset() {
      planned = initial;
      recorder.clear();
    },
    openSockets: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
};
