import type { Rerun, RerunTurn, StartedSession, TurnledgerClient } from '@turnledger/shared/client';
import { diffMarks, markedDiff } from '../terminal/marked-diff.ts';
import type { TerminalPage } from './terminal-page.ts';

export interface SessionToAskAgain {
  readonly client: TurnledgerClient;
  readonly session: StartedSession;
  readonly page: TerminalPage;
  /** The endpoint to ask; absent: the model that was asked, once more. */
  readonly understudy: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks every recorded turn again after its recorded history, of another model where the stage has one, and prints word by word what comes out
 * otherwise. Answers whether all were compared, and the session is what it was.
 */
export async function askAgain({ client, session, page, understudy, signal }: SessionToAskAgain): Promise<boolean> {
  const target = { sessionId: session.id };
  const changes = understudy === undefined ? { temperature: 0 } : { model: { endpoint: understudy } };
  const options = { overrides: changes, signal };
  const { turns, promptTokens, completionTokens, costMicroUsd } = await client.estimateRerun(target, options);
  page.fact(
    'estimate',
    `${turns} turns, some ${promptTokens} tokens to read and ${completionTokens} to say: ${money(costMicroUsd)}`,
  );
  const before = await session.replay({ signal });
  const rerun = await client.awaitRerun((await client.requestRerun(target, options)).id, { signal });
  const compared: RerunTurn[] = [];
  for await (const turn of client.rerunTurns(rerun.id, { signal })) compared.push(turn);
  for (const turn of compared.sort((one, other) => one.position - other.position)) showTurn(page, turn);
  showRerun(page, rerun);
  const after = await session.replay({ signal });
  const isUntouched = JSON.stringify(after.turns) === JSON.stringify(before.turns);
  const isWhole = rerun.status === 'completed' && compared.length === turns && turns === before.turns.length;
  return page.check(
    isWhole && isUntouched,
    `${compared.length} turns asked again beside ${before.turns.length} recorded ones; the session is as it was.`,
  );
}

function showTurn(page: TerminalPage, { position, diverged, recorded, repeated, error }: RerunTurn): void {
  page.fact(`turn ${position}`, diverged ? 'otherwise' : 'word for word');
  if (!diverged) return;
  const text = repeated.response ?? `(${error?.code ?? repeated.status})`;
  page.note(markedDiff(recorded.response ?? '', text, diffMarks(false)));
}

function showRerun(page: TerminalPage, { comparison, spentMicroUsd, unpricedTurns, overrides, sessions }: Rerun): void {
  const { similarity, diverged } = comparison;
  const [first] = sessions.flatMap(({ firstDivergence }) => firstDivergence ?? []);
  const apart = first ? `, from turn ${first.position} on` : '';
  page.fact('asked', overrides.model ? `${overrides.model.name} at ${overrides.model.endpoint}` : 'the same model');
  page.fact(
    'otherwise',
    `${diverged} of them${apart}; ${Math.round(100 * (similarity.mean ?? 0))} % of the words are the same`,
  );
  page.fact('cost', unpricedTurns > 0 ? money(null) : money(spentMicroUsd));
}

const money = (microUsd: number | null): string =>
  microUsd === null ? 'at a price nobody has told' : `${microUsd} micro-USD`;
