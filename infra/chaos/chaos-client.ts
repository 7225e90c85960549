import { setTimeout as sleep } from 'node:timers/promises';
import { createTurnledgerClient, type TurnledgerClient, type UserInput } from '@turnledger/shared/client';
import { type HistoryValue, turnIdOfKey } from '@turnledger/shared/testing/history-checker';
import { addressedFetch, SERVICE_URL } from './addressed-fetch.ts';
import type { HistoryRecorder } from './history-recorder.ts';
import type { RandomSource } from './random-source.ts';
import type { ServiceAddress } from './service-address.ts';
import { SessionUnderFire } from './session-under-fire.ts';
import type { WantedTurn } from './wanted-turn.ts';

export interface ChaosClientOptions {
  readonly name: string;
  readonly random: RandomSource;
  readonly recorder: HistoryRecorder;
  /** Where the service is; waits while it is down. */
  readonly address: ServiceAddress['get'];
  /** The share of turns that are asked for without waiting and then followed; absent: none. */
  readonly followedShare?: number;
  /** Once aborted the client finishes its turn and ends. */
  readonly signal: AbortSignal;
}

interface ChaosScenario {
  readonly scenarioId: string;
  readonly onBusy: 'reject' | 'interrupt';
}

/** One that refuses a second turn while one is open, and one that lets it take its place. */
export const chaosScenarios: readonly [ChaosScenario, ...ChaosScenario[]] = [
  { scenarioId: 'chaos.clerk', onBusy: 'reject' },
  { scenarioId: 'chaos.hothead', onBusy: 'interrupt' },
];

/** Pause after a try that was cut; a service that is down is waited for besides. */
const RETRY_MS = 40;

/**
 * The game's own client, as the kill test uses it. `once` asks one time only, so that each try is an operation of the history; `steady`
 * gives nothing up, as a game's does: its streams go on by themselves, over as many lives of the service as it takes.
 */
export function chaosClients(address: ServiceAddress['get']): {
  readonly once: TurnledgerClient;
  readonly steady: TurnledgerClient;
} {
  const fetch = addressedFetch(address);
  const patience = { maxRetries: Number.POSITIVE_INFINITY, firstPauseMs: RETRY_MS, maxPauseMs: 5 * RETRY_MS };
  return {
    once: createTurnledgerClient({ baseUrl: SERVICE_URL, fetch, retry: { maxRetries: 0 } }),
    steady: createTurnledgerClient({ baseUrl: SERVICE_URL, fetch, retry: patience }),
  };
}

/** A player who plays session after session, never gives a turn up, and asks again with the same key until it has an ending. */
export async function playAsClient(options: ChaosClientOptions): Promise<void> {
  const { name, random, recorder, signal, address, followedShare = 0 } = options;
  const clients = chaosClients(address);
  for (let number = 1; !signal.aborted; number += 1) {
    const { scenarioId, onBusy } = random.pick(chaosScenarios);
    const sessionId = await openSession(options, clients.once, { scenarioId, key: `${name}-session-${number}` });
    const session = new SessionUnderFire({ name, recorder, sessionId, ...clients });
    const aside = new SessionUnderFire({ name: `${name}-aside`, recorder, sessionId, ...clients });
    const turns = random.between(3, 6);
    /** Keys of the turns that the client believes to be its history. */
    let played: readonly string[] = [];
    for (let turn = 1; turn <= turns && !signal.aborted; turn += 1) {
      const key = `${name}-${number}-${turn}`;
      const wanted = { key, input: inputFor(key, random) };
      if (onBusy === 'interrupt' && random.chance(0.4)) {
        await interrupt(session, aside, random, wanted);
      } else if (followedShare > 0 && random.chance(followedShare)) {
        await session.askAndFollow(wanted);
        await session.finish(wanted);
      } else await playTurn(session, random, wanted);
      played = [...played, key];
      if (random.chance(0.15)) played = await goBack(session, sessionId, random, played, key);
      if (random.chance(0.15)) await session.ask(wanted);
      if (random.chance(0.05)) await session.ask({ key, input: `${key}: Or not?` });
    }
  }
}

/** One turn in five the character speaks first. */
function inputFor(key: string, random: RandomSource): UserInput {
  const count = random.between(1, 1_000);
  if (random.chance(0.2)) return { trigger: { name: 'bell_rang', args: { key, count } } };
  return `${key}: what do you say to ${count}?`;
}

/** Opens a session, however often it takes. */
export async function openSession(
  { name, recorder }: Pick<ChaosClientOptions, 'name' | 'recorder'>,
  client: TurnledgerClient,
  { scenarioId, key }: { readonly scenarioId: string; readonly key: string },
): Promise<string> {
  for (;;) {
    const start = { scenarioId, playerId: name, idempotencyKey: key };
    const { type, value } = await recorder.attempt(name, 'start_session', key, {}, async () => {
      const { id: sessionId } = await client.startSession(start);
      return { type: 'ok', value: { sessionId } satisfies HistoryValue };
    });
    if (type === 'ok' && value.sessionId !== undefined) return value.sessionId;
    await sleep(RETRY_MS);
  }
}

/** Gets a turn to its ending in one of four ways, then reads the session back from the position it was given. */
async function playTurn(session: SessionUnderFire, random: RandomSource, wanted: WantedTurn): Promise<void> {
  if (random.chance(0.4)) await (random.chance(0.5) ? session.watch(wanted) : session.watchSteadily(wanted));
  else if (random.chance(0.3)) await session.askAndCancel(wanted, random.chance(0.5));
  await session.finish(wanted);
  await session.read();
}

/** Takes the session back to one of its turns, or to before the first; answers what is left of its history. */
async function goBack(
  session: SessionUnderFire,
  sessionId: string,
  random: RandomSource,
  played: readonly string[],
  key: string,
): Promise<readonly string[]> {
  const kept = played.slice(0, random.between(0, played.length));
  const [last] = kept.slice(-1);
  const outcome = await session.rewind(`${key}-back`, last === undefined ? undefined : turnIdOfKey(sessionId, last));
  return outcome.type === 'ok' ? kept : played;
}

/** Asks, and lets another turn take its place while the character speaks, unless it had ended by then. */
async function interrupt(
  session: SessionUnderFire,
  aside: SessionUnderFire,
  random: RandomSource,
  wanted: WantedTurn,
): Promise<void> {
  const other = { key: `${wanted.key}-aside`, input: `${wanted.key}: no, listen!` };
  const afterMs = random.between(5, 150);
  const watching = random.chance(0.5) ? session.watch(wanted) : session.watchSteadily(wanted);
  await Promise.all([watching, sleep(afterMs).then(() => aside.finish(other))]);
  await session.finish(wanted);
  await session.read();
}
