import { setTimeout as sleep } from 'node:timers/promises';
import { createOpenAiModel } from '@turnledger/shared/adapters/openai';
import type { Model, ModelRequest } from '@turnledger/shared/ports';

/**
 * A process that reads replies of the endpoint at its first argument and says in one JSON line what they cost it in memory: one to warm up,
 * one that is measured, and a few more, after which nothing may be left. Runs with --expose-gc, so that the baseline is what is truly held.
 */
const [, , url = ''] = process.argv;
const FURTHER_REPLIES = 4;
const MIB = 1024 * 1024;
const SAMPLE_MS = 1;
const SETTLE_ROUNDS = 5;
const SETTLE_MS = 20;

const request = (content: string): ModelRequest => ({
  endpoint: 'default',
  model: 'twin-1',
  messages: [{ role: 'user', content }],
  parameters: { stop: [] },
});

const read = async (model: Model, content: string): Promise<string> => {
  let ending = 'none';
  for await (const event of model.reply(request(content), 'read-reply', new AbortController().signal)) {
    if (event.kind !== 'delta') ending = event.kind === 'failed' ? event.code : event.kind;
  }
  return ending;
};

/** Held by JavaScript and by buffers; the resident set besides, which the system gives back late. */
const held = () => {
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldMib: (heapUsed + external) / MIB, rssMib: rss / MIB };
};

const model = createOpenAiModel({ baseUrl: url, defaultModel: 'twin-1' });
await read(model, '[[twin: {"text":"Warm."}]]');
globalThis.gc?.();
const before = held();
const peak = { ...before };
const sample = () => {
  const now = held();
  peak.heldMib = Math.max(peak.heldMib, now.heldMib);
  peak.rssMib = Math.max(peak.rssMib, now.rssMib);
};
const sampling = setInterval(sample, SAMPLE_MS);
const ending = await read(model, 'Well?');
clearInterval(sampling);
sample();
for (let reply = 0; reply < FURTHER_REPLIES; reply += 1) await read(model, 'Well?');
// The collector frees buffers on a thread of its own, some time after it said that it has.
let keptMib = Number.POSITIVE_INFINITY;
for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
  globalThis.gc?.();
  await sleep(SETTLE_MS);
  keptMib = Math.min(keptMib, held().heldMib - before.heldMib);
}
const facts = {
  ending,
  grownHeldMib: peak.heldMib - before.heldMib,
  grownRssMib: peak.rssMib - before.rssMib,
  keptMib,
};
process.stdout.write(`${JSON.stringify(facts)}\n`);
