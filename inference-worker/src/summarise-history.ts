import { limits, sessionStream } from '@turnledger/shared/contracts';
import { completeSummary, failSummary, type SessionState, standsAt, startSummary } from '@turnledger/shared/domain';
import { countTokens, linkedAbort } from '@turnledger/shared/runtime';
import { appendPaid } from './append-paid.ts';
import { summaryMessage } from './assemble-prompt-with-summary.ts';
import { costOf, usageOf } from './money-spent.ts';
import { type PlannedSummary, planSummary } from './plan-summary.ts';
import type { WorkerPorts } from './ports.ts';
import { type Completion, readCompletion } from './read-completion.ts';

/** One run of a summary by one worker. */
export interface SummaryRun {
  readonly sessionId: string;
  /** Of the turn whose ending led to it. */
  readonly correlationId: string;
  /** This worker's incarnation id. */
  readonly worker: string;
  /** Aborts when the process leaves, or cannot beat. */
  readonly signal: AbortSignal;
}

/**
 * Summarises what the window of a session has left behind, if that is due: plan, claim, call, record, once. A turn of the session never waits
 * for it; who loses the race for a revision decides again. A failure is recorded and left until the window has moved on. Throws what the
 * stores throw; nothing is lost by that, since the claim says what may have been spent.
 */
export async function summariseHistory(ports: WorkerPorts, run: SummaryRun): Promise<void> {
  const { sessionId, worker, signal } = run;
  const { sessions } = ports.ledger;
  const stream = sessionStream(sessionId);
  const state = await sessions.load(stream, Number.POSITIVE_INFINITY);
  const open = state.summaries?.open;
  // A claim is told apart by its id, and is the only attempt of its summary.
  const isLost = open && (await ports.holders.isLost({ turnId: open.summaryId, attempt: 1, worker: open.worker }));
  if (open && !isLost) return;
  const plan = await planSummary(ports, sessionId, state);
  if (!plan || signal.aborted) return;
  const { summaryId, fromTurnId, throughTurnId, throughPosition, prompt } = plan;
  const claim = { summaryId, fromTurnId, throughTurnId, throughPosition, worker, calls: [plan.call], prompt };
  const command = { ...claim, leaseMs: limits.worker.leaseMs, ...(open && { lostSummaryId: open.summaryId }) };
  const context = { actor: `system:${worker}`, correlationId: run.correlationId };
  const claimed = await sessions.transact(stream, (now) => startSummary(command, now), { context });
  if (claimed.outcome !== 'recorded' || claimed.state.summaries?.open?.summaryId !== summaryId) return;

  const head = watchSummary(ports, stream, plan, signal);
  const call = { model: plan.model, callId: plan.call.callId, clock: ports.clock };
  const { firstTokenMs, totalMs } = limits.summary;
  const answer = readCompletion(call, plan.request, { firstTokenMs, totalMs }, head.signal, () => {});
  await recordSummary(ports, run, plan, await answer.finally(head.stop));
}

async function recordSummary(
  ports: WorkerPorts,
  { sessionId, correlationId, worker, signal }: SummaryRun,
  plan: PlannedSummary,
  completion: Completion,
): Promise<void> {
  const { summaryId, fromTurnId, call } = plan;
  const usage = await usageOf(plan, completion);
  const paid = { summaryId, callId: call.callId, usage, cost: costOf(plan, usage, ports.prices) };
  const append = (decide: (state: SessionState) => ReturnType<typeof failSummary>) =>
    appendPaid(ports, { sessionId, correlationId, worker, callId: call.callId }, decide);
  if (completion.kind === 'completed' && completion.text.length <= limits.summary.maxTextChars) {
    const { ending, ttftMs, durationMs } = completion;
    const { model, responseId, fingerprint, finishReason } = ending;
    const provider = {
      model,
      ...(responseId !== undefined && { responseId }),
      ...(fingerprint !== undefined && { fingerprint }),
    };
    const text = completion.text.trim();
    const tokens = await countTokens(summaryMessage(text));
    const timing = { ttftMs: round(ttftMs), durationMs: round(durationMs) };
    const summary = { ...paid, fromTurnId, text, tokens, finishReason, provider, ...timing };
    await append((state) => completeSummary(summary, state));
    return;
  }
  const failure = failureOf(completion, signal);
  ports.log.warn({ sessionId, summaryId, code: failure.code }, 'a summary did not come about');
  await append((state) => failSummary({ ...paid, ...failure }, state));
}

function failureOf(completion: Completion, { aborted }: AbortSignal) {
  switch (completion.kind) {
    case 'completed':
      return { code: 'model_body_too_large' };
    case 'failed': {
      const { code, providerStatus } = completion;
      return { code, ...(providerStatus !== undefined && { providerStatus }) };
    }
    case 'timed_out':
      return { code: 'model_timeout' };
    case 'aborted':
      return { code: aborted ? 'worker_stopped' : 'turn_rewound' };
  }
}

/** Aborts a call whose claim is gone, or of whose turns a rewind has cut one: nobody wants its answer, and it costs money by the second. */
function watchSummary(
  { ledger, clock, log }: WorkerPorts,
  stream: string,
  { summaryId, throughTurnId, throughPosition }: PlannedSummary,
  signal: AbortSignal,
): { readonly signal: AbortSignal; stop(): void } {
  const link = linkedAbort(signal);
  const watch = async () => {
    for (;;) {
      await clock.sleep(limits.worker.headCheckMs, link.signal);
      if (link.signal.aborted) return;
      try {
        const state = await ledger.sessions.load(stream);
        const isWanted = state.summaries?.open?.summaryId === summaryId;
        if (!isWanted || !standsAt(state, throughTurnId, throughPosition)) return link.abort();
      } catch (cause) {
        log.warn({ summaryId, cause }, 'cannot look at the head of a session that is summarised');
      }
    }
  };
  void watch();
  return { signal: link.signal, stop: link.abort };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
