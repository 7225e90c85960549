import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDbLog } from '@turnledger/shared/adapters/eventstore';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import type { ProcessName } from '@turnledger/shared/runtime';
import { type Evidence, judge, type Violation } from '@turnledger/shared/testing/history-checker';
import pg from 'pg';
import { playAsClient } from '../chaos-client.ts';
import { startChaosModel } from '../chaos-model.ts';
import { gatherFrom } from '../gather-evidence.ts';
import { historyRecorder } from '../history-recorder.ts';
import { randomSource } from '../random-source.ts';
import { playAll } from '../run-chaos.ts';
import type { KillPoint } from './kill-points.ts';
import { type CountedProcessKill, killProcesses } from './kill-processes.ts';
import { type PlannedProcessKill, planProcessKills } from './plan-process-kills.ts';
import type { ProcessDeath } from './process-under-chaos.ts';
import { startTopology } from './topology-under-chaos.ts';
import { TurnFollower } from './turn-follower.ts';

export interface DistributedChaosOptions {
  /** A folder that does not exist yet, or is empty. */
  readonly folder: string;
  readonly killsPerPoint: number;
  readonly points: readonly KillPoint[];
  readonly clients: number;
  /** Draws plan, clients and model; what the machine does in between stays its own. */
  readonly seed: number;
  readonly onKill?: (kill: CountedProcessKill) => void;
  readonly onMiss?: (kill: PlannedProcessKill, why: string) => void;
  /** Told of a process that ended by itself. */
  readonly onUnexpected?: (death: ProcessDeath) => void;
  /** No further kill begins once it has aborted; what there is is judged. */
  readonly enough: AbortSignal;
  /** Gives the run up, as a failure does. */
  readonly signal: AbortSignal;
}

export interface DistributedChaosRun {
  readonly kills: readonly CountedProcessKill[];
  /** Every death, counted or not. */
  readonly deaths: readonly ProcessDeath[];
  readonly misses: number;
  readonly violations: readonly Violation[];
  readonly evidence: Evidence;
  /** What ran: engines and their versions. */
  readonly stores: readonly string[];
}

/** Play without faults after the last kill, so that prompts are looked at that remember turns from before it. */
const HEALED_MS = 1_500;
/** The longest turn's deadline, a lease and more; what is open then is the judge's business. */
const RESTED_WITHIN_MS = 60_000;
/** A worker may write down what it had spent up to two seconds after its turn's ending. */
const SETTLED_MS = 2_500;
/** Of the turns, so many are followed at the query-api, which would have little to die of otherwise. */
const FOLLOWED_SHARE = 0.3;

/**
 * Plays clients against the four real processes on real engines, kills them at their points one after the other, lets every turn end, and
 * judges. Everything it started has ended when it returns or throws. Throws `internal` when a plan cannot be carried out.
 */
export async function runDistributedChaos(options: DistributedChaosOptions): Promise<DistributedChaosRun> {
  const { folder, killsPerPoint, points, clients, seed, signal } = options;
  const random = randomSource(seed);
  const model = await startChaosModel(random.fork('model'));
  const recorder = historyRecorder();
  const deaths: ProcessDeath[] = [];
  const waiting = new Map<ProcessName, (death: ProcessDeath) => void>();
  const onDeath = (death: ProcessDeath) => {
    deaths.push(death);
    if (death.unexpected !== undefined) options.onUnexpected?.(death);
    waiting.get(death.process)?.(death);
  };
  const given = new AbortController();
  const ending = AbortSignal.any([signal, given.signal]);
  const topology = await startTopology({ folder, modelUrl: model.url, onDeath, signal: ending }).catch(
    async (error: unknown) => {
      await model.close();
      throw error;
    },
  );
  const log = new EventStoreDbLog({ url: topology.storeUrl('EVENTSTORE_URL'), prefix: 'turnledger', clock });
  const pool = new pg.Pool({ connectionString: topology.storeUrl('DATABASE_URL'), max: 2 });
  const follower = new TurnFollower(log);
  const following = follower.follow(given.signal);
  const hasPlayed = new AbortController();
  let misses = 0;
  try {
    const address = async () => topology.url;
    const play = (name: string) =>
      playAsClient({
        name,
        recorder,
        random: random.fork(name),
        address,
        signal: hasPlayed.signal,
        followedShare: FOLLOWED_SHARE,
      });
    const playing = playAll(clients, play, address);
    const killing = killProcesses({
      topology,
      follower,
      plan: planProcessKills(killsPerPoint, random.fork('kills'), points),
      nextDeath: (name) => new Promise((resolve) => waiting.set(name, resolve)),
      onKill: (kill) => options.onKill?.(kill),
      onMiss: (kill, why) => {
        misses += 1;
        options.onMiss?.(kill, why);
      },
      enough: options.enough,
      signal: ending,
    });
    // A client that breaks would otherwise be heard of only after the last kill.
    const kills = await Promise.race([killing, playing.then(() => killing), following.then(() => killing)]);
    await sleep(HEALED_MS);
    hasPlayed.abort();
    await playing;
    const open = await follower.openAt(Date.now());
    await follower.untilEnded(open, AbortSignal.any([ending, AbortSignal.timeout(RESTED_WITHIN_MS)]));
    await sleep(SETTLED_MS);
    const { log: logged, live, rebuilt } = await gatherFrom({ log, pool, masterKey: topology.masterKey });
    const diedAtMs = (isWorker: boolean) =>
      deaths.filter(({ process }) => (process === 'inference-worker') === isWorker).map(({ atMs }) => atMs);
    const evidence: Evidence = {
      history: recorder.history,
      calls: model.calls,
      log: logged,
      killsAtMs: diedAtMs(true),
      otherKillsAtMs: diedAtMs(false),
      views: { live, rebuilt },
    };
    return { kills, deaths, misses, violations: judge(evidence), evidence, stores: topology.storeNames };
  } finally {
    hasPlayed.abort();
    given.abort();
    await following.catch(() => undefined);
    await log.close();
    await pool.end();
    await topology.stop();
    await model.close();
  }
}
