import { once } from 'node:events';

const GUARD = Symbol.for('turnledger.test-postgres');

/** Closes the guard's standard input, which ends the PostgreSQL of this run, and waits until it has cleaned up. */
export default async function stopTestPostgres() {
  const guard = globalThis[GUARD];
  if (guard === undefined || guard.exitCode !== null) return;
  guard.ref();
  guard.stdin.end();
  await once(guard, 'exit');
}
