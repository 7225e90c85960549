import { PostgresEventLog } from '@turnledger/shared/adapters/postgres';
import { systemClock as clock } from '@turnledger/shared/adapters/system';
import { createTurnledgerClient, type StartedSession } from '@turnledger/shared/client';
import { limits, sessionStream } from '@turnledger/shared/contracts';
import { z } from 'zod';
import { storedConnection } from '../../embedded/testing/stored-rows.ts';
import { pairRatios, percentile, spreadOf } from '../figures/percentiles.ts';
import { SCENARIO_ID } from '../processes/bench-scenario.ts';
import { openStage } from '../processes/bench-stage.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { spread } from '../report/markdown-table.ts';
import { listOption, numberOption } from './bench-options.ts';

export const branchesOptions = z.strictObject({
  /** `max_turns` is at most 900, and each sample is a further turn. */
  turns: listOption(2, 850, [10, 850]),
  sessions: numberOption(1, 20, 5),
  samples: numberOption(1, 50, 20),
});
type BranchesOptions = z.infer<typeof branchesOptions>;

/** A session that has reached its length, and what was measured of it. */
interface AgedSession {
  readonly turn: number;
  readonly session: StartedSession;
  readonly forkMs: number[];
  readonly rewindMs: number[];
  /** Events in the stream of each fork. */
  readonly forkEvents: number[];
  readonly renderedPerSecond: number[];
  readonly readPerSecond: number[];
}

/**
 * What a fork and a rewind cost at the 10th and the 850th turn, lengths in turn on one warm service; and how many events a second a re-render goes
 * through, beside the bare reads of the same stream from the same PostgreSQL.
 */
export async function runBranchesBench(options: BranchesOptions, progress: Progress): Promise<BenchReport> {
  const stage = await openStage({ hasPortkey: false, windowTurns: 20 });
  const log = new PostgresEventLog({ connection: await storedConnection(stage.service.dataDir), clock });
  try {
    const client = createTurnledgerClient({ baseUrl: stage.service.url });
    const sessions: AgedSession[] = [];
    for (let index = 0; index < options.sessions; index += 1) {
      for (const turn of options.turns) {
        const session = await client.startSession({ scenarioId: SCENARIO_ID, playerId: `bench-${turn}-${index}` });
        sessions.push({
          turn,
          session,
          forkMs: [],
          rewindMs: [],
          forkEvents: [],
          renderedPerSecond: [],
          readPerSecond: [],
        });
      }
    }
    await Promise.all(
      sessions.map(async ({ turn, session }) => {
        for (let played = 1; played <= turn; played += 1) await session.say(`Again: where were you? (${played})`);
      }),
    );
    progress(`${sessions.length} sessions have reached turn ${options.turns.join(', ')}`);
    for (let sample = 0; sample < options.samples; sample += 1) {
      for (const aged of sessions) await measureBranches(aged, sample);
      for (const aged of sessions) await measureRender(aged, log, stage.service.url);
    }
    return report(sessions, options);
  } finally {
    await log.close();
    await stage.close();
  }
}

async function measureBranches({ session, forkMs, rewindMs, forkEvents }: AgedSession, sample: number): Promise<void> {
  const { lastTurnId } = await session.read();
  const forkedAtMs = performance.now();
  const fork = await session.fork();
  forkMs.push(performance.now() - forkedAtMs);
  forkEvents.push(Number((await fork.read()).etag?.replaceAll('"', '')) + 1);
  await session.say(`And then? (${sample})`);
  const rewoundAtMs = performance.now();
  await session.rewind(lastTurnId === null ? 'start' : { turnId: lastTurnId });
  rewindMs.push(performance.now() - rewoundAtMs);
}

/** The same events, as a document of the service's and as pages of the log's. */
async function measureRender(
  { session, renderedPerSecond, readPerSecond }: AgedSession,
  log: PostgresEventLog,
  url: string,
): Promise<void> {
  const stream = sessionStream(session.id);
  const readAtMs = performance.now();
  let events = 0;
  for (;;) {
    const page = await log.readStream(stream, { fromRevision: events, maxCount: limits.replay.pageEvents });
    events += page.length;
    if (page.length < limits.replay.pageEvents) break;
  }
  const renderedAtMs = performance.now();
  // Bytes alone: what a client makes of them is its own.
  await (await fetch(`${url}/v1/sessions/${session.id}/replay`)).arrayBuffer();
  const doneAtMs = performance.now();
  readPerSecond.push((events * 1_000) / (renderedAtMs - readAtMs));
  renderedPerSecond.push((events * 1_000) / (doneAtMs - renderedAtMs));
}

function report(sessions: readonly AgedSession[], options: BranchesOptions): BenchReport {
  const medians = (turn: number, of: (aged: AgedSession) => readonly number[]) =>
    sessions.filter((aged) => aged.turn === turn).map((aged) => percentile(of(aged), 0.5));
  const [first = 0] = options.turns;
  const levels = options.turns.map((turn) => {
    const forkMs = medians(turn, (aged) => aged.forkMs);
    const rewindMs = medians(turn, (aged) => aged.rewindMs);
    const rendered = medians(turn, (aged) => aged.renderedPerSecond);
    const read = medians(turn, (aged) => aged.readPerSecond);
    return {
      turn,
      forkMs,
      rewindMs,
      rendered,
      read,
      forkRatio: pairRatios(
        forkMs,
        medians(first, (aged) => aged.forkMs),
      ),
      rewindRatio: pairRatios(
        rewindMs,
        medians(first, (aged) => aged.rewindMs),
      ),
      renderRatio: pairRatios(rendered, read),
    };
  });
  const forkEvents = sessions.flatMap((aged) => aged.forkEvents);
  return {
    notes: [
      `${options.sessions} sessions of each length, ${options.samples} forks, rewinds and re-renders of each, one at a time, lengths in turn; median (least–greatest) over the sessions`,
      `a fork's stream has ${Math.max(...forkEvents)} event${Math.max(...forkEvents) === 1 ? '' : 's'} at most, of ${forkEvents.length} forks`,
      're-render: the JSON document by HTTP, decrypted; read: the same stream in pages of 128 by the same adapter in this process, unopened',
    ],
    tables: [
      {
        title: 'Milliseconds that a client waits',
        columns: ['turn', 'fork', `times turn ${first}`, 'rewind', `times turn ${first}`],
        rows: levels.map(({ turn, forkMs, forkRatio, rewindMs, rewindRatio }) => [
          String(turn),
          spread(spreadOf(forkMs)),
          spread(forkRatio),
          spread(spreadOf(rewindMs)),
          spread(rewindRatio),
        ]),
      },
      {
        title: 'Events a second',
        columns: ['turn', 're-render', 'read', 're-render over read'],
        rows: levels.map(({ turn, rendered, read, renderRatio }) => [
          String(turn),
          spread(spreadOf(rendered)),
          spread(spreadOf(read)),
          spread(renderRatio),
        ]),
      },
    ],
    figures: { levels, forkEvents: Math.max(...forkEvents) },
    faults: forkEvents.some((events) => events !== 1) ? ['a fork added more than one event'] : [],
  };
}
