import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import type { Model } from '@turnledger/shared/ports';
import { modelRequest, readModel, saidBy } from '@turnledger/shared/testing';
import { type EndpointCell, type ReplyForm, replyForms } from './endpoint-cell.ts';
import { endpointCells } from './endpoint-cells.ts';
import { type ModelTwin, startModelTwin } from './index.ts';

/** When a cell that never ends is given up, and how soon after that the iterator must have ended (the port's promise). */
const GIVEN_UP_AFTER_MS = 250;
const MAX_ABORT_MS = 100;
/** How the twin redirects. */
const REDIRECT = 307;
/** What a date loses by having no milliseconds. */
const DATE_GRAIN_MS = 1_000;

let twin: ModelTwin;
let model: Model;
let deaf: Model;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  model = createOpenAiModel({ baseUrl: twin.url, defaultModel: 'twin-1' });
  const gone = await startModelTwin({ host: '127.0.0.1' });
  await gone.close();
  deaf = createOpenAiModel({ baseUrl: gone.url, defaultModel: 'twin-1' });
});
afterEach(() => twin.reset());
afterAll(() => twin.close());

const play = async ({ behaviour }: EndpointCell, form: ReplyForm, signal?: AbortSignal) => {
  if (behaviour === 'nobody_listens') return readModel(deaf, modelRequest(), signal);
  twin.plan({ ...behaviour, ignoresStream: form === 'whole' });
  return readModel(model, modelRequest(), signal);
};

const played = endpointCells.flatMap((cell) =>
  replyForms.map((form) => ({
    ...cell,
    cell,
    form,
    outcome: cell[form],
    isHeard: cell.behaviour !== 'nobody_listens',
  })),
);
const ends = played.filter(({ outcome }) => outcome !== 'no_first_text' && outcome !== 'no_end');
const hangs = played.filter(({ outcome }) => outcome === 'no_first_text' || outcome === 'no_end');

describe('a cell that ends by itself', () => {
  test.each(ends)(
    '$what, $form: $outcome',
    async ({ cell, form, outcome, isHeard, behaviour, retryAfterMs, finishReason }) => {
      const events = await play(cell, form);
      const ending = events.at(-1);
      expect(events.filter(({ kind }) => kind !== 'delta')).toEqual([ending]);
      expect(twin.totalCalls).toBe(isHeard ? 1 : 0);
      if (outcome === 'completed') {
        expect(ending).toMatchObject({ kind: 'ended', finishReason: finishReason ?? 'stop' });
        expect(saidBy(events)).toBe(behaviour === 'nobody_listens' ? '' : behaviour.text);
        return;
      }
      expect(ending).toMatchObject({ kind: 'failed', code: outcome });
      const fault = behaviour === 'nobody_listens' ? undefined : behaviour.fault;
      const status = fault?.kind === 'status' ? fault.status : fault?.kind === 'redirect' ? REDIRECT : undefined;
      expect(ending?.kind === 'failed' ? ending.providerStatus : undefined).toBe(status);
      const asked = ending?.kind === 'failed' ? ending.retryAfterMs : undefined;
      if (retryAfterMs === undefined) expect(asked).toBeUndefined();
      else expect(Math.abs((asked ?? Number.NaN) - retryAfterMs)).toBeLessThan(DATE_GRAIN_MS);
    },
  );
});

describe('a cell that only a deadline ends', () => {
  test.each(hangs)('$what, $form: $outcome', async ({ cell, form, outcome }) => {
    const deadline = new AbortController();
    let abortedAtMs = 0;
    setTimeout(() => {
      abortedAtMs = performance.now();
      deadline.abort();
    }, GIVEN_UP_AFTER_MS);
    const events = await play(cell, form, deadline.signal);
    expect(performance.now() - abortedAtMs).toBeLessThan(MAX_ABORT_MS);
    expect(events.filter(({ kind }) => kind !== 'delta')).toEqual([]);
    expect(saidBy(events) !== '').toBe(outcome === 'no_end');
    while (twin.calls[0]?.isAborted !== true) await new Promise((resolve) => setImmediate(resolve));
  });
});
