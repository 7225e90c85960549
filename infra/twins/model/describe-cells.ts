import { type CellOutcome, type EndpointCell, failureWaits } from './endpoint-cell.ts';

const MILLISECONDS = new Intl.NumberFormat('en-GB');

const outcomeText: { readonly [outcome in 'completed' | 'no_first_text' | 'no_end']: string } = {
  completed: 'completed',
  no_first_text: 'timed out (first token)',
  no_end: 'timed out (total)',
};

const textOf = (outcome: CellOutcome): string =>
  outcome === 'completed' || outcome === 'no_first_text' || outcome === 'no_end'
    ? outcomeText[outcome]
    : `\`${outcome}\``;

const waitText = ({ retryAfterMs, finishReason }: EndpointCell): string => {
  if (finishReason !== undefined) return `\`finish_reason\` is \`${finishReason}\``;
  return retryAfterMs === undefined
    ? ''
    : `waits ${MILLISECONDS.format(retryAfterMs)} ms, or fails when its deadline is sooner`;
};

/** The rows of the table in infra/docs/model-endpoint.md, one a cell. */
export const describeCells = (cells: readonly EndpointCell[]): readonly string[] =>
  cells.map((cell) => `| ${cell.what} | ${textOf(cell.streamed)} | ${textOf(cell.whole)} | ${waitText(cell)} |`);

/** The rows of its second table: what follows each failure. */
export const describeFailures = (): readonly string[] =>
  Object.entries(failureWaits).map(([code, wait]) =>
    wait === 'final'
      ? `| \`${code}\` | no | |`
      : `| \`${code}\` | yes | ${MILLISECONDS.format(wait / 2)} to ${MILLISECONDS.format(wait)} ms, doubled with each attempt |`,
  );
