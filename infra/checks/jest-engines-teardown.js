import { once } from 'node:events';
import stopTestPostgres from './jest-global-teardown.js';

const GUARDS = Symbol.for('turnledger.test-engines');

/** Closes the guards' standard input, which ends the engines of this run, and waits until they have cleaned up. */
export default async function stopTestEngines() {
  const guards = (globalThis[GUARDS] ?? []).filter((guard) => guard.exitCode === null);
  const stopping = guards.map((guard) => {
    guard.ref();
    guard.stdin.end();
    return once(guard, 'exit');
  });
  await Promise.all([stopTestPostgres(), ...stopping]);
}
