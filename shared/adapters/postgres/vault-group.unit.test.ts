import { describe, expect, test } from '@jest/globals';
import { TurnledgerError } from '../../contracts/index.ts';
import { groupByKey } from './vault-group.ts';

/** A group whose runs wait until the test lets them answer. */
function heldGroup(bounds: { readonly maxPerGroup: number; readonly maxQueued: number }) {
  const sent: (readonly string[])[] = [];
  const waiting: ((failure?: TurnledgerError) => void)[] = [];
  const ask = groupByKey<string>({
    ...bounds,
    run: (keys) => {
      sent.push(keys);
      return new Promise((resolve, reject) => {
        waiting.push((failure) =>
          failure ? reject(failure) : resolve(new Map(keys.map((key) => [key, key.toUpperCase()]))),
        );
      });
    },
  });
  /** Lets the group in flight answer, and the next one be sent. */
  const answer = async (failure?: TurnledgerError) => {
    waiting.shift()?.(failure);
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { ask, sent, answer, settle };
}

const roomy = { maxPerGroup: 100, maxQueued: 100 };

describe('groupByKey', () => {
  test('questions of one moment go together', async () => {
    const { ask, sent, answer, settle } = heldGroup(roomy);
    const answers = Promise.all([ask('a'), ask('b')]);
    await settle();
    expect(sent).toEqual([['a', 'b']]);
    await answer();
    expect(await answers).toEqual(['A', 'B']);
  });

  test('what arrives while a group is in flight forms the next one', async () => {
    const { ask, sent, answer, settle } = heldGroup(roomy);
    const first = ask('a');
    await settle();
    const others = Promise.all([ask('b'), ask('c')]);
    await settle();
    expect(sent).toEqual([['a']]);
    await answer();
    expect(sent).toEqual([['a'], ['b', 'c']]);
    await answer();
    expect([await first, ...(await others)]).toEqual(['A', 'B', 'C']);
  });

  test('callers that wait for the same key share one question', async () => {
    const { ask, sent, answer, settle } = heldGroup(roomy);
    const both = Promise.all([ask('a'), ask('a')]);
    await settle();
    expect(sent).toEqual([['a']]);
    await answer();
    expect(await both).toEqual(['A', 'A']);
  });

  test('nobody joins a question that was already sent', async () => {
    const { ask, sent, answer, settle } = heldGroup(roomy);
    const first = ask('a');
    await settle();
    const second = ask('a');
    await answer();
    expect(sent).toEqual([['a'], ['a']]);
    await answer();
    expect(await Promise.all([first, second])).toEqual(['A', 'A']);
  });

  test('a group has no more members than its bound', async () => {
    const { ask, sent, answer, settle } = heldGroup({ maxPerGroup: 2, maxQueued: 100 });
    const answers = Promise.all(['a', 'b', 'c'].map((key) => ask(key)));
    await settle();
    await answer();
    await answer();
    expect(sent).toEqual([['a', 'b'], ['c']]);
    expect(await answers).toEqual(['A', 'B', 'C']);
  });

  test('a full queue refuses at once', async () => {
    const { ask, answer, settle } = heldGroup({ maxPerGroup: 1, maxQueued: 1 });
    const first = ask('a');
    await expect(ask('b')).rejects.toMatchObject({ code: 'store_unavailable' });
    await settle();
    await answer();
    expect(await first).toBe('A');
  });

  test('a failed group fails its members and not the next group', async () => {
    const { ask, answer, settle } = heldGroup(roomy);
    const first = Promise.allSettled([ask('a'), ask('b')]);
    await settle();
    const second = ask('c');
    await answer(new TurnledgerError('store_unavailable'));
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await answer();
    expect(await second).toBe('C');
  });

  test('a key without an answer gives undefined', async () => {
    const ask = groupByKey<string>({ ...roomy, run: async () => new Map() });
    expect(await ask('a')).toBeUndefined();
  });
});
