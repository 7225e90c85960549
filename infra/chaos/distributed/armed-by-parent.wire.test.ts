import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deathIn } from '../failpoints.ts';
import { armLine } from './armed-by-parent.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Passes two places in turns, one each 5 ms, and says so. */
const PROGRAM = `
  const { armedByParent } = await import(${JSON.stringify(at('./armed-by-parent.ts'))});
  const pass = armedByParent();
  console.log('ready');
  let passings = 0;
  setInterval(() => {
    passings += 1;
    pass('before_claim', 'turn-' + passings);
    pass('after_claim');
  }, 5);
`;

let child: ChildProcess;
let stderr: string;
let closed: Promise<unknown[]>;

beforeEach(async () => {
  child = spawn(
    process.execPath,
    [
      '--conditions=turnledger-source',
      '--import',
      at('../../checks/typescript-hooks.js'),
      '--input-type=module',
      '--eval',
      PROGRAM,
    ],
    { stdio: 'pipe', env: { PATH: process.env.PATH, HOME: process.env.HOME } },
  );
  stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.on('error', () => undefined); // It died first, as it was told to.
  closed = once(child, 'close');
  if (child.stdout) await once(createInterface(child.stdout), 'line');
});
afterEach(() => {
  child.kill('SIGKILL');
});

test('dies by SIGKILL at the place that was armed while it ran, and names the turn', async () => {
  child.stdin?.write(armLine('before_claim', 3));
  await closed;
  expect(child.signalCode).toBe('SIGKILL');
  expect(deathIn(stderr)).toEqual({ place: 'before_claim', turnId: expect.stringMatching(/^turn-\d+$/) });
});

test('the newest line counts, and one that names no place disarms', async () => {
  child.stdin?.write(`${armLine('before_claim', 1_000_000)}\n${armLine('after_claim', 1)}`);
  await closed;
  expect(deathIn(stderr)).toEqual({ place: 'after_claim', turnId: undefined });
});

test('ends when its parent lets go of it', async () => {
  child.stdin?.end();
  await closed;
  expect(child.signalCode).toBe('SIGTERM');
  expect(deathIn(stderr)).toBeUndefined();
});
