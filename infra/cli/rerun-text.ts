import type { Rerun, RerunEstimate } from '@turnledger/shared/client';
import { limits } from '@turnledger/shared/contracts';
import { textTable } from '../terminal/text-table.ts';
import { visible } from '../terminal/visible.ts';
import { cell, dollars, NOTHING, percent } from './cell-text.ts';

type Comparison = Rerun['comparison'];
type Sums = Comparison['durationMs'];
type Moves = Comparison['moves']['recorded'];

/** A mode or a threshold as the flags write it. */
export const hyphened = (word: string): string => visible(word).replaceAll('_', '-');

/** What a re-run would take. */
export const estimateLines = (estimate: RerunEstimate): readonly string[] =>
  textTable([
    ['sessions', String(estimate.sessions)],
    ['turns', `${estimate.turns}, up to ${estimate.reusableTurns} of them reused at no cost`],
    ['tokens in', String(estimate.promptTokens)],
    ['tokens out', String(estimate.completionTokens)],
    ['USD', dollars(estimate.costMicroUsd)],
  ]);

/** A re-run as it has come out: how far it came, what it cost, and how its answers compare with the recorded ones. */
export function rerunLines(rerun: Rerun): readonly string[] {
  const { id, scenarioId, mode, status, error } = rerun;
  const reason = error ? `: ${visible(error.code)}` : '';
  return [
    `re-run ${visible(id)} of ${visible(scenarioId)}, ${hyphened(mode)}: ${visible(status)}${reason}`,
    ...textTable(factRows(rerun)),
    ...textTable(comparisonRows(rerun.comparison)),
    ...divergenceLines(rerun.sessions),
    ...gateLines(rerun.gate),
  ];
}

const factRows = ({ progress, spentMicroUsd, unpricedTurns, comparison }: Rerun): readonly (readonly string[])[] => {
  const { turns, compared, sessions, reused, completed, failed } = progress;
  const { diverged, divergedRate, similarity, moves } = comparison;
  const unpriced = unpricedTurns > 0 ? `, and ${unpricedTurns} turns without a known price` : '';
  return [
    ['turns', `${compared} of ${turns} in ${sessions} sessions`],
    ['', `${reused} reused, ${completed} completed, ${failed} failed`],
    ['spent', `USD ${dollars(spentMicroUsd)}${unpriced}`],
    ['diverged', `${diverged} of ${compared} (${percent(divergedRate)})`],
    ['similarity', similarity.mean === null ? NOTHING : `${similarity.mean.toFixed(2)}, mean of ${similarity.turns}`],
    ['moves changed', String(moves.changed)],
  ];
};

/** Money and tokens are sums, times are means: over the turns that have the figure on both sides, which are counted. */
const comparisonRows = (comparison: Comparison): readonly (readonly string[])[] => [
  ['', 'recorded', 'new', 'ratio', 'turns'],
  sumsRow('USD', comparison.costMicroUsd, dollars),
  sumsRow('ms a turn', comparison.durationMs, (sum, turns) => mean(sum, turns)),
  sumsRow('ms to first token', comparison.firstTokenMs, (sum, turns) => mean(sum, turns)),
  sumsRow('tokens in', comparison.promptTokens, String),
  sumsRow('tokens out', comparison.completionTokens, String),
  ['illegal moves', illegalText(comparison.moves.recorded), illegalText(comparison.moves.repeated)],
];

const mean = (sum: number, turns: number): string => Math.round(sum / turns).toString();

function sumsRow(
  name: string,
  { turns, recorded, repeated, ratio }: Sums,
  textOf: (sum: number, turns: number) => string,
) {
  if (turns === 0) return [name, NOTHING, NOTHING, NOTHING, '0'];
  return [
    name,
    textOf(recorded, turns),
    textOf(repeated, turns),
    ratio === null ? NOTHING : ratio.toFixed(2),
    `${turns}`,
  ];
}

const illegalText = ({ moves, illegal, unjudged, illegalRate }: Moves): string => {
  if (moves === 0) return NOTHING;
  return `${illegal} of ${moves} (${percent(illegalRate)})${unjudged > 0 ? `, ${unjudged} unjudged` : ''}`;
};

function divergenceLines(sessions: Rerun['sessions']): readonly string[] {
  const apart = sessions.filter(({ firstDivergence }) => firstDivergence !== null);
  if (apart.length === 0) return [];
  const shown = apart.slice(0, limits.commandLine.defaultListed);
  const rows = shown.map(({ sessionId, turns, diverged, firstDivergence }) => [
    sessionId,
    cell(firstDivergence?.position),
    `${diverged} of ${turns}`,
  ]);
  const more = apart.length - shown.length;
  return [
    ...textTable([['session', 'first diverged turn', 'diverged'], ...rows]),
    ...(more > 0 ? [`and ${more} sessions more`] : []),
  ];
}

function gateLines(gate: Rerun['gate']): readonly string[] {
  if (!gate) return [];
  const { version, outcome, missed } = gate;
  return [
    `gate of version ${version}: ${outcome === null ? 'it waits' : visible(outcome)}`,
    ...missed.map(
      ({ threshold, limit, measured }) =>
        `  ${hyphened(threshold)} ${limit} is not met: ${measured === null ? 'nothing to measure' : measured}`,
    ),
  ];
}
