import { parseArgs } from 'node:util';
import { behaviourSchema, faultNames, parseBehaviour, type TwinBehaviour } from './twin-behaviour.ts';

const INDENT = ' '.repeat(23);
const faultLines = faultNames.join(' ').replace(/(.{60,80}?) /g, `$1\n${INDENT}`);

export const TWIN_USAGE = `A stand-in for an OpenAI-compatible endpoint: repeats what it hears, or misbehaves as it is told.

  --port 9900          0 takes a free one
  --host 127.0.0.1
  --latency 0          milliseconds to the headers
  --first-token 0      milliseconds from the headers to the first token
  --token-delay 0      milliseconds from token to token; 0 sends all at once
  --text "..."         the reply; by default it repeats the last message
  --status 503         every answer is this HTTP status
  --fault NAME         every answer goes wrong like this:
                       ${faultLines}
  --behaviour JSON     all that can be said (infra/twins/model/twin-behaviour.ts); the flags above go before it
  --help, -h

One request only: [[twin: NAME]] or [[twin: JSON]] in its last user message, through Turnledger too:
  {"prompt": "What was that? [[twin: reset_mid_stream]]"}
  {"prompt": "What was that? [[twin: {\\"firstTokenMs\\": 400, \\"fault\\": {\\"kind\\": \\"status\\", \\"status\\": 429, \\"retryAfter\\": \\"1\\"}}]]"}
A request sent straight to the twin may have the same in a header, x-twin-behaviour.`;

/** What the command line asks for. */
export type TwinFlags =
  | { readonly outcome: 'help' }
  | { readonly outcome: 'start'; readonly host: string; readonly port: number; readonly behaviour: TwinBehaviour }
  | { readonly outcome: 'mistake'; readonly message: string };

const options = {
  port: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  latency: { type: 'string' },
  'first-token': { type: 'string' },
  'token-delay': { type: 'string' },
  text: { type: 'string' },
  status: { type: 'string' },
  fault: { type: 'string' },
  behaviour: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const numberLimits = {
  port: { min: 0, max: 65_535, default: 9_900 },
  latency: { min: 0, max: 600_000, default: undefined },
  'first-token': { min: 0, max: 600_000, default: undefined },
  'token-delay': { min: 0, max: 600_000, default: undefined },
  status: { min: 200, max: 599, default: undefined },
} as const;

type NumberFlag = keyof typeof numberLimits;

/** Reads the flags; never throws. A mistake is one line that names the flag. */
export const readTwinFlags = (args: readonly string[]): TwinFlags => {
  const mistakes: string[] = [];
  try {
    const { values } = parseArgs({ options, args: [...args] });
    if (values.help) return { outcome: 'help' };
    const numberOf = (name: NumberFlag): number | undefined => {
      const { min, max, default: otherwise } = numberLimits[name];
      const text = values[name];
      if (text === undefined) return otherwise;
      const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (number >= min && number <= max) return number;
      mistakes.push(`--${name} must be a whole number from ${min} to ${max}`);
      return undefined;
    };
    const port = numberOf('port') ?? 0;
    const whole = values.behaviour === undefined ? undefined : parseBehaviour(values.behaviour);
    if (whole?.outcome === 'malformed') mistakes.push(`--behaviour ${whole.reason}`);
    const status = numberOf('status');
    const name = faultNames.find((one) => one === values.fault);
    if (values.fault !== undefined && name === undefined) mistakes.push(faultMistake(values.fault));
    if (status !== undefined && name !== undefined) mistakes.push('--status and --fault cannot stand together');
    const flat = {
      latencyMs: numberOf('latency'),
      firstTokenMs: numberOf('first-token'),
      tokenDelayMs: numberOf('token-delay'),
      text: values.text,
      fault: status === undefined ? name && { kind: name } : { kind: 'status', status },
    };
    if (mistakes.length > 0) return { outcome: 'mistake', message: mistakes.join('\n') };
    const given = Object.fromEntries(Object.entries(flat).filter(([, value]) => value !== undefined));
    const behaviour = behaviourSchema.parse({ ...(whole?.outcome === 'chosen' ? whole.behaviour : {}), ...given });
    return { outcome: 'start', host: values.host, port, behaviour };
  } catch (error) {
    return { outcome: 'mistake', message: error instanceof Error ? error.message : String(error) };
  }
};

const faultMistake = (given: string): string =>
  given === 'status'
    ? '--fault status needs a number: use --status 503'
    : `--fault ${given} is not one of them: ${faultNames.join(', ')}`;
