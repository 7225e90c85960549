import { OpenAI } from 'openai';
import { limits } from '../../contracts/index.ts';
import type { Model, ModelEvent, ModelRequest } from '../../ports/index.ts';
import { createCompletionReading } from './completion-reading.ts';
import { type CompletionChunk, chunkSchema, completionSchema } from './completion-wire.ts';
import { createLeanFetch } from './lean-fetch.ts';
import { failureOf, failureOfEmbeddedError } from './model-failures.ts';
import { WireFault } from './wire-fault.ts';
import { wireRequest } from './wire-request.ts';

export interface OpenAiModelOptions {
  /** Where `/chat/completions` is found, for instance `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Sent as a bearer token; nothing is sent without one. */
  readonly apiKey?: string;
  readonly defaultModel: string;
}

const createClient = ({ baseUrl, apiKey }: OpenAiModelOptions): OpenAI =>
  new OpenAI({
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
    fetch: createLeanFetch({
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
    }),
  });

/** A server that does not stream answers in one piece; its text is one chunk. */
async function* wholeCompletion(response: Response): AsyncIterable<CompletionChunk> {
  const text = await response.text();
  if (text.trim() === '') throw new WireFault('model_empty');
  const body: unknown = JSON.parse(text);
  if (typeof body === 'object' && body !== null && 'error' in body && body.error) {
    throw new WireFault(failureOfEmbeddedError(body.error));
  }
  const { data } = completionSchema.safeParse(body);
  if (data === undefined) throw new WireFault('model_not_json');
  yield data;
}

async function* streamedCompletion(stream: AsyncIterable<unknown>): AsyncIterable<CompletionChunk> {
  for await (const frame of stream) {
    const { data } = chunkSchema.safeParse(frame);
    if (data === undefined) throw new WireFault('model_not_json');
    yield data;
  }
}

async function* ask(client: OpenAI, request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void> {
  if (signal.aborted) return;
  // The SDK never takes its listener off the signal it is given, so it gets one that ends with this call.
  const call = new AbortController();
  const abort = () => call.abort();
  signal.addEventListener('abort', abort, { once: true });
  const reading = createCompletionReading(request.model);
  let billTimer: NodeJS.Timeout | undefined;
  let isRead = false;
  try {
    const sent = client.chat.completions.create(wireRequest(request, client.baseURL), { signal: call.signal });
    const { data: stream, response } = await sent.withResponse();
    const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (mediaType !== 'text/event-stream' && mediaType !== 'application/json') throw new WireFault('model_not_json');
    const chunks = mediaType === 'application/json' ? wholeCompletion(response) : streamedCompletion(stream);
    for await (const chunk of chunks) {
      // Our own abort ends the SDK's iterator as if the body were whole, and may come while a chunk is on its way.
      if (signal.aborted) return;
      const said = reading.take(chunk);
      if (typeof said !== 'string') throw new WireFault(said.code);
      // A paid and proven reply is not lost to a server that falls silent after it: this ends the SDK's iterator as our own abort does.
      if (reading.isWhole) billTimer ??= setTimeout(abort, limits.model.maxBillWaitMs);
      if (said !== '') yield { kind: 'delta', text: said };
    }
    isRead = true;
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
    clearTimeout(billTimer);
    signal.removeEventListener('abort', abort);
    if (!isRead) call.abort();
  }
}

/**
 * Any endpoint that speaks OpenAI's chat completions, through the `openai` package and a `fetch` of our own.
 *
 * Keeps the promises of the port: asks once, every failure is an event, no text without an accepted finish reason is ever `ended`, an abort
 * ends the iterator at once and closes the connection. Nothing in the environment changes what is sent or where. Has no timers for first
 * token, silence or the whole: those are the worker's, by its signal. Needs no closing: idle sockets keep no process alive and go after 4 s.
 */
export const createOpenAiModel = (options: OpenAiModelOptions): Model => {
  const client = createClient(options);
  return {
    defaultModel: options.defaultModel,
    isScripted: false,
    reply: (request, signal) => ask(client, request, signal),
  };
};
