import { APPEND_PATHS, type AppendPath, type ConformanceRun } from './conformance-run.ts';

/** One observed rule of the server. */
export interface ConformanceCase {
  /** `area: the rule as a sentence`. */
  readonly name: string;
  /** Needs a server that may be ended and started. */
  readonly needsPower?: boolean;
  /** Rejects, mostly with an assertion, when the server does otherwise. */
  check(run: ConformanceRun): Promise<void>;
}

/** The same rule on both append paths. */
export const onBothPaths = (
  area: string,
  rule: string,
  check: (run: ConformanceRun, path: AppendPath) => Promise<void>,
  more: { readonly needsPower?: boolean } = {},
): readonly ConformanceCase[] =>
  APPEND_PATHS.map((path) => ({ name: `${area} (${path}): ${rule}`, check: (run) => check(run, path), ...more }));
