import { GROWTH_TOLERANCE, type GrowthVerdict, type MemoryGrowth } from '../figures/memory-growth.ts';
import type { TurnCounts } from '../figures/row-parity.ts';
import type { LoadFigures } from '../load/load-plan.ts';
import type { Member } from '../processes/distributed-stage.ts';
import { figure, type ReportTable } from '../report/markdown-table.ts';

/** How one member's memory went: its resident memory, and its heap where it tells of one. */
export interface SoakedMember {
  readonly member: Member;
  readonly resident: MemoryGrowth;
  readonly heap: MemoryGrowth | undefined;
}

/**
 * About the resident memory of our processes alone. An engine keeps what it is given; and a heap that is little used is collected less often
 * than the windows are long, so it says where growth is, not that there is some.
 */
export function verdictNote(soaked: readonly SoakedMember[]): string {
  const tolerance = `${figure(GROWTH_TOLERANCE * 100)} %`;
  const withVerdict = (verdict: GrowthVerdict) =>
    soaked.flatMap(({ member: { kind, name }, resident, heap }) => {
      const heapText = heap === undefined ? '' : `, heap ${figure(heap.growth)}`;
      return kind === 'service' && resident.verdict === verdict
        ? [`${name} (${figure(resident.growth)}${heapText})`]
        : [];
    });
  const [growing, unknown] = [withVerdict('grows'), withVerdict('not known')];
  if (growing.length > 0) return `verdict: **grows** by more than ${tolerance}: ${growing.join(', ')}`;
  if (unknown.length > 0) return `verdict: not known of ${unknown.join(', ')}`;
  return `verdict: steady, no process of ours grew by more than ${tolerance}`;
}

const growthCells = ({ earlyMib, lateMib, growth, maxMib }: MemoryGrowth): readonly string[] =>
  [earlyMib, lateMib, growth, maxMib].map(figure);

/** Memory of every process; heap of those that tell of it; the load that was held meanwhile. */
export function soakTables(
  soaked: readonly SoakedMember[],
  { turnsPerSecond, totalMs }: LoadFigures,
  counts: TurnCounts,
): readonly ReportTable[] {
  return [
    {
      title: 'Resident memory under constant load, MiB, medians of the early and the late looks',
      columns: ['', 'early', 'late', 'late/early', 'greatest', 'verdict'],
      rows: soaked.map(({ member: { name, kind }, resident }) => [
        name,
        ...growthCells(resident),
        // An engine keeps what it is given; what that comes to is its settings' business.
        kind === 'service' ? resident.verdict : `– (${kind})`,
      ]),
    },
    {
      title: 'Heap in use, MiB, the least of the early and of the late looks; what waits for the collector is in it',
      columns: ['', 'early', 'late', 'late/early', 'greatest'],
      rows: soaked.flatMap(({ member, heap }) => (heap === undefined ? [] : [[member.name, ...growthCells(heap)]])),
    },
    {
      title: 'The load',
      columns: ['', 'turns/s', 'p50 ms', 'p95 ms', 'p99 ms', ...Object.keys(counts)],
      rows: [
        [
          'turns',
          ...[turnsPerSecond, totalMs.p50, totalMs.p95, totalMs.p99].map(figure),
          ...Object.values(counts).map(String),
        ],
      ],
    },
  ];
}
