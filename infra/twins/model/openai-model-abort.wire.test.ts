import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import type { Model, ModelEvent } from '@turnledger/shared/ports';
import { modelRequest, readModel, sampleCallId } from '@turnledger/shared/testing';
import { type ModelTwin, startModelTwin } from './index.ts';

let twin: ModelTwin;
let model: Model;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  model = createOpenAiModel({ baseUrl: twin.url, apiKey: 'sk-of-ours', defaultModel: 'twin-1' });
});
afterEach(() => twin.reset());
afterAll(() => twin.close());

describe('an abort', () => {
  test.each(['headers_never', 'stall_after_headers', 'stall_mid_stream', 'comment_drip', 'endless_tokens'] as const)(
    'ends the iterator within 100 ms and closes the connection: %s',
    async (kind) => {
      twin.plan({ tokenDelayMs: 5, fault: { kind } });
      const abort = new AbortController();
      let abortedAtMs = 0;
      setTimeout(() => {
        abortedAtMs = performance.now();
        abort.abort();
      }, 150);
      const events = await readModel(model, modelRequest(), abort.signal);
      expect(performance.now() - abortedAtMs).toBeLessThan(100);
      expect(events.filter((event) => event.kind !== 'delta')).toEqual([]);
      while (twin.calls[0]?.isAborted !== true) await wait(5);
    },
  );

  test('before the call sends nothing', async () => {
    expect(await readModel(model, modelRequest(), AbortSignal.abort())).toEqual([]);
    expect(twin.totalCalls).toBe(0);
  });

  test('between two events drops what is already here', async () => {
    const abort = new AbortController();
    const events: ModelEvent[] = [];
    for await (const event of model.reply(modelRequest(), sampleCallId, abort.signal)) {
      events.push(event);
      abort.abort();
    }
    expect(events).toMatchObject([{ kind: 'delta' }]);
  });

  test('is what leaving the loop amounts to', async () => {
    twin.plan({ tokenDelayMs: 20 });
    for await (const _event of model.reply(modelRequest(), sampleCallId, new AbortController().signal)) break;
    while (twin.calls[0]?.isAborted !== true) await wait(5);
  });
});
