import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import startTestPostgres from './jest-global-setup.js';

const GUARDS = Symbol.for('turnledger.test-engines');
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const variables = { redis: 'TURNLEDGER_TEST_REDIS_URL', kafka: 'TURNLEDGER_TEST_KAFKA_BROKERS' };

/**
 * Starts one PostgreSQL, one Redis and one Kafka for this jest run and names them in TURNLEDGER_TEST_DATABASE_URL,
 * TURNLEDGER_TEST_REDIS_URL and TURNLEDGER_TEST_KAFKA_BROKERS; what is already set is used as it is. A run whose engine is missing fails
 * with one line that says what to install. TURNLEDGER_TEST_REDIS_PID and TURNLEDGER_TEST_KAFKA_PID are for tests that freeze a server for a
 * moment: files run one after another. A test that kills one starts its own, by infra/engines.
 */
export default async function startTestEngines() {
  globalThis[GUARDS] = [];
  const wanted = Object.entries(variables).filter(([, variable]) => !process.env[variable]);
  const starting = [startTestPostgres(), ...wanted.map(([engine, variable]) => startEngine(engine, variable))];
  // Each is waited for: a guard whose jest has gone in the middle of a start has nobody to tell.
  const failed = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function startEngine(engine, variable) {
  const guard = spawn(
    process.execPath,
    [
      '--conditions=turnledger-source',
      '--import',
      beside('./typescript-hooks.js'),
      beside('../engines/guard-engine.ts'),
      engine,
    ],
    // Its own process group: the Ctrl-C that ends jest must leave it alive to clean up.
    { detached: true, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  globalThis[GUARDS].push(guard);
  const ended = once(guard, 'exit').then(([code]) => [JSON.stringify({ refusal: `its guard ended with ${code}` })]);
  const [line] = await Promise.race([once(createInterface(guard.stdout), 'line'), ended]);
  const { url, pid, refusal } = JSON.parse(line);
  // A string: jest would print the stack of an error above the one line that matters.
  if (url === undefined) return Promise.reject(`no ${engine} for the tests: ${refusal} (or set ${variable})`);
  process.env[variable] = url;
  process.env[`TURNLEDGER_TEST_${engine.toUpperCase()}_PID`] = String(pid);
  for (const part of [guard, guard.stdin, guard.stdout]) part.unref();
}
