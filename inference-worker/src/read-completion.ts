import { limits } from '@turnledger/shared/contracts';
import type { Move } from '@turnledger/shared/domain';
import type { ModelEvent, ModelRequest, ModelUsage } from '@turnledger/shared/ports';
import { type ModelCall, openCall } from './open-call.ts';
import type { AttemptFailureCode } from './retry-table.ts';

type Ended = Extract<ModelEvent, { kind: 'ended' }>;

/** What became of a call. Whatever is not `completed` must never be shown as a reply. */
export type Completion =
  | {
      readonly kind: 'completed';
      readonly text: string;
      /** What the model wrote, word for word, where a player is shown less of it. */
      readonly raw?: string;
      readonly move?: Move;
      readonly ending: Ended;
      readonly ttftMs: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly code: AttemptFailureCode;
      readonly partial: string;
      readonly raw?: string;
      readonly providerStatus?: number;
      readonly retryAfterMs?: number;
      readonly usage?: ModelUsage;
    }
  | {
      readonly kind: 'timed_out';
      readonly phase: 'first_token' | 'total';
      readonly partial: string;
      readonly raw?: string;
      readonly elapsedMs: number;
    }
  | { readonly kind: 'aborted'; readonly partial: string; readonly raw?: string };

export interface CallDeadlines {
  readonly firstTokenMs: number;
  /** What is left of the turn's own deadline. */
  readonly totalMs: number;
}

/**
 * Calls a model and reads it to its end, within three deadlines: to the first text, from text to text (limits.worker.idleTimeoutMs), and in
 * total. A reply is whole only with the model's own ending in hand, text in it, and our abort flag down (rule 8). What is kept of a text,
 * whole or partial, is at most limits.worker.maxReplyBytes as JSON.
 *
 * Never throws for what a model does, its own throw included; ends within the deadlines whatever the model does, since it races every step
 * against them. A signal that has aborted before makes no call.
 */
export async function readCompletion(
  asked: ModelCall,
  request: ModelRequest,
  deadlines: CallDeadlines,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Completion> {
  if (signal.aborted) return { kind: 'aborted', partial: '' };
  const { clock } = asked;
  const startedMs = clock.monotonicMs();
  const elapsedMs = () => clock.monotonicMs() - startedMs;
  const call = openCall(asked, request, signal);
  let text = '';
  let textBytes = 0;
  let ttftMs: number | undefined;
  let dueMs = Math.min(deadlines.totalMs, deadlines.firstTokenMs);
  call.endAt(() => startedMs + dueMs);
  try {
    for (;;) {
      const step = elapsedMs() >= dueMs ? 'late' : await call.next();
      if (signal.aborted) return { kind: 'aborted', partial: text };
      if (step === 'late') return late(elapsedMs(), deadlines, ttftMs, text);
      if (step.done) return { kind: 'failed', code: 'model_stream_cut', partial: text };
      const event = step.value;
      if (event.kind === 'failed') return { ...event, partial: text };
      if (event.kind === 'ended') {
        if (text.trim() === '')
          return { kind: 'failed', code: 'model_empty', partial: '', ...(event.usage && { usage: event.usage }) };
        return { kind: 'completed', text, ending: event, ttftMs: ttftMs ?? elapsedMs(), durationMs: elapsedMs() };
      }
      if (event.text === '') continue;
      // As JSON, since that is what is sealed and stored: a control character takes six bytes there.
      textBytes += Buffer.byteLength(JSON.stringify(event.text)) - 2;
      if (textBytes > limits.worker.maxReplyBytes)
        return { kind: 'failed', code: 'model_body_too_large', partial: text };
      text += event.text;
      const textAtMs = elapsedMs();
      dueMs = Math.min(deadlines.totalMs, textAtMs + limits.worker.idleTimeoutMs);
      // From here on the deadline only moves away, so that its one timer need not be set anew with each text.
      if (ttftMs === undefined) call.endAt(() => startedMs + dueMs);
      ttftMs ??= textAtMs;
      onText(event.text);
    }
  } catch {
    // A model that throws breaks its port's promise; for the turn that is a stream that was cut.
    return signal.aborted
      ? { kind: 'aborted', partial: text }
      : { kind: 'failed', code: 'model_stream_cut', partial: text };
  } finally {
    call.close();
  }
}

function late(elapsedMs: number, deadlines: CallDeadlines, ttftMs: number | undefined, partial: string): Completion {
  if (elapsedMs >= deadlines.totalMs) return { kind: 'timed_out', phase: 'total', partial, elapsedMs };
  if (ttftMs === undefined) return { kind: 'timed_out', phase: 'first_token', partial, elapsedMs };
  return { kind: 'failed', code: 'model_timeout', partial };
}
