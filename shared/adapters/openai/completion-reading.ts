import type { ModelEvent, ModelFailureCode, ModelUsage } from '../../ports/index.ts';
import { type CompletionChunk, usageOf } from './completion-wire.ts';
import { providerText } from './provider-text.ts';

/** What has been read of one completion so far. */
export interface CompletionReading {
  /** Takes a chunk and gives its text, '' for none, or the failure that makes the rest worthless. */
  take(chunk: CompletionChunk): string | { readonly code: ModelFailureCode };
  /** True once the provider has said that the reply is whole, in a way that we accept. */
  readonly isWhole: boolean;
  readonly usage: ModelUsage | undefined;
  /** The one ending of a body that ended cleanly. */
  ending(): ModelEvent;
}

/** Reasons other than `stop` and `length`; each makes the reply unusable. */
const refusedReasons: { readonly [reason: string]: ModelFailureCode } = {
  content_filter: 'model_content_filtered',
  tool_calls: 'model_unexpected_tool_call',
  function_call: 'model_unexpected_tool_call',
};

/**
 * Reads the first choice of a completion. `ended` needs a finish reason of `stop` or `length` and some text that is not white space; without
 * a reason it is `model_stream_cut`, without anything said and without a reason `model_empty`.
 */
export const createCompletionReading = (requestedModel: string): CompletionReading => {
  let finishReason: 'stop' | 'length' | undefined;
  let hasText = false;
  let hasChunks = false;
  let model: string | undefined;
  let responseId: string | undefined;
  let fingerprint: string | undefined;
  let usage: ModelUsage | undefined;

  const failed = (code: ModelFailureCode): ModelEvent => ({
    kind: 'failed',
    code,
    ...(usage === undefined ? {} : { usage }),
  });

  return {
    get isWhole() {
      return finishReason !== undefined && hasText;
    },
    get usage() {
      return usage;
    },
    take(chunk) {
      hasChunks = true;
      model ??= providerText(chunk.model);
      responseId ??= providerText(chunk.id);
      fingerprint ??= providerText(chunk.system_fingerprint);
      if (chunk.usage) usage = usageOf(chunk.usage);
      const choice = chunk.choices.find(({ index }) => (index ?? 0) === 0);
      if (choice === undefined) return '';
      const { delta } = choice;
      if ((delta?.tool_calls?.length ?? 0) > 0 || delta?.function_call) return { code: 'model_unexpected_tool_call' };
      // Some servers send an empty reason with every chunk.
      const reason = choice.finish_reason || undefined;
      if (reason === 'stop' || reason === 'length') finishReason = reason;
      else if (reason !== undefined) return { code: refusedReasons[reason] ?? 'model_finish_reason_unknown' };
      const text = delta?.content ?? '';
      hasText ||= /\S/.test(text);
      return text;
    },
    ending() {
      if (finishReason === undefined) return failed(hasChunks ? 'model_stream_cut' : 'model_empty');
      if (!hasText) return failed('model_empty');
      return {
        kind: 'ended',
        finishReason,
        model: model ?? requestedModel,
        ...(responseId === undefined ? {} : { responseId }),
        ...(fingerprint === undefined ? {} : { fingerprint }),
        ...(usage === undefined ? {} : { usage }),
      };
    },
  };
};
