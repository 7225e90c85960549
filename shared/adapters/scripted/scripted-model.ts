import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Model, ModelEvent, ModelRequest } from '../../ports/index.ts';
import { composeReply } from './compose-reply.ts';
import { composeSummary } from './compose-summary.ts';
import { proposedMove } from './propose-move.ts';

export interface ScriptedModelOptions {
  /** From one word to the next, default 15 ms; 0 says everything at once. */
  readonly wordDelayMs?: number;
  /** Whose time it takes; the machine's by default. */
  readonly clock?: Pick<Clock, 'sleep'>;
}

const SCRIPTED = 'scripted';
const DEFAULT_WORD_DELAY_MS = 15;

const machineClock: Pick<Clock, 'sleep'> = {
  sleep: async (ms, signal) => {
    // An abort is an early end of the wait, not a failure.
    await wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  },
};

/** Words with the space before each; joined they are the text again. */
const wordsOf = (text: string): readonly string[] => text.match(/\s*\S+/g) ?? [];

/** The text up to the first stop string, which is not part of it, and its first `maxTokens` words. */
const bounded = (text: string, { maxTokens, stop }: ModelRequest['parameters']) => {
  const cut = stop.reduce((kept, mark) => (mark === '' ? kept : (kept.split(mark)[0] ?? '')), text).trimEnd();
  const words = wordsOf(cut);
  const isCut = maxTokens !== undefined && words.length > maxTokens;
  return { words: isCut ? words.slice(0, maxTokens) : words, finishReason: isCut ? 'length' : 'stop' } as const;
};

async function* recite(
  request: ModelRequest,
  signal: AbortSignal,
  wordDelayMs: number,
  clock: Pick<Clock, 'sleep'>,
): AsyncGenerator<ModelEvent, void> {
  const { messages, parameters } = request;
  const text = composeSummary(messages) ?? composeReply(messages) + proposedMove(messages);
  const { words, finishReason } = bounded(text, parameters);
  const input = messages.reduce((sum, { content }) => sum + wordsOf(content).length, 0);
  const usage = { input, cached: 0, output: words.length, reasoning: 0 };
  for (const text of words) {
    if (wordDelayMs > 0) await clock.sleep(wordDelayMs, signal);
    if (signal.aborted) return;
    yield { kind: 'delta', text };
  }
  if (signal.aborted) return;
  // A stop string at the very start leaves nothing to say; the port's word for that is the same as for any other model.
  yield words.length === 0
    ? { kind: 'failed', code: 'model_empty', usage }
    : { kind: 'ended', finishReason, model: SCRIPTED, usage };
}

/**
 * A character that answers without a model, a network or a bill, from prepared lines and the player's own words (see `composeReply`), with the
 * plainest move where one is asked for (see `proposedMove`) and the players' own words where a summary is (see `composeSummary`).
 *
 * Deterministic: the same request, the same events. Takes a word for a token, in `maxTokens` and in the usage, which is no bill and is never
 * priced. Stops before a stop string. Takes any model's name and always says that it is `scripted`. Temperature and the rest change nothing.
 */
export const createScriptedModel = ({
  wordDelayMs = DEFAULT_WORD_DELAY_MS,
  clock = machineClock,
}: ScriptedModelOptions = {}): Model => ({
  defaultModel: SCRIPTED,
  isScripted: true,
  reply: (request, _callId, signal) => recite(request, signal, wordDelayMs, clock),
});
