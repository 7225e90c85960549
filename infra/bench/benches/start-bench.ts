import { createTurnledgerClient } from '@turnledger/shared/client';
import { z } from 'zod';
import { spreadOf } from '../figures/percentiles.ts';
import { freshDataDir, removeData, startService } from '../processes/start-service.ts';
import type { BenchReport, Progress } from '../report/bench-report.ts';
import { spread } from '../report/markdown-table.ts';
import { numberOption } from './bench-options.ts';

export const startOptions = z.strictObject({ runs: numberOption(1, 50, 5) });

interface StartTimes {
  /** From the start of the process to the printed address. */
  readonly listeningMs: number;
  /** From the same to the first whole answer. */
  readonly answeredMs: number;
}

async function timeStart(dataDir: string): Promise<StartTimes> {
  const startedAtMs = performance.now();
  const service = await startService({ dataDir, env: { TURNLEDGER_SCRIPTED_WORD_MS: '0' } });
  const listeningMs = performance.now() - startedAtMs;
  try {
    await createTurnledgerClient({ baseUrl: service.url }).generateResponse('Where were you at 22:40?');
    return { listeningMs, answeredMs: performance.now() - startedAtMs };
  } finally {
    await service.stop();
  }
}

/** A process on a new folder (initdb and all migrations), then a process on the same folder again; the built-in character answers at once. */
export async function runStartBench({ runs }: z.infer<typeof startOptions>, progress: Progress): Promise<BenchReport> {
  const kinds: { readonly [kind: string]: StartTimes[] } = {
    'first start, a new data folder': [],
    'warm start, the folder is there': [],
  };
  for (let run = 0; run < runs; run += 1) {
    const dataDir = freshDataDir();
    try {
      for (const [kind, times] of Object.entries(kinds)) {
        const taken = await timeStart(dataDir);
        times.push(taken);
        progress(`${kind}: listening ${Math.round(taken.listeningMs)} ms, answered ${Math.round(taken.answeredMs)} ms`);
      }
    } finally {
      await removeData(dataDir);
    }
  }
  const rows = Object.entries(kinds).map(([kind, times]) => [
    kind,
    spread(spreadOf(times.map(({ listeningMs }) => listeningMs))),
    spread(spreadOf(times.map(({ answeredMs }) => answeredMs))),
  ]);
  return {
    notes: [
      `${runs} runs of each, in turn; median (least–greatest); node infra/dist/embedded/main.js, without npm and the build check before it (0.2 s warm)`,
    ],
    tables: [
      { title: 'Milliseconds from the start of the process', columns: ['', 'listening', 'first turn answered'], rows },
    ],
    figures: kinds,
    faults: [],
  };
}
