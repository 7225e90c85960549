import { Counter, Histogram, type Registry } from 'prom-client';
import { limits } from '../../contracts/index.ts';
import type { CallPurpose, PlannedCall, Usage } from '../../domain/index.ts';
import { boundedLabel } from './bounded-label.ts';
import { buckets } from './buckets.ts';

/** Where a call went, as its labels have it. */
export type CallLabels = { readonly endpoint: string; readonly model: string };

/** What is counted of calls to models. */
export interface CallMetrics {
  labelsOf(call: Pick<PlannedCall<CallPurpose>, 'endpoint' | 'model'> | undefined): CallLabels;
  started(call: CallLabels): void;
  /** `outcome` is `completed`, the code of a failure, or what an account says that came apart from an ending: `late`, `cancelled`, … */
  ended(call: CallLabels, outcome: string): void;
  spent(call: CallLabels, usage: Usage | undefined, costMicroUsd: number | undefined): void;
  answered(call: CallLabels, timing: { readonly ttftMs: number; readonly durationMs: number }): void;
}

const kinds = ['input', 'cached', 'output', 'reasoning'] as const;

export function callMetrics(registry: Registry): CallMetrics {
  const labelNames = ['endpoint', 'model'] as const;
  const registers = [registry];
  const starts = new Counter({
    name: 'turnledger_model_calls_started_total',
    help: 'Calls to models that were claimed: an attempt of a turn each, or a summary.',
    labelNames,
    registers,
  });
  const calls = new Counter({
    name: 'turnledger_model_calls_total',
    help: 'Calls to models by their outcome: "completed", the code of a failure, or "late", "cancelled", "timed_out", "lost" for one whose turn ended without it.',
    labelNames: [...labelNames, 'outcome'],
    registers,
  });
  const tokens = new Counter({
    name: 'turnledger_model_tokens_total',
    help: 'Tokens by kind; "cached" is a part of "input", "reasoning" a part of "output".',
    labelNames: [...labelNames, 'kind'],
    registers,
  });
  const cost = new Counter({
    name: 'turnledger_model_cost_usd_total',
    help: 'Money spent, US dollars; only calls whose price the operator gave.',
    labelNames,
    registers,
  });
  const firstTokens = new Histogram({
    name: 'turnledger_model_first_token_seconds',
    help: 'From the request to a model to its first text; completed calls.',
    labelNames,
    buckets: [...buckets.firstToken],
    registers,
  });
  const durations = new Histogram({
    name: 'turnledger_model_call_duration_seconds',
    help: 'From the request to a model to its end; completed calls.',
    labelNames,
    buckets: [...buckets.turn],
    registers,
  });
  // Scenarios name models, so their number is not ours to bound; endpoints are the operator's, and few.
  const modelLabel = boundedLabel(limits.metrics.maxModelNames);

  return {
    labelsOf: (call) =>
      call ? { endpoint: call.endpoint, model: modelLabel(call.model) } : { endpoint: 'unknown', model: 'unknown' },
    started: (call) => starts.inc(call),
    ended: (call, outcome) => calls.inc({ ...call, outcome }),
    spent(call, usage, costMicroUsd) {
      for (const kind of usage ? kinds : []) if (usage?.[kind]) tokens.inc({ ...call, kind }, usage[kind]);
      if (costMicroUsd) cost.inc(call, costMicroUsd / 1_000_000);
    },
    answered(call, { ttftMs, durationMs }) {
      firstTokens.observe(call, ttftMs / 1_000);
      durations.observe(call, durationMs / 1_000);
    },
  };
}
