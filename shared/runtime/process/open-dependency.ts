import { type ErrorCode, isTurnledgerError, limits, TurnledgerError } from '../../contracts/index.ts';
import type { Clock } from '../../ports/index.ts';
import type { Log } from '../log.ts';
import type { HopBoard } from './hop-board.ts';
import { oncePer } from './once-per.ts';

/** Something outside of a process that it cannot work without, or is slower without. */
export interface Dependency<Opened> {
  /** As /readyz and the log name it. */
  readonly name: string;
  /** Throws `config_invalid` or `key_mismatch` for what waiting does not mend; anything else is tried again. */
  open(): Promise<Opened>;
  /** Throws, or takes longer than limits.process.probeTimeoutMs, while it does not answer. */
  probe(opened: Opened): Promise<unknown>;
  /** Losing it costs speed alone: /readyz names it and stays ready. */
  readonly isHint?: true;
}

export interface DependencyPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly board: HopBoard;
  /** Aborts when the process ends: then nobody waits any more. */
  readonly ending: AbortSignal;
}

/** What no further try would mend: the process ends with it, in one line, instead of trying for ever. */
const final: ReadonlySet<string> = new Set<ErrorCode>(['config_invalid', 'key_mismatch', 'invariant_broken']);

/**
 * Tries until it is done, with a pause that doubles from limits.process.minOpenRetryMs to maxOpenRetryMs. Says so in the log at the first
 * failure and every limits.process.waitingLogMs. Throws what no further try would mend, and `store_unavailable` when the process ends first.
 */
async function tryUntilDone<Done>(
  { clock, log, ending }: DependencyPorts,
  name: string,
  work: () => Promise<Done>,
): Promise<Done> {
  const complain = oncePer(limits.process.waitingLogMs, clock);
  let pauseMs: number = limits.process.minOpenRetryMs;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (isTurnledgerError(thrown) && final.has(thrown.code)) throw thrown;
      if (complain()) log.warn({ dependency: name, cause: causeOf(thrown) }, `waiting for ${name}`);
    }
    await clock.sleep(pauseMs, ending);
    if (ending.aborted) throw new TurnledgerError('store_unavailable', { detail: `ended while waiting for ${name}` });
    pauseMs = Math.min(2 * pauseMs, limits.process.maxOpenRetryMs);
  }
}

/** Does something once, as openDependency opens: a hop that is red until it is done. */
export async function untilDone<Done>(ports: DependencyPorts, name: string, work: () => Promise<Done>): Promise<Done> {
  let isReady = false;
  ports.board.add(name, () => ({ isReady }));
  const done = await tryUntilDone(ports, name, work);
  isReady = true;
  return done;
}

/**
 * Opens a dependency, however long it is absent, and watches it from then on: a hop that is red until it is there, and whenever it does not
 * answer. Throws what no further try would mend, and `store_unavailable` when the process ends before the dependency is there.
 */
export async function openDependency<Opened>(ports: DependencyPorts, dependency: Dependency<Opened>): Promise<Opened> {
  const { name, isHint } = dependency;
  let [isReady, isOpen] = [false, false];
  // Before it is open the process cannot serve at all, whatever the dependency is to it.
  ports.board.add(name, () => ({ isReady, ...(isHint && isOpen && { isHint }) }));
  const opened = await tryUntilDone(ports, name, dependency.open);
  [isReady, isOpen] = [true, true];
  ports.log.info({ dependency: name }, 'a dependency is there');
  void watch(ports, dependency, opened, (now) => {
    isReady = now;
  });
  return opened;
}

/** Asks again and again whether it answers, until the process ends. */
async function watch<Opened>(
  { clock, log, ending }: DependencyPorts,
  { name, probe }: Dependency<Opened>,
  opened: Opened,
  tell: (isReady: boolean) => void,
): Promise<void> {
  let isAway = false;
  let complain = oncePer(limits.process.waitingLogMs, clock);
  for (;;) {
    await clock.sleep(limits.process.probeMs, ending);
    if (ending.aborted) return;
    const failure = await failureOf(() => probe(opened), clock);
    tell(failure === undefined);
    if (failure !== undefined && complain()) log.warn({ dependency: name, cause: failure }, `${name} does not answer`);
    if (isAway && failure === undefined) {
      log.warn({ dependency: name }, `${name} answers again`);
      complain = oncePer(limits.process.waitingLogMs, clock);
    }
    isAway = failure !== undefined;
  }
}

/** Why a probe failed, in a line; undefined for one that answered in time. */
async function failureOf(probe: () => Promise<unknown>, clock: Clock): Promise<string | undefined> {
  const answered = new AbortController();
  const late = clock
    .sleep(limits.process.probeTimeoutMs, answered.signal)
    .then(() => `no answer within ${limits.process.probeTimeoutMs} ms`);
  try {
    return await Promise.race([late, Promise.resolve(probe()).then(() => undefined)]);
  } catch (thrown) {
    return causeOf(thrown);
  } finally {
    answered.abort();
  }
}

/** The innermost reason in a line: of a store that is away, that is why. */
function causeOf(thrown: unknown): string {
  const cause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown ? thrown.cause : undefined;
  if (cause !== undefined) return causeOf(cause);
  const message = typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown;
  const [line = ''] = String(message).split('\n');
  return line;
}
