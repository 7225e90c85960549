import { TurnledgerError } from '@turnledger/shared/contracts';
import type { ComposeProcess } from './read-compose.ts';

/** One process to start. */
export interface PlannedProcess {
  /** `command-api`, and `command-api-2` for the second of them. */
  readonly name: string;
  readonly service: string;
  readonly port: number;
  /** What Node itself is told, before the program: `--heap-growing-percent=30`. */
  readonly nodeFlags: readonly string[];
  readonly program: string;
  /** The program's own arguments. */
  readonly parameters: readonly string[];
  readonly environment: { readonly [name: string]: string };
}

export interface PlanOptions {
  /** Where the engines really are, by the variable that names each. */
  readonly stores: { readonly [variable: string]: string };
  /** Free ports of loopback; one is taken for each process but the first edge. */
  readonly ports: Iterator<number>;
  /** Of the edge. */
  readonly port: number;
  /** How many of each service; one where it is not named. */
  readonly instances: { readonly [service: string]: number };
  /** Tokens are asked for. */
  readonly hasTokens: boolean;
}

/** Names of other services in a value, with their ports: `http://command-api:8081`. */
const UPSTREAM = /^http:\/\/([a-z-]+):\d+$/;

/** Node's own flags end where the program's name begins: each is one word. Throws `config_invalid` for a command that is not Node's. */
function readCommand(name: string, [node, ...words]: readonly string[]) {
  const place = words.findIndex((word) => !word.startsWith('-'));
  const program = words[place];
  if (node !== 'node' || program === undefined)
    throw new TurnledgerError('config_invalid', { detail: `docker-compose.yml: ${name} does not run node` });
  return { nodeFlags: words.slice(0, place), program, parameters: words.slice(place + 1) };
}

/**
 * Turns the processes of docker-compose.yml into ones of this machine: the same programs and variables, with the real addresses of the
 * engines, a port of loopback for each, and the addresses of all instances where one service calls another. Pure. Throws `config_invalid`
 * for a command that is not Node's.
 */
export function planProcesses(all: readonly ComposeProcess[], options: PlanOptions): readonly PlannedProcess[] {
  const { stores, ports, port, instances, hasTokens } = options;
  const placed = all.flatMap((one) =>
    Array.from({ length: instances[one.name] ?? 1 }, (_, index) => ({
      ...one,
      instance: index === 0 ? one.name : `${one.name}-${index + 1}`,
      port: one.name === 'edge' && index === 0 ? port : Number(ports.next().value),
    })),
  );
  const upstreamsOf = (value: string): string => {
    const service = UPSTREAM.exec(value)?.[1];
    const found = placed.filter(({ name }) => name === service);
    return found.length === 0 ? value : found.map((one) => `http://127.0.0.1:${one.port}`).join(',');
  };
  const here = ([name, value]: [string, string]): readonly [string, string][] => {
    // Loopback takes no names besides its own, and without a secret for tokens none may be listed.
    if (name === 'TURNLEDGER_HOST') return [[name, '127.0.0.1']];
    if (name === 'TURNLEDGER_ALLOWED_HOSTS' && !hasTokens) return [];
    return [[name, stores[name] ?? upstreamsOf(value)]];
  };
  return placed.map(({ name, instance, command, environment, ...one }) => {
    const variables = Object.fromEntries(Object.entries(environment).flatMap(here));
    return {
      name: instance,
      service: name,
      port: one.port,
      ...readCommand(name, command),
      environment: { ...variables, PORT: String(one.port) },
    };
  });
}
