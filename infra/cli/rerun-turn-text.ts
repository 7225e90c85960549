import type { RerunTurn } from '@turnledger/shared/client';
import { type DiffMarks, markedDiff } from '../terminal/marked-diff.ts';
import { textTable } from '../terminal/text-table.ts';
import { visible, visibleJson, visibleText } from '../terminal/visible.ts';
import { cell, dollars, NOTHING } from './cell-text.ts';

type Side = RerunTurn['recorded'];

const heading = ['', 'status', 'attempts', 'model', 'tokens', 'USD', 'ms to first', 'ms'];

const figuresOf = (name: string, side: Side): readonly string[] => [
  name,
  side.status,
  String(side.attempts),
  cell(side.model),
  side.promptTokens === null && side.completionTokens === null
    ? NOTHING
    : `${cell(side.promptTokens)}+${cell(side.completionTokens)}`,
  dollars(side.costMicroUsd),
  cell(side.firstTokenMs),
  cell(side.durationMs),
];

/** What came of the question, in parentheses as a conversation tells how a turn ended. */
function outcomeText({ outcome, error, sameText, similarity }: RerunTurn): string {
  if (outcome === 'reused') return '(reused: it would be asked the same)';
  if (outcome !== 'completed') return `(${visible(outcome)}${error ? `: ${visible(error.code)}` : ''})`;
  if (sameText) return '(the same words)';
  return similarity === null ? '(completed)' : `(similarity ${similarity.toFixed(2)})`;
}

const moveText = ({ move, moveStanding }: Side): string =>
  `${move === null ? NOTHING : visibleJson(move)}${moveStanding === 'none' ? '' : ` (${visible(moveStanding)})`}`;

const hasMove = ({ move, moveStanding }: Side): boolean => move !== null || moveStanding !== 'none';

/** A turn beside the recorded one: what was asked, one text of both replies, the moves, and both in figures. */
export function rerunTurnLines(turn: RerunTurn, marks: DiffMarks): readonly string[] {
  const { position, prompt, recorded, repeated, moveDifference } = turn;
  const replies = markedDiff(recorded.response ?? '', repeated.response ?? '', marks);
  return [
    `${visible(String(position))} > ${prompt === null ? NOTHING : visibleText(prompt)}`,
    ...(replies === '' ? [] : [replies]),
    outcomeText(turn),
    ...([recorded, repeated].some(hasMove)
      ? [`  move ${visible(moveDifference)}: ${moveText(recorded)} → ${moveText(repeated)}`]
      : []),
    ...textTable([heading, figuresOf('recorded', recorded), figuresOf('new', repeated)]).map((line) => `  ${line}`),
  ];
}
