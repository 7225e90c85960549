import { isIP, isIPv4 } from 'node:net';
import { limits } from '../contracts/index.ts';
import { loopbackHosts } from './http/allowed-callers.ts';
import type { GivenEnvironment } from './model-config.ts';

/** Who may call, and where. */
export interface AccessConfig {
  /** The address to listen on; a loopback one unless there is a secret. */
  readonly host: string;
  /** Host names that requests may carry; the loopback's are always among them. */
  readonly allowedHosts: readonly string[];
  /** What tokens are signed with, as the bytes of the variable's text; undefined: no tokens, whoever reaches us is the operator. */
  readonly jwtSecret: Buffer | undefined;
}

export interface ReadAccess {
  readonly access: AccessConfig;
  /** One line for each thing that is wrong; none of them repeats a value. */
  readonly mistakes: readonly string[];
}

const LOOPBACK = '127.0.0.1';

const isLoopback = (host: string): boolean => host === '::1' || (isIPv4(host) && host.startsWith('127.'));
const isEveryAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** A name or an address in brackets as a Host header has it, without a port. */
const HOST_NAME = /^([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/;

/**
 * Reads TURNLEDGER_JWT_SECRET, TURNLEDGER_HOST and TURNLEDGER_ALLOWED_HOSTS. Without a secret nothing but the loopback is served, whatever
 * the other two say: an open port with an operator behind it must not come of a forgotten variable.
 */
export function readAccess(given: GivenEnvironment): ReadAccess {
  const { TURNLEDGER_JWT_SECRET: secret, TURNLEDGER_HOST: host = LOOPBACK } = given;
  const mistakes: string[] = [];
  const names = (given.TURNLEDGER_ALLOWED_HOSTS ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const jwtSecret = secret === undefined ? undefined : Buffer.from(secret, 'utf8');

  if (jwtSecret && jwtSecret.length < limits.access.minSecretBytes)
    mistakes.push(`TURNLEDGER_JWT_SECRET must have at least ${limits.access.minSecretBytes} bytes`);
  if (names.length > limits.access.maxAllowedHosts)
    mistakes.push(`TURNLEDGER_ALLOWED_HOSTS names more than ${limits.access.maxAllowedHosts} hosts`);
  if (!names.every((name) => HOST_NAME.test(name)))
    mistakes.push('TURNLEDGER_ALLOWED_HOSTS must be host names without ports, apart by commas');
  if (!jwtSecret && names.length > 0)
    mistakes.push('TURNLEDGER_ALLOWED_HOSTS needs TURNLEDGER_JWT_SECRET: without tokens only the loopback is served');
  mistakes.push(...hostMistakes(host, jwtSecret !== undefined, names.length > 0));
  const allowedHosts = [...new Set([...loopbackHosts, ...addressAsHost(host), ...names])];
  return { access: { host, jwtSecret, allowedHosts }, mistakes };
}

function hostMistakes(host: string, hasSecret: boolean, hasNames: boolean): readonly string[] {
  if (isIP(host) === 0) return ['TURNLEDGER_HOST must be an IP address of this machine'];
  if (!hasSecret && !isLoopback(host))
    return ['TURNLEDGER_HOST needs TURNLEDGER_JWT_SECRET: without tokens only the loopback is served'];
  if (isEveryAddress(host) && !hasNames)
    return ['TURNLEDGER_HOST is every address, but TURNLEDGER_ALLOWED_HOSTS names no host that requests may carry'];
  return [];
}

/** A bound address may be called by: DNS rebinding needs a name. */
const addressAsHost = (host: string): readonly string[] => {
  if (isIP(host) === 0 || isEveryAddress(host)) return [];
  return [isIPv4(host) ? host : `[${host.toLowerCase()}]`];
};
