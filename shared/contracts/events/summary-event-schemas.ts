import { z } from 'zod';
import {
  cost,
  count,
  finishReason,
  milliseconds,
  plannedCall,
  promptManifest,
  provider,
  usage,
} from './call-fields.ts';
import { codeText, sealed, uuid } from './fields.ts';

/** The newest version of every event of a summary, as stored. */
export const summaryEventSchemas = {
  SummaryStarted: z.strictObject({
    summaryId: uuid,
    fromTurnId: uuid,
    throughTurnId: uuid,
    throughPosition: z.int().min(1),
    worker: uuid,
    leaseMs: z.int().min(1),
    calls: z.array(plannedCall('summary')).min(1).max(8),
    prompt: promptManifest,
  }),
  HistorySummarized: z.strictObject({
    summaryId: uuid,
    callId: uuid,
    fromTurnId: uuid,
    throughTurnId: uuid,
    throughPosition: z.int().min(1),
    text: sealed,
    tokens: count,
    finishReason,
    usage,
    ...cost,
    ttftMs: milliseconds,
    durationMs: milliseconds,
    provider,
  }),
  SummaryFailed: z.strictObject({
    summaryId: uuid,
    callId: uuid,
    code: codeText,
    providerStatus: z.int().optional(),
    usage: usage.optional(),
    costMicroUsd: count.optional(),
    priceTable: codeText.optional(),
  }),
} as const;
