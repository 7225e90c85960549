import { limits } from '@turnledger/shared/contracts';
import type { CallPurpose, Cost, PlannedCall, PromptManifest, Usage } from '@turnledger/shared/domain';
import type { Model, ModelUsage } from '@turnledger/shared/ports';
import { costMicroUsdOf, countTokens, type PriceTable } from '@turnledger/shared/runtime';
import type { Completion } from './read-completion.ts';

/** What the provider reported, or else an estimate: the prompt as it was budgeted, and the text counted here. */
export async function usageOf(
  plan: { readonly prompt: Pick<PromptManifest, 'estimatedTokens'> },
  completion: Completion,
): Promise<Usage> {
  const reported: ModelUsage | undefined =
    completion.kind === 'completed'
      ? completion.ending.usage
      : completion.kind === 'failed'
        ? completion.usage
        : undefined;
  if (reported) return { ...reported, source: 'reported' };
  const text = completion.raw ?? (completion.kind === 'completed' ? completion.text : completion.partial);
  const output = text === '' ? 0 : await countTokens(text.slice(0, limits.worker.maxReplyBytes));
  // A refused connection bought nothing; anything else may have been charged for its prompt.
  const isFree = completion.kind === 'failed' && completion.code === 'model_unreachable';
  return { input: isFree ? 0 : plan.prompt.estimatedTokens, cached: 0, output, reasoning: 0, source: 'estimated' };
}

/** Turnledger ships no prices: a call's cost is known where its operator gave one for the model, and where it is nothing. */
export function costOf(
  { model, call }: { readonly model: Model; readonly call: PlannedCall<CallPurpose> },
  usage: Usage,
  prices: ReadonlyMap<string, PriceTable> | undefined,
): Cost {
  if (model.isScripted) return { costMicroUsd: 0, priceTable: 'scripted' };
  const table = prices?.get(call.endpoint);
  const price = table?.models.get(call.model);
  if (!table || !price) return { priceTable: 'none' };
  return { costMicroUsd: costMicroUsdOf(price, usage), priceTable: table.name };
}
