import { isTurnledgerError } from '@turnledger/shared/contracts';
import { createLog, endBySignal, readEmbeddedConfig } from '@turnledger/shared/runtime';
import { type RunningEmbedded, startEmbedded } from './start-embedded.ts';

const print = (line: string) => process.stdout.write(`${line}\n`);

function fail(error: unknown): never {
  const message = isTurnledgerError(error) ? error.message : String(error);
  process.stderr.write(`turnledger: ${message}\n`);
  if (!isTurnledgerError(error) && typeof error === 'object' && error !== null && 'stack' in error)
    process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

/** What a person at the terminal needs: where it is, who answers, where the data is, and something to try. */
function greet(running: RunningEmbedded, hasUnusedApiKey: boolean): void {
  const [[, model = ''] = [], ...others] = running.models;
  const isScripted = model === 'scripted';
  print(`Turnledger  ${running.url}`);
  print(
    `model       ${model}${isScripted ? ' (offline, costs nothing; set OPENAI_BASE_URL or TURNLEDGER_MODEL for a real one)' : ''}`,
  );
  for (const [endpoint, name] of others) print(`            ${name} at the endpoint ${endpoint}`);
  if (hasUnusedApiKey) print('            OPENAI_API_KEY was found and is not used');
  print(
    running.hasTokens
      ? `access      Bearer tokens of TURNLEDGER_JWT_SECRET, at ${running.host}`
      : 'access      this machine alone, and without tokens: whoever calls is the operator (TURNLEDGER_JWT_SECRET changes that)',
  );
  print(`data        ${running.dataDir}`);
  if (running.newMasterKeyPath !== undefined)
    print(`key         ${running.newMasterKeyPath} (new: lose it and every text is unreadable)`);
  print('');
  print('Try it:');
  const bearer = running.hasTokens
    ? ' -H "authorization: Bearer $(npm run -s token -- --role player --sub alice)"'
    : '';
  print(
    `  curl -s ${running.url}/llm/generate${bearer} -H 'content-type: application/json' -d '{"prompt":"Where were you at 22:40?"}'`,
  );
}

try {
  const config = readEmbeddedConfig(process.env);
  const starting = startEmbedded(config, createLog(config.logLevel));
  // Before anything is started for good: a signal that comes now must not leave a database behind.
  const isEnding = endBySignal(() =>
    starting.then(
      (started) => started.stop(),
      () => undefined,
    ),
  );
  const running = await starting;
  if (!isEnding()) greet(running, config.hasUnusedApiKey);
  await running.lost;
  if (!isEnding()) fail('the database cannot be started again or its folder was taken over; Turnledger ends too');
} catch (error) {
  fail(error);
}
