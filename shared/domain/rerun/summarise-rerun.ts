import type { TurnFigures } from './events.ts';
import type { RerunComparison, RerunState } from './state.ts';

/** The sum of the same figure over the same turns, on both sides. */
export interface SumsOfBoth {
  readonly turns: number;
  readonly recorded: number;
  readonly repeated: number;
}

/** How moves fared on one side. `illegal`: invalid, or rejected by the game. */
export interface MoveCounts {
  readonly moves: number;
  readonly illegal: number;
  readonly unjudged: number;
}

/** Of one source session. */
export interface SessionDivergence {
  readonly sessionId: string;
  readonly turns: number;
  readonly compared: number;
  readonly diverged: number;
  /** The first turn, by its place, whose new ending is not the recorded one. */
  readonly first?: { readonly turnId: string; readonly position: number };
}

/** A re-run in figures; every ratio's two sums are over the turns that have the figure on both sides. */
export interface RerunSummary {
  readonly turns: number;
  readonly compared: number;
  readonly reused: number;
  readonly completed: number;
  readonly failed: number;
  readonly diverged: number;
  /** Mean over those with a reply on both sides. */
  readonly similarity: { readonly turns: number; readonly sum: number };
  readonly movesRecorded: MoveCounts;
  readonly movesRepeated: MoveCounts;
  readonly movesChanged: number;
  /** Money that the re-run itself spent, and the turns that somebody was asked for at a price that nobody knows. */
  readonly spentMicroUsd: number;
  readonly unpricedTurns: number;
  readonly cost: SumsOfBoth;
  readonly durationMs: SumsOfBoth;
  readonly firstTokenMs: SumsOfBoth;
  readonly inputTokens: SumsOfBoth;
  readonly outputTokens: SumsOfBoth;
  readonly sessions: readonly SessionDivergence[];
}

/** Whether a turn's new ending is another one than the recorded: another text, another move, or none where there was one. */
export const hasDiverged = ({ outcome, isSameText, move }: RerunComparison): boolean =>
  outcome !== 'reused' && !(isSameText && (move === 'none' || move === 'same'));

/** What a re-run has come to so far. A turn whose reply was reused cost nothing and took no time: it enters no ratio. */
export function summariseRerun({ request, comparisons }: RerunState): RerunSummary {
  const asked = comparisons.filter(({ outcome }) => outcome !== 'reused');
  const similar = comparisons.flatMap(({ similarity }) => similarity ?? []);
  const bySession = new Map<string, RerunComparison[]>();
  for (const one of comparisons) {
    const own = bySession.get(one.sessionId);
    if (own) own.push(one);
    else bySession.set(one.sessionId, [one]);
  }
  const sums = (figure: NumberOf) => sumsOfBoth(asked, figure);
  const count = (outcome: RerunComparison['outcome']) => comparisons.filter((one) => one.outcome === outcome).length;
  return {
    turns: request?.turns ?? 0,
    compared: comparisons.length,
    reused: count('reused'),
    completed: count('completed'),
    failed: count('failed') + count('timed_out'),
    diverged: comparisons.filter(hasDiverged).length,
    similarity: { turns: similar.length, sum: toBillionth(sum(similar)) },
    movesRecorded: moveCounts(comparisons.map(({ recorded }) => recorded)),
    movesRepeated: moveCounts(comparisons.map(({ repeated }) => repeated)),
    movesChanged: comparisons.filter(({ move }) => move !== 'none' && move !== 'same').length,
    spentMicroUsd: spentBy(asked),
    unpricedTurns: asked.filter(({ repeated }) => repeated.attempts > 0 && repeated.costMicroUsd === undefined).length,
    cost: sums('costMicroUsd'),
    durationMs: sums('durationMs'),
    firstTokenMs: sums('firstTokenMs'),
    inputTokens: sums('inputTokens'),
    outputTokens: sums('outputTokens'),
    sessions: (request?.sources ?? []).map(({ sessionId, turns }) => {
      const own = bySession.get(sessionId) ?? [];
      const apart = own.filter(hasDiverged).sort((one, other) => one.position - other.position);
      const [first] = apart;
      return {
        sessionId,
        turns,
        compared: own.length,
        diverged: apart.length,
        ...(first && { first: { turnId: first.turnId, position: first.position } }),
      };
    }),
  };
}

/** Money that turns have cost as far as it is known. */
export const spentBy = (comparisons: readonly RerunComparison[]): number =>
  sum(comparisons.filter(({ outcome }) => outcome !== 'reused').map(({ repeated }) => repeated.costMicroUsd ?? 0));

type NumberOf = 'costMicroUsd' | 'durationMs' | 'firstTokenMs' | 'inputTokens' | 'outputTokens';

function sumsOfBoth(comparisons: readonly RerunComparison[], figure: NumberOf): SumsOfBoth {
  let [turns, before, after] = [0, 0, 0];
  for (const { recorded, repeated } of comparisons) {
    const [one, other] = [recorded[figure], repeated[figure]];
    if (one === undefined || other === undefined) continue;
    turns += 1;
    before += one;
    after += other;
  }
  return { turns, recorded: before, repeated: after };
}

function moveCounts(figures: readonly TurnFigures[]): MoveCounts {
  const moves = figures.map(({ move }) => move).filter((move) => move !== 'none');
  return {
    moves: moves.length,
    illegal: moves.filter((move) => move === 'invalid' || move === 'rejected').length,
    unjudged: moves.filter((move) => move === 'unjudged').length,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Ten times 0.8 added up is a little less than 8, and would miss a threshold of 0.8. */
const toBillionth = (number: number): number => Math.round(number * 1e9) / 1e9;
