import type { IncomingHttpHeaders } from 'node:http';
import type { ModelCall } from '@turnledger/shared/testing/history-checker';
import { type CompletionRequest, type ModelTwin, startModelTwin, type TwinBehaviour } from '../twins/model/index.ts';
import type { RandomSource } from './random-source.ts';

/** The model side of a run: the twin, and every request it got. */
export interface ChaosModel {
  readonly url: string;
  readonly calls: readonly ModelCall[];
  close(): Promise<void>;
}

const WORDS = ['the', 'harbour', 'was', 'dark', 'and', 'nobody', 'signed', 'the', 'ledger', 'twice'];

/** What the model's side saw of a request, now; for `ModelTwin.plan`. */
export const modelCallOf = ({ model, messages }: CompletionRequest, headers: IncomingHttpHeaders): ModelCall => ({
  model,
  callId: String(headers['x-client-request-id'] ?? ''),
  // The service's clock: claims are compared with it.
  atMs: Date.now(),
  messages: messages.map(({ role, content }) => ({ role, content: String(content) })),
});

/** Answers that take 50 to 300 ms, no two alike; one in twenty fails and is worth another attempt, one in fifty fails for good. */
export async function startChaosModel(random: RandomSource): Promise<ChaosModel> {
  const calls: ModelCall[] = [];
  const twin: ModelTwin = await startModelTwin({ host: '127.0.0.1' });
  const behaviour = (): TwinBehaviour => {
    const tokens = random.between(4, WORDS.length);
    const text = `Answer ${calls.length}: ${WORDS.slice(0, tokens).join(' ')}.`;
    const pace = { latencyMs: random.between(30, 80), tokenDelayMs: random.between(2, 20), text };
    if (random.chance(0.05)) return { ...pace, fault: { kind: 'status', status: 500 } };
    return random.chance(0.02) ? { ...pace, finishReason: 'content_filter' } : pace;
  };
  twin.plan((request, headers) => {
    calls.push(modelCallOf(request, headers));
    return behaviour();
  });
  return { url: twin.url, calls, close: () => twin.close() };
}
