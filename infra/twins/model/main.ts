import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startModelTwin } from './model-twin.ts';
import { behaviourSchema } from './twin-behaviour.ts';

const USAGE = `A stand-in for an OpenAI-compatible endpoint.

  --port 9900          0 takes a free one
  --host 127.0.0.1
  --latency 0          milliseconds to the headers
  --first-token 0      milliseconds from the headers to the first token
  --token-delay 0      milliseconds from token to token
  --text "..."         the reply; by default it repeats the last message
  --fault reset        one of the faults in twin-behaviour.ts

One request only: put [[twin: {"fault":{"kind":"reset_mid_stream"}}]] into its last user message, or the JSON into the header x-twin-behaviour.`;

const options = {
  port: { type: 'string', default: '9900' },
  host: { type: 'string', default: '127.0.0.1' },
  latency: { type: 'string', default: '0' },
  'first-token': { type: 'string', default: '0' },
  'token-delay': { type: 'string', default: '0' },
  text: { type: 'string' },
  fault: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const read = () => {
  const { values } = parseArgs({ options });
  const behaviour = behaviourSchema.safeParse({
    latencyMs: Number(values.latency),
    firstTokenMs: Number(values['first-token']),
    tokenDelayMs: Number(values['token-delay']),
    ...(values.text === undefined ? {} : { text: values.text }),
    ...(values.fault === undefined ? {} : { fault: { kind: values.fault } }),
  });
  const port = z.coerce.number().int().min(0).max(65_535).safeParse(values.port);
  return { help: values.help, host: values.host, port, behaviour };
};

const fail = (message: string) => {
  process.stderr.write(`${message}\n\n${USAGE}\n`);
  process.exitCode = 2;
};

const main = async (): Promise<void> => {
  const { help, host, port, behaviour } = read();
  if (help) return void process.stdout.write(`${USAGE}\n`);
  if (!port.success) return fail('--port must be a number from 0 to 65535');
  if (!behaviour.success) return fail(z.prettifyError(behaviour.error));
  const twin = await startModelTwin({ host, port: port.data, behaviour: behaviour.data });
  const stop = () => void twin.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  process.stdout.write(`The model twin answers at ${twin.url}\nUse it: OPENAI_BASE_URL=${twin.url} npm start\n`);
};

await main().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
