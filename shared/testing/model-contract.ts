import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Model, ModelEvent, ModelRequest } from '../ports/index.ts';

/** A model that answers `request` at a pace of a few milliseconds a word, so that an abort can fall between two. */
export interface ModelUnderTest {
  readonly model: Model;
  close(): Promise<void>;
}

/** A request in the shape in which the worker assembles them. */
export const modelRequest = (
  said = 'Good evening. Have you seen my brother?',
  parameters: Partial<ModelRequest['parameters']> = {},
): ModelRequest => ({
  endpoint: 'default',
  model: 'some-model',
  messages: [
    { role: 'system', content: 'You are Mira.\n\nYou keep the inn at the crossroads.' },
    { role: 'user', content: said },
  ],
  parameters: { stop: [], ...parameters },
});

/** The id that calls have here. */
export const sampleCallId = '01890000-0000-7000-8000-00000000ca11';

/** Reads a reply to its end. */
export const readModel = async (
  model: Model,
  request: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly ModelEvent[]> => {
  const events: ModelEvent[] = [];
  for await (const event of model.reply(request, sampleCallId, signal)) events.push(event);
  return events;
};

/** What a reader has been told, deltas joined. */
export const saidBy = (events: readonly ModelEvent[]): string =>
  events.map((event) => (event.kind === 'delta' ? event.text : '')).join('');

const MAX_ABORT_MS = 100;

/** The rules of the Model port that hold for every adapter, whatever it says. */
export function modelContract(adapter: string, open: () => Promise<ModelUnderTest>): void {
  describe(`Model: ${adapter}`, () => {
    let opened: ModelUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test('says deltas, then exactly one ending, then nothing', async () => {
      const events = await readModel(opened.model, modelRequest());
      expect(events.length).toBeGreaterThan(2);
      expect(events.slice(0, -1).map(({ kind }) => kind)).toEqual(events.slice(1).map(() => 'delta'));
      expect(events.at(-1)).toMatchObject({ kind: 'ended', finishReason: 'stop', model: expect.stringMatching(/./) });
    });

    test('no delta is empty', async () => {
      const events = await readModel(opened.model, modelRequest());
      expect(events.filter((event) => event.kind === 'delta' && event.text === '')).toEqual([]);
    });

    test('counts what went in and what came out', async () => {
      const ended = (await readModel(opened.model, modelRequest())).at(-1);
      expect(ended).toMatchObject({ usage: { cached: 0, reasoning: 0 } });
      expect(ended?.kind === 'ended' && (ended.usage?.input ?? 0) > 0 && (ended.usage?.output ?? 0) > 0).toBe(true);
    });

    test('gives the same text to the same request, and another one to another', async () => {
      const [first, again, other] = [
        await readModel(opened.model, modelRequest()),
        await readModel(opened.model, modelRequest()),
        await readModel(opened.model, modelRequest('I left a blue lantern by the gate.')),
      ];
      expect(saidBy(again)).toBe(saidBy(first));
      expect(saidBy(other)).not.toBe(saidBy(first));
    });

    test('answers several at once without mixing them', async () => {
      const saids = Array.from({ length: 8 }, (_, index) => `Door number ${index} stands open.`);
      const alone = [];
      for (const said of saids) alone.push(saidBy(await readModel(opened.model, modelRequest(said))));
      const together = await Promise.all(saids.map((said) => readModel(opened.model, modelRequest(said))));
      expect(together.map(saidBy)).toEqual(alone);
    });

    test('an aborted reply ends within 100 ms, without an ending', async () => {
      const abort = new AbortController();
      const events: ModelEvent[] = [];
      let abortedAtMs = 0;
      for await (const event of opened.model.reply(modelRequest(), sampleCallId, abort.signal)) {
        events.push(event);
        abortedAtMs ||= performance.now();
        abort.abort();
      }
      expect(performance.now() - abortedAtMs).toBeLessThan(MAX_ABORT_MS);
      expect(events.map(({ kind }) => kind)).toEqual(['delta']);
    });

    test('an abort while nothing comes wakes the reader', async () => {
      const abort = new AbortController();
      const reply = opened.model.reply(modelRequest(), sampleCallId, abort.signal)[Symbol.asyncIterator]();
      await reply.next();
      const next = reply.next();
      abort.abort();
      const abortedAtMs = performance.now();
      expect(await next).toEqual({ done: true, value: undefined });
      expect(performance.now() - abortedAtMs).toBeLessThan(MAX_ABORT_MS);
    });

    test('a signal that has already aborted gets nothing', async () => {
      expect(await readModel(opened.model, modelRequest(), AbortSignal.abort())).toEqual([]);
    });

    test('leaves no listener on the signal it was given', async () => {
      const { signal } = new AbortController();
      let listeners = 0;
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = (...input: Parameters<typeof addEventListener>) => {
        listeners += 1;
        addEventListener.apply(signal, input);
      };
      signal.removeEventListener = (...input: Parameters<typeof removeEventListener>) => {
        listeners -= 1;
        removeEventListener.apply(signal, input);
      };
      await readModel(opened.model, modelRequest(), signal);
      expect(listeners).toBeLessThanOrEqual(0);
    });
  });
}
