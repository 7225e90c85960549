import { limits } from '@turnledger/shared/contracts';
import type { Clock, Model, ModelEvent, ModelFailureCode, ModelRequest, ModelUsage } from '@turnledger/shared/ports';

type Ended = Extract<ModelEvent, { kind: 'ended' }>;

/** What became of a call. Whatever is not `completed` must never be shown as a reply. */
export type Completion =
  | { readonly kind: 'completed'; readonly text: string; readonly ending: Ended; readonly ttftMs: number; readonly durationMs: number }
  | {
      readonly kind: 'failed';
      readonly code: ModelFailureCode;
      readonly partial: string;
      readonly providerStatus?: number;
      readonly retryAfterMs?: number;
      readonly usage?: ModelUsage;
    }
  | { readonly kind: 'timed_out'; readonly phase: 'first_token' | 'total'; readonly partial: string; readonly elapsedMs: number }
  | { readonly kind: 'aborted'; readonly partial: string };

export interface CallDeadlines {
  readonly firstTokenMs: number;
  /** What is left of the turn's own deadline. */
  readonly totalMs: number;
}

type Step = IteratorResult<ModelEvent, unknown> | 'late';

/**
 * Calls a model and reads it to its end, within three deadlines: to the first text, from text to text (limits.worker.idleTimeoutMs), and in
 * total. A reply is whole only with the model's own ending in hand, text in it, and our abort flag down (rule 8).
 *
 * Never throws for what a model does; ends within the deadlines whatever the model does, since it races every step against them.
 */
export async function readCompletion(
  { model, clock }: { readonly model: Model; readonly clock: Clock },
  request: ModelRequest,
  deadlines: CallDeadlines,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Completion> {
  const call = new AbortController();
  const abortCall = () => call.abort();
  signal.addEventListener('abort', abortCall, { once: true });
  const startedMs = clock.monotonicMs();
  const elapsedMs = () => clock.monotonicMs() - startedMs;
  let text = '';
  let ttftMs: number | undefined;
  let textAtMs = 0;
  const events = model.reply(request, call.signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const limitMs = Math.min(deadlines.totalMs, ttftMs === undefined ? deadlines.firstTokenMs : textAtMs + limits.worker.idleTimeoutMs);
      const step = await nextWithin(events.next(), limitMs - elapsedMs(), clock, signal);
      if (signal.aborted) return { kind: 'aborted', partial: text };
      if (step === 'late') return late(elapsedMs(), deadlines, ttftMs, text);
      if (step.done) return { kind: 'failed', code: 'model_stream_cut', partial: text };
      const event = step.value;
      if (event.kind === 'failed') return { ...event, partial: text };
      if (event.kind === 'ended') {
        if (text.trim() === '') return { kind: 'failed', code: 'model_empty', partial: '', ...(event.usage && { usage: event.usage }) };
        return { kind: 'completed', text, ending: event, ttftMs: ttftMs ?? elapsedMs(), durationMs: elapsedMs() };
      }
      if (event.text === '') continue;
      text += event.text;
      if (text.length > limits.worker.maxReplyBytes) return { kind: 'failed', code: 'model_body_too_large', partial: text };
      textAtMs = elapsedMs();
      ttftMs ??= textAtMs;
      onText(event.text);
    }
  } finally {
    signal.removeEventListener('abort', abortCall);
    call.abort();
    // The adapter closes its connection on the abort; whether its iterator returns in time is not ours to wait for.
    void events.return?.(undefined)?.then(undefined, () => {});
  }
}

/** The next event, or `late` when the time is over or the signal aborts first. */
async function nextWithin(next: Promise<IteratorResult<ModelEvent, unknown>>, ms: number, clock: Clock, signal: AbortSignal): Promise<Step> {
  const timer = new AbortController();
  const eitherSignal = AbortSignal.any([signal, timer.signal]);
  const late = clock.sleep(Math.max(0, ms), eitherSignal).then(() => 'late' as const);
  try {
    return await Promise.race([next, late]);
  } finally {
    timer.abort();
    next.catch(() => {});
  }
}

function late(elapsedMs: number, deadlines: CallDeadlines, ttftMs: number | undefined, partial: string): Completion {
  if (elapsedMs >= deadlines.totalMs) return { kind: 'timed_out', phase: 'total', partial, elapsedMs };
  if (ttftMs === undefined) return { kind: 'timed_out', phase: 'first_token', partial, elapsedMs };
  return { kind: 'failed', code: 'model_timeout', partial };
}
