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

/** A session of a client. */
interface PlayedSession extends ChaosScenario {
  readonly sessionId: string;
  /** The turns that the client believes to be its history. */
  readonly history: readonly string[];
  /** The history of each turn that was ever asked for in it, with itself at the end. */
  readonly branches: readonly (readonly string[])[];
}

/**
 * A player who plays session after session, never gives a turn up, and asks again with the same key until it has an ending. One session in
 * four goes on from any turn of the one before.
 */
export async function playAsClient(options: ChaosClientOptions): Promise<void> {
  const { name, random, signal } = options;
  const clients = chaosClients(options.address);
  let last: PlayedSession | undefined;
  for (let number = 1; !signal.aborted; number += 1) {
    const forked =
      last && random.chance(0.25) && (await forkSession(options, clients.once, last, `${name}-fork-${number}`));
    last = await playSession(options, clients, forked || (await startAnew(options, clients.once, number)), number);
  }
}

async function startAnew(
  options: ChaosClientOptions,
  client: TurnledgerClient,
  number: number,
): Promise<PlayedSession> {
  const scenario = options.random.pick(chaosScenarios);
  const key = `${options.name}-session-${number}`;
  const sessionId = await openSession(options, client, { scenarioId: scenario.scenarioId, key });
  return { ...scenario, sessionId, history: [], branches: [] };
}

/** Plays some turns of a session; answers it as the client then believes it to be. */
async function playSession(
  { name, random, recorder, signal, followedShare = 0 }: ChaosClientOptions,
  clients: ReturnType<typeof chaosClients>,
  opened: PlayedSession,
  number: number,
): Promise<PlayedSession> {
  const { sessionId, onBusy } = opened;
  const session = new SessionUnderFire({ name, recorder, sessionId, ...clients });
  const aside = new SessionUnderFire({ name: `${name}-aside`, recorder, sessionId, ...clients });
  const turns = random.between(3, 6);
  let { history, branches } = opened;
  for (let turn = 1; turn <= turns && !signal.aborted; turn += 1) {
    const key = `${name}-${number}-${turn}`;
    const wanted = { key, input: inputFor(key, random) };
    if (onBusy === 'interrupt' && random.chance(0.4)) {
      await interrupt(session, aside, random, wanted);
    } else if (followedShare > 0 && random.chance(followedShare)) {
      await session.askAndFollow(wanted);
      await session.finish(wanted);
    } else await playTurn(session, random, wanted);
    history = [...history, turnIdOfKey(sessionId, key)];
    branches = [...branches, history];
    if (random.chance(0.15)) history = await goBack(session, random, history, key);
    if (random.chance(0.15)) await session.ask(wanted);
    if (random.chance(0.05)) await session.ask({ key, input: `${key}: Or not?` });
  }
  return { ...opened, history, branches };
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
  random: RandomSource,
  history: readonly string[],
  key: string,
): Promise<readonly string[]> {
  const kept = history.slice(0, random.between(0, history.length));
  const outcome = await session.rewind(`${key}-back`, kept.at(-1));
  return outcome.type === 'ok' ? kept : history;
}

/** Goes on from any turn that a session ever had, also one that it was rewound behind; undefined where that is refused, or it had none. */
async function forkSession(
  { name, random, recorder }: ChaosClientOptions,
  client: TurnledgerClient,
  parent: PlayedSession,
  key: string,
): Promise<PlayedSession | undefined> {
  const { sessionId, branches } = parent;
  const history = branches[random.between(0, Math.max(0, branches.length - 1))];
  const turnId = history?.at(-1);
  if (history === undefined || turnId === undefined) return undefined;
  for (;;) {
    const { type, value } = await recorder.attempt(name, 'fork', key, { sessionId, turnId }, async () => {
      const { id } = await client.session(sessionId).fork({ turnId }, { idempotencyKey: key });
      return { type: 'ok', value: { sessionId: id } satisfies HistoryValue };
    });
    const own = history.map((_turn, index) => history.slice(0, index + 1));
    if (type === 'ok' && value.sessionId !== undefined)
      return { ...parent, sessionId: value.sessionId, history, branches: own };
    if (type === 'fail') return undefined;
    await sleep(RETRY_MS);
  }
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
