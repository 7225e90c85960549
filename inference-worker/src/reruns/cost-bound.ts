import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import type { PlannedCall, PromptManifest } from '@turnledger/shared/domain';
import { costMicroUsdOf } from '@turnledger/shared/runtime';
import type { WorkerPorts } from '../ports.ts';

type Priced = Pick<WorkerPorts, 'models' | 'prices'>;

/** A call as its claim announced it. */
export interface ClaimedCall {
  readonly call: PlannedCall;
  readonly prompt: PromptManifest;
  /** Absent where nothing was heard of it, or no price is known. */
  readonly costMicroUsd?: number;
}

/**
 * The most that a call may cost: its prompt as it was counted, and the longest reply it allows. A provider that counts a prompt's tokens
 * otherwise may charge a little more for it. Throws `price_unknown`.
 */
export function mostOf({ models, prices }: Priced, { call, prompt }: Omit<ClaimedCall, 'costMicroUsd'>): number {
  if (models.get(call.endpoint)?.isScripted) return 0;
  const price = prices?.get(call.endpoint)?.models.get(call.model);
  if (!price) throw new TurnledgerError('price_unknown', { detail: `${call.model} at ${call.endpoint}` });
  const output = call.parameters.maxTokens ?? limits.scenario.maxReplyTokens;
  return costMicroUsdOf(price, { input: prompt.estimatedTokens, cached: 0, output });
}

/** The most that calls have cost: what is known, and of one that was lost with its worker the most that it may have come to. Throws `price_unknown`. */
export const mostOfAll = (ports: Priced, calls: readonly ClaimedCall[]): number =>
  calls.reduce((sum, call) => sum + (call.costMicroUsd ?? mostOf(ports, call)), 0);
