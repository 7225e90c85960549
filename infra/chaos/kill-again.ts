import { setTimeout as sleep } from 'node:timers/promises';
import { TurnledgerError } from '@turnledger/shared/contracts';
import { type Death, type EmbeddedProcess, startEmbeddedProcess } from './embedded-process.ts';
import type { Failpoint } from './failpoints.ts';
import { killPostgres } from './kill-postgres.ts';
import type { PlannedKill } from './kill-schedule.ts';
import { openTurnsAt } from './open-turns-at.ts';
import type { ServiceAddress } from './service-address.ts';

/** A death that counted: turns were open at that instant. */
export interface CountedKill {
  readonly atMs: number;
  readonly failpoint: Failpoint | undefined;
  readonly withPostgres: boolean;
  readonly openTurns: number;
  /** From the start of the next life to its serving, milliseconds. */
  readonly restartMs: number;
}

export interface KillAgainOptions {
  readonly dataDir: string;
  readonly modelUrl: string;
  readonly address: ServiceAddress;
  readonly plan: readonly PlannedKill[];
  readonly onKill: (kill: CountedKill) => void;
  /** Gives up: no further life begins. */
  readonly signal: AbortSignal;
}

/** What came of all lives; the last one runs. */
export interface Lives {
  readonly running: EmbeddedProcess;
  readonly counted: readonly CountedKill[];
  /** Every death, counted or not. */
  readonly deathsAtMs: readonly number[];
}

/** A failpoint that was not passed by then is passed too seldom: the process is killed from outside and the failpoint tried again. */
const PASSED_WITHIN_MS = 6_000;
/** Lives per planned kill, before a plan counts as one that cannot be carried out. */
const MAX_TRIES = 4;

/**
 * Kills the service as planned, starting it again on the same data each time, and leaves it running. A kill without an open turn, or at
 * another place than planned, is tried again. Throws `internal` when the service ends by itself, does not start, or a plan cannot be carried out.
 */
export async function killAgain({
  dataDir,
  modelUrl,
  address,
  plan,
  onKill,
  signal,
}: KillAgainOptions): Promise<Lives> {
  const counted: CountedKill[] = [];
  const deathsAtMs: number[] = [];
  const left = plan.map((kill) => ({ kill, tries: 1 }));
  let ended: { readonly kill: PlannedKill; readonly tries: number; readonly death: Death } | undefined;
  for (;;) {
    const next = left.shift();
    const startedAtMs = performance.now();
    const running = await startEmbeddedProcess({ dataDir, modelUrl, signal, armed: next?.kill.armed });
    const restartMs = Math.round(performance.now() - startedAtMs);
    if (ended) {
      const { kill, tries, death } = ended;
      const { atMs, failpoint } = death;
      // Only the log knows, and after the death of its PostgreSQL it answers only now.
      const openTurns = await openTurnsAt(dataDir, atMs);
      const isCounted = openTurns > 0 && failpoint === kill.armed?.name;
      if (isCounted) {
        counted.push({ atMs, failpoint, openTurns, restartMs, withPostgres: kill.withPostgres });
        onKill({ atMs, failpoint, openTurns, restartMs, withPostgres: kill.withPostgres });
      } else if (tries < MAX_TRIES) left.push({ kill, tries: tries + 1 });
      else
        throw new TurnledgerError('internal', {
          detail: `${kill.armed?.name ?? 'a random kill'} did not count ${tries} times`,
        });
    }
    if (!next && left.length === 0) {
      address.set(running.url);
      return { running, counted, deathsAtMs };
    }
    // Without a plan it was to be the last life: it makes way for the kill that must be tried again.
    const death = next ? await dieAsPlanned(running, next.kill, dataDir, address) : await running.stop();
    deathsAtMs.push(death.atMs);
    ended = next && { ...next, death };
  }
}

async function dieAsPlanned(
  running: EmbeddedProcess,
  kill: PlannedKill,
  dataDir: string,
  address: ServiceAddress,
): Promise<Death> {
  const { armed, afterMs, withPostgres } = kill;
  if (running.url !== '') address.set(running.url);
  const hasDied = new AbortController();
  const killing = sleep(armed ? PASSED_WITHIN_MS : afterMs, undefined, { signal: hasDied.signal }).then(
    () => (withPostgres ? killPostgres(dataDir, running.kill) : running.kill()),
    () => (withPostgres ? killPostgres(dataDir) : undefined),
  );
  const death = await running.died;
  address.set(undefined);
  hasDied.abort();
  await killing;
  if (death.unexpected === undefined) return death;
  throw new TurnledgerError('internal', { detail: `the service ended by itself: ${death.unexpected}` });
}
