import { type ModelTwin, startModelTwin } from '../twins/model/index.ts';
import { detectiveSays } from './lisbon-ledger.ts';

/** The name of its endpoint, and of the model there. */
export const UNDERSTUDY = { endpoint: 'understudy', model: 'understudy-1' } as const;

/** What it costs, had it been bought: so that an estimate and a bill have something to say. */
export const UNDERSTUDY_PRICES = {
  input_per_million_usd: 2,
  cached_input_per_million_usd: 1,
  output_per_million_usd: 8,
};

/** She who steps in for Marta Reis: nearly her words, and once a number that Marta would never have falsified. */
const lines: ReadonlyMap<string, string> = new Map([
  [
    detectiveSays.alibi,
    'At my desk, with the lamp lit and the ledger open. At 22:40 I entered five crates of cork for the Santa Iria. It is in my hand; you may look.',
  ],
  [
    detectiveSays.page,
    'Pages come loose. It rained on eleven of the last twelve nights, and the binding is older than I am. Ask the weather where it went.',
  ],
  [
    detectiveSays.weight,
    'Two hundred and eleven kilos, in two large crates and two small. I weighed them twice. Might I have a glass of water?',
  ],
]);

const OTHERWISE = 'I have nothing to add to the ledger, senhor. Good night.';

/** Starts a model endpoint that answers as she does: a twin in this process, which speaks the wire of a real one and costs nothing. */
export async function startUnderstudy(): Promise<ModelTwin> {
  const twin = await startModelTwin({ host: '127.0.0.1' });
  twin.plan(({ messages }) => ({ text: lines.get(String(messages.at(-1)?.content)) ?? OTHERWISE }));
  return twin;
}
