import { isIP } from 'node:net';
import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { z } from 'zod';

/** What the edge runs with. */
export interface EdgeConfig {
  readonly port: number;
  readonly host: string;
  readonly logLevel: string;
  /** Where commands go, in turns. */
  readonly commandApis: readonly [URL, ...URL[]];
  /** Where GET and HEAD go, in turns. */
  readonly queryApis: readonly [URL, ...URL[]];
}

const MAX_PORT = 65_535;
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\./.test(host);

const isUpstream = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, username } = new URL(text);
  return protocol === 'http:' && pathname === '/' && search === '' && username === '';
};
const FORM = 'must be http://host:port, or several apart by commas';
const upstreams = z
  .string(FORM)
  .transform((text) => text.split(',').map((one) => one.trim()))
  .refine((all) => all.length <= limits.edge.maxUpstreams && all.every(isUpstream), FORM)
  .transform(([first = '', ...others]): readonly [URL, ...URL[]] => [
    new URL(first),
    ...others.map((one) => new URL(one)),
  ]);

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const environment = z.object({
  PORT: z
    .string()
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT, `must be a port number from 0 to ${MAX_PORT}`)
    .default('8080')
    .transform(Number),
  TURNLEDGER_HOST: z
    .string()
    .refine((host) => isIP(host) !== 0, 'must be an IP address of this machine')
    .default('127.0.0.1'),
  LOG_LEVEL: z.enum(levels, `must be one of ${levels.join(', ')}`).default('warn'),
  COMMAND_API_URL: upstreams,
  QUERY_API_URL: upstreams,
});

/** Every variable that the edge reads. */
export const edgeVariables: readonly string[] = Object.keys(environment.shape);

/**
 * Reads the configuration, once, at start. Throws `config_invalid` with one line for each mistake. An API on a loopback address may take
 * everybody for its operator, so an edge in front of one stays on loopback too; an API elsewhere has tokens, or it would not listen there.
 */
export function readEdgeConfig(env: { readonly [name: string]: string | undefined }): EdgeConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new TurnledgerError('config_invalid', { detail: mistakes.join('\n') });
  }
  const { PORT: port, LOG_LEVEL: logLevel, TURNLEDGER_HOST: host } = parsed.data;
  const { COMMAND_API_URL: commandApis, QUERY_API_URL: queryApis } = parsed.data;
  if (!isLoopback(host) && [...commandApis, ...queryApis].some(({ hostname }) => isLoopback(hostname))) {
    const detail =
      'TURNLEDGER_HOST is beyond loopback, but an API is on it and may take whoever calls for its operator';
    throw new TurnledgerError('config_invalid', { detail });
  }
  return { port, host, logLevel, commandApis, queryApis };
}
