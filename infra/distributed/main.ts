import { parseArgs } from 'node:util';
import { isTurnledgerError, TurnledgerError } from '@turnledger/shared/contracts';
import { endBySignal } from '@turnledger/shared/runtime';
import { type RunningDistributed, startDistributed } from './start-distributed.ts';

const USAGE = `npm run distributed -- [--data FOLDER] [--command-apis N] [--query-apis N] [--workers N] [--projectors N]

Starts the processes of docker-compose.yml on this machine, on a real Kafka, Redis and PostgreSQL, and the event-store twin.
  --data .turnledger-distributed   what is kept for the next start
  PORT                             of the edge; 8080
  EVENTSTORE_URL, KAFKA_BROKERS, REDIS_URL, DATABASE_URL    a server of yours instead of ours
and every other variable that docker-compose.yml names.
`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

function fail(error: unknown): void {
  const message = isTurnledgerError(error) ? error.message : String(error);
  process.stderr.write(`distributed: ${message}\n`);
  if (!isTurnledgerError(error) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}

/** What a person at the terminal needs: where it is, who answers, and something to try. */
function greet({ url, hasTokens, processes, isNewKey }: RunningDistributed, folder: string): void {
  const bearer = hasTokens ? ' -H "authorization: Bearer $(npm run -s token -- --role player --sub alice)"' : '';
  print('');
  for (const { name, url: own, pid } of processes) print(`${name.padEnd(18)}${own}  process ${pid}`);
  print(
    `data              ${folder}${isNewKey ? ' (with a new master.key: lose it and every text is unreadable)' : ''}`,
  );
  print(
    hasTokens
      ? 'access            Bearer tokens of TURNLEDGER_JWT_SECRET'
      : 'access            this machine alone, and without tokens: whoever calls is the operator',
  );
  print('');
  print(`Turnledger  ${url}`);
  print('');
  print('Try it:');
  print(
    `  curl -s ${url}/llm/generate${bearer} -H 'content-type: application/json' -d '{"prompt":"Where were you at 22:40?"}'`,
  );
}

const count = (text: string | undefined, flag: string): number => {
  if (text === undefined) return 1;
  const isCount = /^\d{1,2}$/.test(text) && Number(text) > 0;
  if (!isCount)
    throw new TurnledgerError('config_invalid', { detail: `--${flag} must be a whole number from 1 to 99` });
  return Number(text);
};

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      data: { ...text, default: '.turnledger-distributed' },
      'command-apis': text,
      'query-apis': text,
      workers: text,
      projectors: text,
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return print(USAGE);
  const port = process.env.PORT || '8080';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new TurnledgerError('config_invalid', { detail: 'PORT must be a port number from 0 to 65535' });
  const starting = startDistributed({
    folder: values.data,
    port: Number(port),
    instances: {
      'command-api': count(values['command-apis'], 'command-apis'),
      'query-api': count(values['query-apis'], 'query-apis'),
      'inference-worker': count(values.workers, 'workers'),
      projectors: count(values.projectors, 'projectors'),
    },
    env: process.env,
    tell: (name, line) => void process.stderr.write(name === 'distributed' ? `${line}\n` : `${name} | ${line}\n`),
  });
  // Before anything is started for good: a signal that comes now must not leave a server behind.
  const isEnding = endBySignal(() =>
    starting.then(
      (started) => started.stop(),
      () => undefined,
    ),
  );
  const running = await starting;
  if (!isEnding()) greet(running, values.data);
  const lost = await running.lost;
  if (isEnding()) return;
  fail(lost);
  await running.stop();
  // Whatever a child left open must not keep a failed runner alive.
  process.exit();
}

await main().catch(fail);
