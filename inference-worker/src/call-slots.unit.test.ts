import { expect, test } from '@jest/globals';
import { CallSlots } from './call-slots.ts';

/** Work that stays until it is let go. */
function held() {
  let [letGo, hasBegun]: [() => void, boolean] = [() => {}, false];
  const work = () => {
    hasBegun = true;
    return new Promise<void>((resolve) => {
      letGo = resolve;
    });
  };
  return { work, letGo: () => letGo(), hasBegun: () => hasBegun };
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

test('as many run at once as there are slots, the others in their turn', async () => {
  const slots = new CallSlots(2);
  const works = [held(), held(), held(), held()];
  const done = works.map(({ work }) => slots.within(work));
  await tick();
  expect(works.map((one) => one.hasBegun())).toEqual([true, true, false, false]);
  works[1]?.letGo();
  await tick();
  expect(works.map((one) => one.hasBegun())).toEqual([true, true, true, false]);
  works[0]?.letGo();
  await tick();
  for (const one of works) one.letGo();
  await Promise.all(done);
  expect(await slots.within(async () => 'free again')).toBe('free again');
});

test('work that throws gives its slot back', async () => {
  const slots = new CallSlots(1);
  await expect(slots.within(() => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken');
  expect(await slots.within(async () => 1)).toBe(1);
});
