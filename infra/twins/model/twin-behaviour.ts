import { z } from 'zod';

const waitMs = z.number().min(0).max(600_000);
const count = z.number().int().min(0);

/** What can go wrong with an answer without further particulars; each is one cell of the reliability table. */
export const faultNames = [
  /** The connection is closed (FIN) without an answer. */
  'close',
  /** The connection is reset (RST) without an answer. */
  'reset',
  'headers_never',
  'stall_after_headers',
  'stall_mid_stream',
  /** Headers, then comments for ever, one per `tokenDelayMs` (at least 1 ms). */
  'comment_drip',
  /** Ends cleanly half way, without a finish reason. */
  'cut_mid_stream',
  /** Half way, then `[DONE]` without a finish reason: what llama-cpp-python does to a stream when another request comes. */
  'done_mid_stream',
  /** The whole text, then a clean end without a finish reason. */
  'no_finish_reason',
  'reset_mid_stream',
  'html',
  'empty_body',
  'broken_json',
  'invalid_utf8',
  /** Right in every byte, written in pieces of one to three. */
  'split_bytes',
  /** One line of 64 MiB. */
  'long_line',
  'endless_tokens',
  'duplicate_done',
  /** `[DONE]`, but the answer never ends. */
  'done_without_end',
  /** The whole text and its finish reason, then silence: no bill, no `[DONE]`. */
  'stall_after_finish',
  'tool_call',
  'redirect',
  /** A streaming request is answered with one JSON completion. */
  'plain_json',
] as const;

/** What can go wrong with an answer. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(200).max(599),
    retryAfter: z.string().optional(),
    /** Retry-After as an HTTP date, this long after the answer's own. */
    retryAfterDateMs: waitMs.optional(),
  }),
  z.strictObject({ kind: z.enum(faultNames) }),
]);

/** How the twin answers one request; what is left out has a default. */
export const behaviourSchema = z.strictObject({
  /** From the end of the request to the answer's headers. */
  latencyMs: waitMs.optional(),
  /** From the headers to the first token. */
  firstTokenMs: waitMs.optional(),
  /** From one token to the next; 0 sends the whole answer in one write. */
  tokenDelayMs: waitMs.optional(),
  /** The reply; by default one that repeats the last user message. */
  text: z.string().optional(),
  finishReason: z.string().optional(),
  /** A request that asks for a stream is answered in one JSON all the same, as a server that cannot stream does. */
  ignoresStream: z.boolean().optional(),
  usage: z
    .union([
      z.literal('absent'),
      z.strictObject({ input: count, output: count, cached: count.optional(), reasoning: count.optional() }),
    ])
    .optional(),
  fault: faultSchema.optional(),
});

export type TwinFault = z.infer<typeof faultSchema>;
export type TwinBehaviour = z.infer<typeof behaviourSchema>;

const MARKER = /\[\[twin:\s*(\{.*?\}|[a-z0-9_]+)\s*\]\]/s;
const MARKER_START = '[[twin';
export const BEHAVIOUR_HEADER = 'x-twin-behaviour';

export type ChosenBehaviour =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'chosen'; readonly behaviour: TwinBehaviour }
  | { readonly outcome: 'malformed'; readonly reason: string };

/** Reads a behaviour as a person writes it: the name of a fault, or the JSON of the whole. */
export const parseBehaviour = (text: string): Exclude<ChosenBehaviour, { outcome: 'none' }> => {
  const name = faultNames.find((one) => one === text);
  if (name !== undefined) return { outcome: 'chosen', behaviour: { fault: { kind: name } } };
  try {
    const { data, error } = behaviourSchema.safeParse(JSON.parse(text));
    return data === undefined
      ? { outcome: 'malformed', reason: z.prettifyError(error) }
      : { outcome: 'chosen', behaviour: data };
  } catch {
    return { outcome: 'malformed', reason: `${text} is neither a fault's name nor JSON` };
  }
};

/**
 * The behaviour that a request asks for itself: by its header, else by `[[twin: ...]]` in its last user message. A marker that begins and
 * cannot be read is malformed, not text: a misspelt fault must not look like a model that works.
 */
export const chosenBehaviour = (header: string | undefined, lastUserMessage: string): ChosenBehaviour => {
  const text = header ?? MARKER.exec(lastUserMessage)?.[1];
  if (text !== undefined) return parseBehaviour(text);
  return lastUserMessage.includes(MARKER_START)
    ? { outcome: 'malformed', reason: 'the marker is not [[twin: NAME]] or [[twin: {JSON}]]' }
    : { outcome: 'none' };
};

/** The message without its marker: what the twin repeats. */
export const withoutMarker = (message: string): string => message.replace(MARKER, '').trim();
