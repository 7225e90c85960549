import { execFile } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import { modelRequest, readModel } from '@turnledger/shared/testing';
import { replyForms } from './endpoint-cell.ts';
import { type ModelTwin, startModelTwin } from './index.ts';

const MAX_GROWTH_MIB = 32;
/** Code that was compiled meanwhile, and the timers of an idle socket. */
const MAX_KEPT_MIB = 2;
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const hooks = ['--conditions=turnledger-source', '--import', at('../../checks/typescript-hooks.js')];

let twin: ModelTwin;

beforeEach(async () => {
  twin = await startModelTwin({ host: '127.0.0.1' });
});
afterEach(() => twin.close());

describe('the memory of a process that reads it', () => {
  const large = (['long_line', 'endless_tokens'] as const).flatMap((kind) =>
    replyForms.map((form) => ({ kind, form })),
  );

  test.each(large)('$kind, $form: grows by 32 MiB at most, and nothing of it is kept', async ({ kind, form }) => {
    twin.plan({ ignoresStream: form === 'whole', fault: { kind } });
    const program = [...hooks, '--expose-gc', at('./testing/read-reply.ts'), twin.url];
    const { stdout } = await promisify(execFile)(process.execPath, program);
    const { ending, grownHeldMib, grownRssMib, keptMib } = JSON.parse(stdout);
    expect(ending).toBe('model_body_too_large');
    expect(grownHeldMib).toBeLessThan(MAX_GROWTH_MIB);
    expect(grownRssMib).toBeLessThan(MAX_GROWTH_MIB);
    expect(keptMib).toBeLessThan(MAX_KEPT_MIB);
  });
});

describe('the sockets of calls that are given up', () => {
  test.each(['headers_never', 'stall_after_headers', 'stall_mid_stream', 'comment_drip', 'endless_tokens'] as const)(
    '%s: all are closed a second later',
    async (kind) => {
      const model = createOpenAiModel({ baseUrl: twin.url, defaultModel: 'twin-1' });
      twin.plan({ tokenDelayMs: 20, fault: { kind } });
      const abort = new AbortController();
      setMaxListeners(0, abort.signal);
      const calls = Array.from({ length: 20 }, () => readModel(model, modelRequest(), abort.signal));
      while (twin.totalCalls < calls.length) await new Promise((resolve) => setImmediate(resolve));
      expect(twin.openSockets()).toBe(calls.length);
      const abortedAtMs = performance.now();
      abort.abort();
      await Promise.all(calls);
      while (twin.openSockets() > 0) await new Promise((resolve) => setImmediate(resolve));
      expect(performance.now() - abortedAtMs).toBeLessThan(1_000);
    },
  );
});
