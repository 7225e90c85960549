import { parseArgs } from 'node:util';
import { isTurnledgerError, TurnledgerError } from '@turnledger/shared/contracts';
import { engineStarters, isEngineName } from './engine-starters.ts';

/**
 * One engine in a process of its own: `guard-engine NAME [--folder FOLDER] [--port PORT] [--secured JSON]`. It prints `{url, pid, description}` when the
 * server is ready, or `{refusal, code}`, and lives until its standard input closes, which the system sees to however its parent ends,
 * SIGKILL included; then the server ends, and its folder goes unless it was given. A server that ends by itself is told as `{ended}`.
 */
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: 'string' }, port: { type: 'string' }, secured: { type: 'string' } },
});
const [name = ''] = positionals;

// Nobody may read what we print any more: the end of the engine matters, not the telling.
process.stdout.on('error', () => undefined);
const parentEnded = new Promise<void>((resolve) => {
  const leave = () => resolve();
  process.stdin.once('close', leave).once('end', leave).once('error', leave).resume();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave);
});
try {
  if (!isEngineName(name)) throw new TurnledgerError('invariant_broken', { detail: `${name} is no engine` });
  const engine = await engineStarters[name]({
    ...(values.folder !== undefined && { folder: values.folder }),
    ...(values.port !== undefined && { port: Number(values.port) }),
    ...(values.secured !== undefined && { secured: JSON.parse(values.secured) }),
  });
  const { url, pid, description } = engine;
  print({ url, pid, description });
  const lastWords = await Promise.race([parentEnded, engine.ended]);
  if (lastWords !== undefined) print({ ended: lastWords });
  await engine.stop();
} catch (error) {
  print({
    refusal: error instanceof Error ? error.message : String(error),
    code: isTurnledgerError(error) ? error.code : '',
  });
  process.exitCode = 1;
}
process.stdin.destroy();
