import { OpenAI } from 'openai';
import { limits } from '../../contracts/index.ts';
import type { Model, ModelEvent, ModelRequest } from '../../ports/index.ts';
import { chunksOfBody } from './completion-chunks.ts';
import { createCompletionReading } from './completion-reading.ts';
import { CALL_ID_HEADER, createLeanTransport, type LeanTransport } from './lean-transport.ts';
import { failureOf } from './model-failures.ts';
import { WireFault } from './wire-fault.ts';
import { type TokenBound, tokenBoundOf, wireRequest } from './wire-request.ts';

export interface OpenAiModelOptions {
  /** Where `/chat/completions` is found, for instance `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token; nothing is sent without one. */
  readonly apiKey?: string;
  readonly defaultModel: string;
  /** Whether the endpoint takes `response_format` with a JSON schema; its operator knows. Default: it does not. */
  readonly structuredOutput?: boolean;
}

const createTransport = ({ apiKey }: OpenAiModelOptions): LeanTransport =>
  createLeanTransport({
    maxSockets: limits.model.maxSockets,
    idleSocketMs: limits.model.idleSocketMs,
    maxBodyBytes: limits.model.maxBodyBytes,
    maxFrameBytes: limits.model.maxLineBytes,
    maxDrainBytes: limits.model.maxDrainBytes,
    drainMs: limits.model.drainMs,
    headers: {
      accept: 'text/event-stream, application/json',
      'content-type': 'application/json',
      'user-agent': 'turnledger',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    },
  });

const createClient = ({ baseUrl }: OpenAiModelOptions, { fetch }: LeanTransport): OpenAI =>
  new OpenAI({
    fetch,
    baseURL: baseUrl,
    // The SDK insists on a key and falls back to the environment for whatever is left out, so nothing is left out. The only headers that
    // leave the process are those of our fetch: this key and OPENAI_CUSTOM_HEADERS never do.
    apiKey: 'unused',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    // A last bound on the wait for headers; the worker's own timers are all shorter.
    timeout: limits.scenario.maxDeadlineMs,
  });

const mediaTypeOf = (response: Response) =>
  response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';

/** Given as the reason of an abort: without one Node makes a DOMException with its stack each time. */
const OVER = 'over';

async function* ask(
  { client, tokenBound }: { readonly client: OpenAI; readonly tokenBound: TokenBound },
  { bodyOf }: LeanTransport,
  request: ModelRequest,
  callId: string,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void> {
  if (signal.aborted) return;
  // The SDK never takes its listener off the signal it is given, so it gets one that ends with this call.
  const call = new AbortController();
  const abort = () => call.abort(OVER);
  signal.addEventListener('abort', abort, { once: true });
  const reading = createCompletionReading(request.model);
  let billTimer: NodeJS.Timeout | undefined;
  let isRead = false;
  const release = () => {
    clearTimeout(billTimer);
    signal.removeEventListener('abort', abort);
  };
  try {
    const sent = client.chat.completions.create(wireRequest(request, tokenBound), {
      signal: call.signal,
      headers: { [CALL_ID_HEADER]: callId },
    });
    const response = await sent.asResponse();
    const body = bodyOf(response);
    const chunksIn = chunksOfBody(mediaTypeOf(response));
    if (body === undefined || chunksIn === undefined) throw new WireFault('model_not_json');
    for (let pieces = await body.next(); pieces !== undefined; pieces = await body.next()) {
      // Our own abort may come while a piece is on its way.
      if (signal.aborted) return;
      // What arrived together is said together: one event a read of the socket, however many frames were in it.
      let said = '';
      try {
        for (const chunk of chunksIn(pieces)) {
          const text = reading.take(chunk);
          if (typeof text !== 'string') throw new WireFault(text.code);
          said += text;
        }
      } catch (fault) {
        if (said !== '') yield { kind: 'delta', text: said };
        throw fault;
      }
      // A paid and proven reply is not lost to a server that falls silent after it.
      if (reading.isWhole) billTimer ??= setTimeout(() => body.fail('model_stream_cut'), limits.model.maxBillWaitMs);
      if (said !== '') yield { kind: 'delta', text: said };
    }
    isRead = true;
    // Before the ending is handed over: its reader aborts what it has read to the end, and the SDK would make an error of that.
    release();
    if (!signal.aborted) yield reading.ending();
  } catch (error) {
    if (signal.aborted) return;
    const failure = failureOf(error);
    // A connection that breaks after the finish reason has cost the bill at most, not the text.
    const isBillOnly = failure.code === 'model_stream_cut' && reading.isWhole;
    yield isBillOnly
      ? reading.ending()
      : { ...failure, ...(reading.usage === undefined ? {} : { usage: reading.usage }) };
  } finally {
    release();
    if (!isRead) call.abort(OVER);
  }
}

/**
 * Any endpoint that speaks OpenAI's chat completions: asked through the `openai` package, over a transport of our own, whose bodies are read
 * here. (The package's reading of a stream took 0.25 ms of a turn's 2: it copies each piece per frame and hops eight promises a frame.)
 *
 * Keeps the promises of the port: asks once, every failure is an event, no text without an accepted finish reason is ever `ended`, an abort
 * ends the iterator at once and closes the connection. Nothing in the environment changes what is sent or where. Has no timers for first
 * token, silence or the whole: those are the worker's, by its signal. Needs no closing: idle sockets keep no process alive and go after 4 s.
 */
export const createOpenAiModel = (options: OpenAiModelOptions): Model => {
  const transport = createTransport(options);
  const wire = { client: createClient(options, transport), tokenBound: tokenBoundOf(options.baseUrl) };
  return {
    defaultModel: options.defaultModel,
    isScripted: false,
    keepsFormat: options.structuredOutput === true,
    reply: (request, callId, signal) => ask(wire, transport, request, callId, signal),
  };
};
