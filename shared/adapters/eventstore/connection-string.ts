import { EventStoreDBClient } from '@eventstore/db-client';
import { TurnledgerError } from '../../contracts/index.ts';

/** A connection string that the client has taken, and what the adapter must know of it. */
export interface EventStoreConnection {
  /** A new client, not connected yet. Clients that are open at the same time share one connection. */
  client(): EventStoreDBClient;
  readonly credentials: { readonly username: string; readonly password: string };
  /** Hosts and ports, without credentials: what a log line may name. */
  readonly address: string;
}

const invalid = (detail: string, cause?: unknown) =>
  new TurnledgerError('config_invalid', { detail: `EVENTSTORE_URL ${detail}`, cause });

/** Without the text itself, which may hold a password: where the client's parser stopped, and what it expected there. */
function parserComplaint(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'is malformed';
  if ('expected' in error && 'location' in error && Array.isArray(error.location)) {
    return `is malformed: ${String(error.expected)} expected at character ${Number(error.location[0]) + 1}`;
  }
  return `cannot be used: ${'message' in error ? String(error.message) : String(error)}`;
}

/** What the client reads from the query; it takes any case, and `_` or `-` between words. */
const options = [
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'throwonappendfailure',
  'tls',
  'tlscafile',
  'tlsverifycert',
  'usercertfile',
  'userkeyfile',
];

/** The client would ignore these with a warning that prints the whole string, password and all. */
function refuseIgnoredOptions(query: string): void {
  for (const pair of query === '' ? [] : query.split('&')) {
    const [name = '', value = ''] = pair.split('=', 2);
    const flat = name.trim().toLowerCase().replace(/[_-]/g, '');
    if (!options.includes(flat)) throw invalid(`has an option that the client does not know: ${name}`);
    if (flat === 'tlsverifycert' && value.trim() === 'false') {
      throw invalid('says tlsVerifyCert=false, which this client does not do: name the authority by tlsCAFile');
    }
  }
}

const decoded = (part: string) => {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw invalid('has credentials that are not percent-encoded', cause);
  }
};

/**
 * Reads a connection string as the client does, before anything is sent. Throws `config_invalid` with one line that never shows a
 * password: for another scheme than esdb:// (or esdb+discover://; the client does not know kurrentdb://), a part that cannot be read,
 * an option it would ignore, a certificate file that is not there, TLS without credentials.
 *
 * An insecure server takes any credentials, and the client sends none to it; they are named all the same, because they are what makes
 * the client append by one call each instead of one shared stream, whose failure takes every append of the process with it.
 */
export function eventStoreConnection(url: string): EventStoreConnection {
  const parts = /^(?<scheme>[a-z+]+):\/\/(?:(?<user>[^:@/?]+):(?<password>[^:@]+)@)?(?<rest>[^@]*)$/.exec(url.trim());
  if (parts?.groups === undefined) throw invalid('is not a connection string like esdb://host:2113?tls=false');
  const { scheme = '', user, password, rest = '' } = parts.groups;
  if (scheme !== 'esdb' && scheme !== 'esdb+discover') {
    throw invalid(`begins with ${scheme}://, but this client understands esdb:// and esdb+discover:// alone`);
  }
  const [address = '', query = ''] = rest.split('?', 2);
  const isPlain = /(?:^|&)tls=false(?:&|$)/i.test(query);
  if (user === undefined && !isPlain)
    throw invalid('needs user:password@ for TLS, or tls=false for a server without it');
  refuseIgnoredOptions(query);
  const separator = query === '' ? '?' : '&';
  const base = url.trim().replace(/[/?]+$/, '');
  // Failures throw, whatever the string says: the other mode reports nonsense. The last of two equal options counts.
  const client = () => EventStoreDBClient.connectionString(`${base}${separator}throwOnAppendFailure=true`);
  const credentials = { username: decoded(user ?? 'anonymous'), password: decoded(password ?? 'none') };
  try {
    client(); // connects to nothing: only reads the string and the files that it names
  } catch (error) {
    throw invalid(parserComplaint(error), error);
  }
  return { client, credentials, address: address.replace(/\/+$/, '') };
}
