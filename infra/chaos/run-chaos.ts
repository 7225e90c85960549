import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelConfiguration } from '@turnledger/shared/client';
import { type Evidence, judge, type Violation } from '@turnledger/shared/testing/history-checker';
import { type AskedAgain, askAgain, callsOfPlayers, judgeAgain, withManifests } from './ask-again.ts';
import { chaosClients, chaosScenarios, playAsClient } from './chaos-client.ts';
import { startChaosModel } from './chaos-model.ts';
import { startEmbeddedProcess } from './embedded-process.ts';
import { type Failpoint, failpoints } from './failpoints.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { historyRecorder } from './history-recorder.ts';
import { type CountedKill, killAgain } from './kill-again.ts';
import { planKills } from './kill-schedule.ts';
import { randomSource } from './random-source.ts';
import { serviceAddress } from './service-address.ts';

export interface ChaosOptions {
  /** A folder that does not exist yet, or is empty. */
  readonly dataDir: string;
  readonly kills: number;
  readonly clients: number;
  /** Draws plan, clients and model; what the machine does in between stays its own. */
  readonly seed: number;
  readonly onKill?: (kill: CountedKill) => void;
  /** Gives the run up, as a failure does. */
  readonly signal?: AbortSignal;
}

export interface ChaosReport {
  readonly kills: readonly CountedKill[];
  /** How often a process died at each failpoint with turns open. */
  readonly hits: { readonly [name in Failpoint]: number };
  readonly violations: readonly Violation[];
  readonly evidence: Evidence;
  /** What the newest sessions came to once more, across a restart. */
  readonly askedAgain: AskedAgain;
}

/** Play without faults after the last kill, so that prompts are looked at that remember turns from before it. */
const HEALED_MS = 1_500;

/**
 * Plays clients against a real service that dies again and again, lets every turn end, and judges. Everything it started has ended when it
 * returns or throws, but for a PostgreSQL that a failed run leaves in the data folder: `killPostgres` ends it. Throws `internal` when the
 * service ends by itself, does not start, or cannot be killed as planned.
 */
export async function runChaos({
  dataDir,
  kills,
  clients,
  seed,
  onKill = () => {},
  signal,
}: ChaosOptions): Promise<ChaosReport> {
  const random = randomSource(seed);
  const model = await startChaosModel(random.fork('model'));
  const recorder = historyRecorder();
  const address = serviceAddress();
  const enough = new AbortController();
  const given = new AbortController();
  const giveUp = () => given.abort();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const playing = playAll(
      clients,
      (name) =>
        playAsClient({ name, recorder, random: random.fork(name), address: address.get, signal: enough.signal }),
      address.get,
      FORGETFUL,
    );
    const modelUrl = model.url;
    const killing = killAgain({
      dataDir,
      modelUrl,
      address,
      onKill,
      signal: given.signal,
      plan: planKills(kills, random.fork('kills')),
    });
    // A client that breaks would otherwise be heard of only after the last kill.
    const { running, counted, deathsAtMs } = await Promise.race([killing, playing.then(() => killing)]);
    await sleep(HEALED_MS);
    enough.abort();
    await playing;
    const { steady } = chaosClients(address.get);
    const rerunIds = await askAgain(steady);
    address.set(undefined);
    const drained = await running.stop();
    const resting = await startEmbeddedProcess({ dataDir, modelUrl, signal: given.signal });
    address.set(resting.url);
    const askedAgain = await judgeAgain(steady, rerunIds);
    const { log, live, rebuilt } = await gatherEvidence(dataDir);
    await resting.stop();
    const killsAtMs = [...deathsAtMs, drained.atMs];
    const calls = callsOfPlayers(model.calls, log);
    const evidence = { history: recorder.history, calls, log, killsAtMs, views: { live, rebuilt } };
    const violations = [...judge(evidence), ...withManifests(askedAgain.violations, log)];
    return { kills: counted, hits: hitsOf(counted), violations, evidence, askedAgain };
  } finally {
    enough.abort();
    given.abort();
    signal?.removeEventListener('abort', giveUp);
    await model.close();
  }
}

const hitsOf = (kills: readonly CountedKill[]): { readonly [name in Failpoint]: number } =>
  Object.fromEntries(failpoints.map((name) => [name, kills.filter(({ failpoint }) => failpoint === name).length])) as {
    readonly [name in Failpoint]: number;
  };

/** Sessions here have three to six turns: with a window of one, their prompts are told summaries from the third on. */
const FORGETFUL: ModelConfiguration['history'] = { windowTurns: 1, summary: { mode: 'rolling' } };

/** Publishes the scenarios once, then plays every client. `history`: of the second scenario; by default the service's, as the first one's. */
export async function playAll(
  count: number,
  play: (name: string) => Promise<void>,
  address: () => Promise<string>,
  history?: ModelConfiguration['history'],
): Promise<void> {
  const { steady } = chaosClients(address);
  for (const { scenarioId, onBusy } of chaosScenarios) {
    await steady.configureModel({
      scenarioId,
      persona: { name: 'Marta Reis', instructions: 'You keep the harbour ledger.', greeting: 'The office is closed.' },
      fallbackLines: ['Not now. Somebody is at the door.', 'Ask me tomorrow.'],
      turns: { onBusy },
      ...(history && onBusy === 'interrupt' && { history }),
    });
  }
  await Promise.all(Array.from({ length: count }, (_, index) => play(`client-${index + 1}`)));
}
