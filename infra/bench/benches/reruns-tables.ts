import { pairRatios, spreadOf } from '../figures/percentiles.ts';
import type { LoadFigures } from '../load/load-plan.ts';
import { figure, type ReportTable, spread } from '../report/markdown-table.ts';
import type { Batch, BatchPlan, ReusedBatch } from './rerun-batch.ts';

/** A round of live turns alone, and the next one beside a batch. */
export interface LivePair {
  readonly alone: LoadFigures;
  readonly beside: LoadFigures;
}

/** Batches of one kind, in the order they were run. */
function kindsOf<Kind extends BatchPlan>(batches: readonly Kind[]): readonly (readonly Kind[])[] {
  const kinds = new Map<string, Kind[]>();
  for (const batch of batches) {
    const name = `${batch.mode} ${batch.concurrency}`;
    kinds.set(name, [...(kinds.get(name) ?? []), batch]);
  }
  return [...kinds.values()];
}

const labels = ([batch]: readonly BatchPlan[]) => [batch?.mode ?? '', String(batch?.concurrency)];

export function busyTable(batches: readonly Batch[]): ReportTable {
  const percent = (values: readonly number[]) => spread(spreadOf(values.map((value) => value * 100)));
  return {
    title: 'How busy a batch kept its model while there was work for all places, % of the configured concurrency',
    columns: ['', 'at once', 'busy', 'by the set time', 'calls/s', 'reply ms', 'a place is empty for ms', 'window s'],
    rows: kindsOf(batches).map((kind) => {
      const all = (of: (batch: Batch) => number) => spread(spreadOf(kind.map(of)));
      return [
        ...labels(kind),
        percent(kind.map(({ busy }) => busy.share)),
        percent(kind.map(({ busy }) => busy.shareOfSet)),
        all(({ busy }) => (busy.calls * 1_000) / busy.windowMs),
        all(({ callMs }) => callMs),
        all(({ busy }) => busy.emptyMs),
        all(({ busy }) => busy.windowMs / 1_000),
      ];
    }),
  };
}

export function costTable(batches: readonly Batch[]): ReportTable {
  return {
    title: 'What else a batch takes, milliseconds',
    columns: ['', 'at once', 'from request to first call', "processor time of a turn, the service's process"],
    rows: kindsOf(batches).map((kind) => [
      ...labels(kind),
      spread(spreadOf(kind.map(({ firstCallMs }) => firstCallMs))),
      spread(spreadOf(kind.map(({ processMsPerTurn }) => processMsPerTurn))),
    ]),
  };
}

export function reusedTable(batches: readonly ReusedBatch[]): ReportTable {
  return {
    title: 'Turns a second of a batch where each reply is taken over, and no model is asked',
    columns: ['', 'at once', 'turns/s'],
    rows: kindsOf(batches).map((kind) => [
      ...labels(kind),
      spread(spreadOf(kind.map(({ turnsPerSecond }) => turnsPerSecond))),
    ]),
  };
}

/** Ratios are of a round beside a batch over the one alone before it. */
export function liveTable(pairs: readonly LivePair[], concurrency: number): ReportTable {
  const row = (name: string, of: (figures: LoadFigures) => number) => {
    const [alone, beside] = [pairs.map((pair) => of(pair.alone)), pairs.map((pair) => of(pair.beside))];
    return [name, spread(spreadOf(alone)), spread(spreadOf(beside)), spread(pairRatios(beside, alone))];
  };
  return {
    title: `Live turns of one client, its model answering at once, milliseconds`,
    columns: ['', 'alone', `beside a batch of ${concurrency} at once`, 'times that'],
    rows: [
      row('p50', ({ totalMs }) => totalMs.p50),
      row('p95', ({ totalMs }) => totalMs.p95),
      row('p99', ({ totalMs }) => totalMs.p99),
    ].map((cells) => cells.map((cell) => cell || figure(undefined))),
  };
}
