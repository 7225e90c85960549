import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import type { Model } from '@turnledger/shared/ports';
import { modelRequest, readModel } from '@turnledger/shared/testing';
import { type ModelTwin, startModelTwin, type TwinFault } from './index.ts';

let twin: ModelTwin;
let model: Model;

beforeAll(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
  model = createOpenAiModel({ baseUrl: twin.url, apiKey: 'sk-of-ours', defaultModel: 'twin-1' });
});
afterEach(() => twin.reset());
afterAll(() => twin.close());

describe('a status', () => {
  test.each([
    [400, 'model_request_refused'],
    [401, 'model_unauthorized'],
    [403, 'model_unauthorized'],
    [404, 'model_not_found'],
    [408, 'model_timeout'],
    [409, 'model_overloaded'],
    [413, 'model_request_refused'],
    [422, 'model_request_refused'],
    [429, 'model_rate_limited'],
    [500, 'model_server_error'],
    [502, 'model_server_error'],
    [503, 'model_overloaded'],
    [504, 'model_timeout'],
    [529, 'model_overloaded'],
  ] as const)('of %i is %s, asked once', async (status, code) => {
    twin.plan({ fault: { kind: 'status', status } });
    expect(await readModel(model, modelRequest())).toEqual([{ kind: 'failed', code, providerStatus: status }]);
    expect(twin.totalCalls).toBe(1);
  });

  test.each([
    ['0', 0],
    ['1', 1_000],
    ['600', 600_000],
    ['soon', undefined],
    ['-1', undefined],
  ])('with Retry-After %s waits for %p ms', async (retryAfter, retryAfterMs) => {
    twin.plan({ fault: { kind: 'status', status: 429, retryAfter } });
    const [failed] = await readModel(model, modelRequest());
    expect(failed).toEqual({
      kind: 'failed',
      code: 'model_rate_limited',
      providerStatus: 429,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  });

  test('with Retry-After as a date waits until then by the answer’s own clock', async () => {
    const retryAfter = new Date(performance.timeOrigin + performance.now() + 30_000).toUTCString();
    twin.plan({ fault: { kind: 'status', status: 503, retryAfter } });
    const [failed] = await readModel(model, modelRequest());
    expect(failed).toMatchObject({ retryAfterMs: expect.any(Number) });
    expect(failed?.kind === 'failed' && Math.abs((failed.retryAfterMs ?? 0) - 30_000)).toBeLessThanOrEqual(2_000);
  });
});

describe('a broken answer has a name and is never ended', () => {
  const faults = (kinds: { readonly [kind in Exclude<TwinFault['kind'], 'status'>]?: string }) => Object.entries(kinds);

  test.each(
    faults({
      close: 'model_unreachable',
      reset: 'model_unreachable',
      cut_mid_stream: 'model_stream_cut',
      done_mid_stream: 'model_stream_cut',
      no_finish_reason: 'model_stream_cut',
      reset_mid_stream: 'model_stream_cut',
      html: 'model_not_json',
      empty_body: 'model_empty',
      broken_json: 'model_not_json',
      invalid_utf8: 'model_not_json',
      long_line: 'model_body_too_large',
      endless_tokens: 'model_body_too_large',
      tool_call: 'model_unexpected_tool_call',
      redirect: 'model_redirected',
    }),
  )('%s: %s', async (kind, code) => {
    twin.plan({ text: 'One two three four five six.', fault: { kind } as TwinFault });
    const events = await readModel(model, modelRequest());
    expect(events.at(-1)).toMatchObject({ kind: 'failed', code });
    expect(events.filter((event) => event.kind !== 'delta')).toHaveLength(1);
    expect(twin.totalCalls).toBe(1);
  });

  test.each([
    ['content_filter', 'model_content_filtered'],
    ['tool_calls', 'model_unexpected_tool_call'],
    ['function_call', 'model_unexpected_tool_call'],
    ['insufficient_system_resource', 'model_finish_reason_unknown'],
  ])('finish reason %s: %s', async (finishReason, code) => {
    twin.plan({ finishReason });
    expect((await readModel(model, modelRequest())).at(-1)).toMatchObject({ kind: 'failed', code });
  });

  test('no text at all: model_empty, with its bill', async () => {
    twin.plan({ text: ' \n', usage: { input: 9, output: 1 } });
    expect((await readModel(model, modelRequest())).at(-1)).toMatchObject({
      kind: 'failed',
      code: 'model_empty',
      usage: { input: 9 },
    });
  });

  test('nobody listens there: model_unreachable', async () => {
    const gone = await startModelTwin({ host: '127.0.0.1' });
    await gone.close();
    const deaf = createOpenAiModel({ baseUrl: gone.url, defaultModel: 'twin-1' });
    expect(await readModel(deaf, modelRequest())).toEqual([{ kind: 'failed', code: 'model_unreachable' }]);
  });
});
