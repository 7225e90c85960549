import { effectiveHistory, historiesOf } from './effective-history.ts';
import { answerOf, inputOf, scenariosIn } from './expected-prompt.ts';
import { grouped } from './grouped.ts';
import type { LoggedEvent } from './history.ts';
import { recordedSummaries } from './recorded-summaries.ts';
import {
  eventsOf,
  type RecordedTurn,
  recordedTurns,
  type SessionFact,
  sessionFacts,
  sessionIdOf,
} from './recorded-turns.ts';

/** Characters of one side of a turn that a summary's call is told. */
const MAX_SIDE_CHARS = 4_096;

/**
 * By summary, the data that its call must be told: the text that it extends and the turns from there through its last one, made from the log by
 * its own reading. Shares no code with the worker.
 */
export function expectedSummaryData(log: readonly LoggedEvent[]): ReadonlyMap<string, string> {
  const scenarios = scenariosIn(log);
  const turns = new Map(recordedTurns(log).map((turn) => [turn.turnId, turn]));
  const texts = new Map([...recordedSummaries(log).values()].flat().map(({ summaryId, text }) => [summaryId, text]));
  const found = new Map<string, string>();
  const inOrder = sessionFacts(log);
  const { atStart } = historiesOf(inOrder);
  for (const [stream, facts] of grouped(inOrder, ({ at }) => at.stream)) {
    let history = atStart.get(stream) ?? [];
    for (const fact of facts) {
      history = effectiveHistory(history, fact);
      const { event } = fact;
      if (event.type !== 'SummaryStarted') continue;
      const { summaryId, prompt } = event.data;
      const character = scenarios(sessionIdOf(fact.at), prompt.scenarioVersion)?.persona.name;
      const earlier = prompt.summaryId === undefined ? undefined : texts.get(prompt.summaryId);
      const told = toldTurns(history, fact).flatMap((turnId) => sides(turns.get(turnId)));
      const data = { character, ...(earlier !== undefined && { earlier }), turns: told };
      found.set(summaryId, JSON.stringify({ summarise: data }));
    }
  }
  return found;
}

/** From the first turn that no earlier summary covers, as the manifest has it, through the last that this one will cover. */
function toldTurns(history: readonly string[], { event }: SessionFact): readonly string[] {
  if (event.type !== 'SummaryStarted') return [];
  const { fromTurnId = '', throughTurnId = '' } = event.data.prompt;
  return history.slice(history.indexOf(fromTurnId), history.indexOf(throughTurnId) + 1);
}

function sides(turn: RecordedTurn | undefined): readonly { readonly input: string; readonly reply: string }[] {
  const [requested] = turn ? eventsOf(turn, 'TurnRequested') : [];
  const input = requested && inputOf(requested);
  const reply = turn && answerOf(turn);
  return input === undefined || reply === undefined ? [] : [{ input: cut(input), reply: cut(reply) }];
}

const cut = (text: string): string => text.slice(0, MAX_SIDE_CHARS).toWellFormed();
