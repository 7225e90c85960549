import type { RequestListener } from 'node:http';
import { isTurnledgerError, limits } from '../../contracts/index.ts';
import type { Clock, Ids } from '../../ports/index.ts';
import type { DistributedConfig, ProcessName } from '../distributed-config.ts';
import { buildHttpApp, localCallers, openTokenCallers, type Route } from '../http/index.ts';
import { createLog, type Log } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { descriptionRoutes } from '../openapi/description-routes.ts';
import { ownConfig } from '../process-config.ts';
import { answerWhileWaiting } from './answer-while-waiting.ts';
import { endBySignal } from './end-by-signal.ts';
import { healthRoutes } from './health-routes.ts';
import { createHopBoard, type HopBoard } from './hop-board.ts';
import { type Dependency, openDependency, untilDone } from './open-dependency.ts';
import { serve, urlHostOf } from './serve.ts';
import { watchLoopLag } from './watch-loop-lag.ts';

/** What a process is given to start with. */
export interface ProcessKit {
  readonly name: ProcessName;
  readonly config: DistributedConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Log;
  readonly metrics: Metrics;
  readonly board: HopBoard;
  /** Aborts with the first signal: streams to clients end, nobody waits for a dependency any more. */
  readonly leaving: AbortSignal;
  /** Opens a dependency however long that takes, and closes it after everything else; of several, the last one first. */
  open<Opened extends { close(): Promise<unknown> }>(dependency: Dependency<Opened>): Promise<Opened>;
  /** Does something once, however long its stores keep it from being done; a hop until then. Throws what waiting does not mend. */
  untilDone<Done>(name: string, work: () => Promise<Done>): Promise<Done>;
  /** Ends the process with a line that says why: what cannot be mended from inside is left to whoever starts it again. */
  fail(why: string): void;
}

/** What a process does once its dependencies are there. */
export interface StartedProcess {
  /** What it serves beside its health and figures. */
  readonly routes: readonly Route[];
  /** Lets what is under way come to its end, or to an early one when `deadline` aborts. Clients are gone by then, dependencies are not. */
  stop(deadline: AbortSignal): Promise<void>;
}

export interface ProcessOptions {
  readonly name: ProcessName;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The names of the loops that it may lead, for /readyz. Throws `config_invalid`. */
  readonly loops?: () => readonly string[];
  start(kit: ProcessKit): Promise<StartedProcess>;
}

/**
 * The life of one of the four processes: reads its configuration, listens, waits for its dependencies, serves, and ends by signal. It
 * listens first: until its dependencies are there it answers for its health, names what it waits for, and tells clients to come back. The
 * first signal drains within limits.process.drainMs and closes within closeMs more, the second ends at once. What waiting would not mend (a wrong URL, wrong credentials,
 * a taken port, another vault's key) ends it with exit code 1 and a line each.
 */
export async function runProcess(options: ProcessOptions): Promise<void> {
  try {
    await live(options);
  } catch (error) {
    end(isTurnledgerError(error) ? error.message : stackOf(error));
  }
}

const stackOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : String(error);

function end(why: string): never {
  process.stderr.write(`turnledger: ${why}\n`);
  process.exit(1);
}

async function live({ name, clock, ids, loops = () => [], start }: ProcessOptions): Promise<void> {
  const config = ownConfig(name);
  const logger = createLog(config.logLevel);
  const metrics = createMetrics(clock);
  const board = createHopBoard(clock, loops());
  const leaving = new AbortController();
  const undo: (() => Promise<unknown>)[] = [];
  const { access } = config;
  const callers = access.jwtSecret ? openTokenCallers({ secret: access.jwtSecret, clock }) : localCallers;
  const listen = (routes: readonly Route[]): RequestListener => {
    const all = [...routes, ...healthRoutes(board.hops), metrics.route];
    const described = routes.length === 0 ? all : [...all, ...descriptionRoutes(all)];
    const observe = metrics.observeAnswer;
    const { allowedHosts } = access;
    return buildHttpApp({ ids, log: logger, observe, callers, allowedHosts, routes: described }).callback();
  };

  let answer: RequestListener = answerWhileWaiting(listen([]), ids);
  const http = await serve((request, response) => answer(request, response), { host: access.host, port: config.port });
  metrics.measureProcess();
  void watchLoopLag({ clock, log: logger, board }, leaving.signal);
  const dependencies = { clock, log: logger, board, ending: leaving.signal };
  const kit: ProcessKit = {
    name,
    config,
    clock,
    ids,
    logger,
    metrics,
    board,
    leaving: leaving.signal,
    fail: end,
    untilDone: (task, work) => untilDone(dependencies, task, work),
    async open(dependency) {
      const opened = await openDependency(dependencies, dependency);
      undo.push(() => opened.close());
      return opened;
    },
  };

  const starting = start(kit);
  const drain = async (deadline: AbortSignal) => {
    // Clients first: the turn that one of them waits for may still be under way here.
    await http.drain(deadline);
    const started = await starting.catch(() => undefined);
    await started?.stop(deadline);
    for (const step of undo.splice(0).reverse()) await step();
  };
  const isEnding = endBySignal(async () => {
    leaving.abort();
    const outOfTime = new AbortController();
    const overdue = clock.sleep(limits.process.drainMs).then(() => {
      outOfTime.abort();
      return clock.sleep(limits.process.closeMs);
    });
    // A store that does not answer must not keep a process that was asked to end.
    await Promise.race([drain(outOfTime.signal), overdue]);
  });
  process.stdout.write(`Turnledger ${name}  http://${urlHostOf(access.host)}:${http.port}\n`);
  try {
    const started = await starting;
    answer = listen(started.routes);
    logger.info({}, `${name} is ready`);
  } catch (error) {
    if (!isEnding()) throw error;
  }
}
