import { expect, test } from '@jest/globals';
import { CallPlaces } from './call-places.ts';

/** Takes a place and says so. */
const taking = (places: CallPlaces, name: string, taken: string[]) =>
  places.take().then((leave) => {
    taken.push(name);
    return leave;
  });

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('as many places are taken as there are, and left ones go to who came first', async () => {
  const places = new CallPlaces(2);
  const taken: string[] = [];
  const [first] = ['first', 'second', 'third', 'fourth'].map((name) => taking(places, name, taken));
  await settled();
  expect(taken).toEqual(['first', 'second']);
  (await first)?.();
  await settled();
  expect(taken).toEqual(['first', 'second', 'third']);
});

test('a place that is left twice is free once', async () => {
  const places = new CallPlaces(1);
  const leave = await places.take();
  leave();
  leave();
  const taken: string[] = [];
  for (const name of ['next', 'after it']) void taking(places, name, taken);
  await settled();
  expect(taken).toEqual(['next']);
});
