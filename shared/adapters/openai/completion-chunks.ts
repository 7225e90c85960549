import type { z } from 'zod';
import { type CompletionChunk, chunkSchema, completionSchema, isPlainChunk } from './completion-wire.ts';
import { eventData } from './event-data.ts';
import { failureOfEmbeddedError } from './model-failures.ts';
import { WireFault } from './wire-fault.ts';

/** Takes pieces of a body apart: those of a stream hold whole frames, that of a whole body holds all of it. Throws a `WireFault`. */
type ChunksIn = (pieces: readonly Buffer[]) => Iterable<CompletionChunk>;

/** JSON in the shape of a schema, and not an `error` in the place of one: some servers send that with a 200. */
function read(schema: z.ZodType<CompletionChunk>, text: string): CompletionChunk {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireFault('model_not_json');
  }
  if (typeof value === 'object' && value !== null && 'error' in value && value.error)
    throw new WireFault(failureOfEmbeddedError(value.error));
  if (typeof value === 'object' && value !== null && isPlainChunk(value)) return value;
  const { data } = schema.safeParse(value);
  if (data === undefined) throw new WireFault('model_not_json');
  return data;
}

function* streamed(pieces: readonly Buffer[]): Generator<CompletionChunk, void> {
  for (const piece of pieces) {
    for (const data of eventData(piece.toString('utf8'))) {
      if (data.startsWith('[DONE]')) return;
      yield read(chunkSchema, data);
    }
  }
}

/** A server that does not stream answers in one piece; its text is one chunk. */
function* whole(pieces: readonly Buffer[]): Generator<CompletionChunk, void> {
  const text = Buffer.concat(pieces).toString('utf8');
  if (text.trim() === '') throw new WireFault('model_empty');
  yield read(completionSchema, text);
}

const byMediaType: { readonly [mediaType: string]: ChunksIn } = {
  'text/event-stream': streamed,
  'application/json': whole,
};

/** How a body of that media type is read; undefined for one that no completion comes in. */
export const chunksOfBody = (mediaType: string): ChunksIn | undefined => byMediaType[mediaType];
