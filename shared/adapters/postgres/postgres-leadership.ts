import { createHash } from 'node:crypto';
import { limits, TurnledgerError } from '../../contracts/index.ts';
import type { Clock, Leadership } from '../../ports/index.ts';
import type { PostgresConnection } from './connection.ts';
import { connectDedicated, type DedicatedClient } from './dedicated-client.ts';
import { timedQuery } from './timed-query.ts';

const { retryMs, checkMs } = limits.leadership;
const answerTimeoutMs = 2 * checkMs;

/** First half of every lock of ours, so that no other program's advisory locks in the same database meet them. ASCII `TRNL`. */
const LOCK_SPACE = 0x54524e4c;

// A holder that is frozen keeps its connection: its kernel answers for it. It asks once a second while it lives (checkMs), so a server from
// PostgreSQL 14 on ends a connection that has asked nothing for 6 s; an older one cannot.
// A server that hears nothing from a holder lets the lock go after 8 s, not after the system's two hours. The holder gives up sooner:
// it notices within 3 s (checkMs and one answer), so that the two do not lead at once.
const SETTINGS = `
  set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3;
  set tcp_user_timeout = 8000;
  select set_config('idle_session_timeout', '6s', false) where current_setting('server_version_num')::int >= 140000`;

export interface PostgresLeadershipOptions {
  readonly connection: PostgresConnection;
  readonly clock: Clock;
  /** Told of each failure of the work and of the store, a lost lead too; the loop goes on after it. */
  readonly report: (name: string, error: unknown) => void;
}

/** Second half of a name's lock: 32 bits of its SHA-256. Names that share them would take turns; we have a handful. */
const lockOf = (name: string) => createHash('sha256').update(name).digest().readInt32BE(0);

/** Aborts when one of the signals has; `unlink` takes its listeners away again. */
function linked(signals: readonly AbortSignal[]) {
  const either = new AbortController();
  const abort = () => either.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  }
  const unlink = () => {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  };
  return { signal: either.signal, abort, unlink };
}

/** Tries once every second; false when the signal aborted first. */
async function campaign(
  { client }: DedicatedClient,
  name: string,
  signal: AbortSignal,
  clock: Clock,
): Promise<boolean> {
  while (!signal.aborted) {
    const text = 'select pg_try_advisory_lock($1, $2) as leads';
    const { rows } = await timedQuery<{ leads: boolean }>(client, text, [LOCK_SPACE, lockOf(name)], answerTimeoutMs);
    if (rows[0]?.leads) return true;
    await clock.sleep(retryMs, signal);
  }
  return false;
}

/** Asks once a second whether the connection still stands, and cuts it, which ends the lead, when no answer comes. */
async function watch(held: DedicatedClient, signal: AbortSignal, clock: Clock): Promise<void> {
  for (;;) {
    await clock.sleep(checkMs, signal);
    if (signal.aborted) return;
    try {
      await timedQuery(held.client, 'select 1', [], answerTimeoutMs);
    } catch {
      await held.cut();
      return;
    }
  }
}

/** One connection's worth of waiting and leading; throws what the work or the store throws. */
async function serveTerm(
  { connection, clock }: PostgresLeadershipOptions,
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const held = await connectDedicated(connection, { name: `turnledger-lead-${name}`, settings: SETTINGS });
  const term = linked([signal, held.lost]);
  try {
    if (!(await campaign(held, name, term.signal, clock))) return;
    const watching = watch(held, term.signal, clock);
    try {
      await work(term.signal);
      if (held.lost.aborted)
        throw new TurnledgerError('store_unavailable', { detail: `the lead of ${name} was lost with its connection` });
    } finally {
      term.abort();
      await watching;
      // Frees the name before anybody is told that this process has stopped; cutting the connection would free it a little later.
      if (!held.lost.aborted)
        await timedQuery(held.client, 'select pg_advisory_unlock_all()', [], answerTimeoutMs).catch(() => undefined);
    }
  } finally {
    term.unlink();
    await held.cut();
  }
}

/**
 * Leadership by a PostgreSQL session's advisory lock: held on a connection of its own per name, gone with that connection. A lost
 * connection aborts the work's signal at once, a silent one within 3 s; who waits tries every second. Work that throws, or returns
 * without being asked to, gives up the lead and runs again after a second, so that a process whose work cannot run keeps nobody out.
 * `lead` itself never rejects; after an abort it resolves when the work has returned, or within the connect timeout.
 */
export function openPostgresLeadership(options: PostgresLeadershipOptions): Leadership {
  return {
    lead: async (name, work, signal) => {
      while (!signal.aborted) {
        try {
          await serveTerm(options, name, work, signal);
        } catch (error) {
          options.report(name, error);
        }
        await options.clock.sleep(retryMs, signal);
      }
    },
  };
}
