import { expect, test } from '@jest/globals';
import { CallOff } from './call-off.ts';

/** Presses Ctrl-C so often during a work, and so often behind it; what that did. */
async function pressed({ during, behind }: { readonly during: number; readonly behind: number }) {
  const done: string[] = [];
  const ctrlC = new CallOff(() => done.push('end'));
  const press = (times: number) => {
    for (let time = 0; time < times; time += 1) ctrlC.press();
  };
  await ctrlC.during(
    () => done.push('call off'),
    async () => press(during),
  );
  press(behind);
  return done;
}

test.each([
  [{ during: 1, behind: 0 }, ['call off']],
  [{ during: 2, behind: 0 }, ['call off', 'end']],
  [{ during: 1, behind: 1 }, ['call off', 'end']],
  [{ during: 0, behind: 1 }, ['end']],
])('pressed %j it does %j', async (times, done) => {
  expect(await pressed(times)).toEqual(done);
});
