import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Violation } from '@turnledger/shared/testing/history-checker';
import { type Conditions, conditionsLine } from '../../bench/report/conditions.ts';
import { figure, markdownTable } from '../../bench/report/markdown-table.ts';
import { repository } from '../../distributed/service-process.ts';
import type { CountedProcessKill } from './kill-processes.ts';
import type { PointSummary, Seconds } from './summarise-kills.ts';

/** What a run of the distributed kill test came to. */
export interface ChaosFigures {
  readonly seed: number;
  readonly clients: number;
  readonly killsPerPoint: number;
  readonly stores: readonly string[];
  readonly tookSeconds: number;
  readonly points: readonly PointSummary[];
  readonly kills: readonly CountedProcessKill[];
  readonly violations: readonly Violation[];
  /** Every death of a process: at a point, taken along, or tried again since no turn was open or the place was not reached. */
  readonly deaths: number;
  readonly misses: number;
  /** Processes that ended by themselves. */
  readonly unexpected: readonly string[];
  readonly turns: number;
  readonly calls: number;
  readonly lostCalls: number;
  /** Of them, those that no death of a worker explains. */
  readonly lostCallsUnexplained: number;
}

const columns = [
  'point',
  'dies',
  'kills',
  'of them with a second process',
  'had taken effect',
  'extra paid calls of that turn: all, most',
  'of turns beside it: all, most',
  'open turns ended after, s: p50, p99, max',
  'ready again after, s: p50, p99, max',
];

const three = ({ p50, p99, max }: Seconds): string => [p50, p99, max].map(figure).join(', ');

/** The table of a run, in Markdown. */
export const pointsTable = (points: readonly PointSummary[]): string =>
  markdownTable({
    title: 'Kills by point',
    columns,
    rows: points.map((row) => [
      `${row.point} ${row.meaning}`,
      row.process,
      String(row.kills),
      String(row.withSecond),
      row.tookEffect === undefined ? '–' : String(row.tookEffect),
      `${row.extraCallsOfVictim}, ${row.mostExtraCallsOfVictim}`,
      `${row.extraCallsOfOthers}, ${row.mostExtraCallsOfOthers}`,
      `${three(row.endedAfter)}${row.unended > 0 ? ` (${row.unended} not)` : ''}`,
      three(row.readyAfter),
    ]),
  });

/** The one point that a kill was planned at is told by its name. */
const inFewWords = ({ point, ...kill }: CountedProcessKill) => ({ point: point.name, ...kill });

const asText = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

/** The report as a person reads it. */
export function chaosReportText(figures: ChaosFigures, conditions: Conditions): string {
  const { seed, clients, killsPerPoint, tookSeconds, stores, points, violations, deaths, misses, unexpected } = figures;
  return [
    `# ${figures.kills.length} kills of the four processes, ${violations.length} violations`,
    '',
    `${conditionsLine(conditions)}. Seed ${seed}, ${clients} clients through the edge, ${killsPerPoint} kills a point planned, ${tookSeconds} s; one process of each kind.`,
    `Stores: ${stores.join('; ')}.`,
    '',
    `Every kill had a turn open at that instant, by the log's own clock. ${deaths} deaths in all, ${misses} tries that did not count, ${unexpected.length} processes that ended by themselves.`,
    `${figures.turns} turns, ${figures.calls} calls of the model, ${figures.lostCalls} of them paid for nothing, ${figures.lostCallsUnexplained} of those without a death that explains them.`,
    '',
    pointsTable(points),
    '',
    'The turn at the point is known by its name where a port carries one; at K9 every turn that the worker had in hand is counted as that turn. A turn beside it may have been at any point of its own.',
    '',
    ...violations.map((violation) => `* ${JSON.stringify(violation, asText)}`),
    ...unexpected.map((words) => `* ended by itself: ${words.slice(0, 500)}`),
  ].join('\n');
}

/** Writes `infra/chaos/reports/<date>-distributed.json` and `.md`; answers the path without its ending. */
export async function saveChaosReport(figures: ChaosFigures, conditions: Conditions): Promise<string> {
  const folder = join(repository, 'infra/chaos/reports');
  const path = join(folder, `${conditions.date.slice(0, 10)}-distributed`);
  await mkdir(folder, { recursive: true });
  await writeFile(
    `${path}.json`,
    `${JSON.stringify({ conditions, ...figures, kills: figures.kills.map(inFewWords) }, asText, 2)}\n`,
  );
  await writeFile(`${path}.md`, `${chaosReportText(figures, conditions).trimEnd()}\n`);
  return path;
}
