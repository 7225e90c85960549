import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { armedText, diedAt, type Failpoint, failpoints, parseArmed } from './failpoints.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Passes two places in a process of its own, three times each, and tells how it ended. */
const passTwoPlaces = (armed: string) => {
  const program = `
    const { parseArmed, passing } = await import(${JSON.stringify(new URL('./failpoints.ts', import.meta.url).href)});
    const pass = passing(parseArmed(${JSON.stringify(armed)}));
    for (const round of [1, 2, 3]) for (const name of ['after_claim', 'mid_stream']) {
      pass(name);
      process.stdout.write(name + round + ' ');
    }`;
  const hooks = ['--import', at('../checks/typescript-hooks.js'), '--input-type=module', '--eval', program];
  const { signal, stdout, stderr } = spawnSync(process.execPath, hooks, { encoding: 'utf8' });
  return { signal, stdout, place: diedAt(stderr) };
};

test('an armed place kills at the passing it was armed for, and says where', () => {
  expect(passTwoPlaces('mid_stream:2')).toEqual({
    signal: 'SIGKILL',
    stdout: 'after_claim1 mid_stream1 after_claim2 ',
    place: 'mid_stream',
  });
});

test('without one nothing happens', () => {
  expect(passTwoPlaces('')).toMatchObject({ signal: null, place: undefined });
});

test.each(failpoints)('%s is armed by its text', (name: Failpoint) => {
  expect(parseArmed(armedText({ name, passing: 3 }))).toEqual({ name, passing: 3 });
});

test.each([undefined, '', 'nowhere:1', 'mid_stream', 'mid_stream:x'])('%s arms nothing', (text) => {
  expect(parseArmed(text)).toBeUndefined();
});
