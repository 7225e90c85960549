import type { ReportTable } from './markdown-table.ts';

/** What a benchmark hands back: tables for people, figures for programs. */
export interface BenchReport {
  /** What was run and against what, one line each. */
  readonly notes: readonly string[];
  readonly tables: readonly ReportTable[];
  /** Everything the tables were made of. */
  readonly figures: unknown;
  /** Why the run does not count, one sentence each; empty when it does. */
  readonly faults: readonly string[];
}

/** Says what is going on while a benchmark runs. */
export type Progress = (line: string) => void;
