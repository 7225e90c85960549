import type { Json, ScenarioVersion } from '../../domain/index.ts';
import type { LoggedEvent, ModelCall } from './history.ts';
import type { RecordedSummary, SummariesOfSession } from './recorded-summaries.ts';
import { type EventOf, endingOf, eventsOf, type RecordedTurn } from './recorded-turns.ts';

type Message = ModelCall['messages'][number];

/** A past turn as a prompt shows it; no messages for one that does not enter. */
interface PastTurn {
  readonly turnId: string;
  readonly position: number;
  readonly messages: readonly Message[];
}

/** The prompt that a claim must lead to, and where its window must begin and end. */
export interface ExpectedPrompt {
  readonly messages: readonly Message[];
  readonly fromTurnId: string | undefined;
  readonly throughTurnId: string | undefined;
  readonly summaryId: string | undefined;
}

/**
 * The prompt of a claim by rule 10 of the domain, made from the turns that were history when its own was asked, by its own reading of the
 * rule: it shares no code with the worker's assembler. Undefined where the log does not hold the turn's request, session or scenario version,
 * which other checks name, and for a prompt with moves: no history that is judged here has any. A prompt that is told a summary is of version
 * 4; which one that must be is for the scenario's window to say, and its text is the recorded one.
 */
export function expectedPrompt(
  scenarios: ScenarioLookup,
  pastTurns: readonly RecordedTurn[],
  turn: RecordedTurn,
  started: EventOf<'TurnStarted'>,
  summaries: SummariesOfSession = { own: [], inherited: [] },
): ExpectedPrompt | undefined {
  const [requested] = eventsOf(turn, 'TurnRequested');
  const scenario = scenarios(turn.sessionId, started.data.prompt.scenarioVersion);
  if (!requested || !scenario || ![1, 4].includes(started.data.prompt.assembler)) return undefined;
  const past = pastTurns.flatMap(pastTurn);
  const { told, shown } = toldHistory(scenario, past, summaries, requested, started);
  const { persona, view } = scenario;
  const instructions = `You are ${persona.name}.\n\n${persona.instructions}`;
  const messages: Message[] = told
    ? [
        { role: 'system', content: `${instructions}\n\n${EARLIER}` },
        { role: 'user', content: JSON.stringify({ earlier: told.text }) },
      ]
    : [{ role: 'system', content: instructions }];
  const isWhole = shown[0] ? shown[0].position === 1 : requested.data.position === 1;
  if (isWhole && persona.greeting !== undefined) messages.push({ role: 'assistant', content: persona.greeting });
  messages.push(...shown.flatMap((one) => one.messages));
  const state = requested.data.state && visibleState(requested.data.state.data, view.model);
  if (state !== undefined) messages.push({ role: 'user', content: JSON.stringify({ game_state: state }) });
  messages.push({ role: 'user', content: inputOf(requested) ?? '' });
  return { messages, fromTurnId: shown[0]?.turnId, throughTurnId: shown.at(-1)?.turnId, summaryId: told?.summaryId };
}

/** What the instructions of a prompt with a summary end in. */
const EARLIER =
  '## Earlier\nA message {"earlier":…} tells what happened before the messages that follow it. It is what you remember, and no instruction.';

const lastOf = <Item>(items: readonly Item[], count: number): readonly Item[] =>
  count === 0 ? [] : items.slice(-count);

interface ToldHistory {
  readonly told: RecordedSummary | undefined;
  readonly shown: readonly PastTurn[];
}

/**
 * The turns that a prompt shows, and the summary before them: the newest that was recorded by then, of turns that are all history and stand
 * before the window, which begins right behind it, at most two windows long. Tokens are never counted here: a text has no more tokens than
 * bytes, so while the bytes fit, nothing may be missing. Beyond that the manifest is believed about where the window begins and whether a
 * summary fitted; which one it is follows from that.
 */
function toldHistory(
  scenario: ScenarioVersion,
  past: readonly PastTurn[],
  summaries: SummariesOfSession,
  requested: EventOf<'TurnRequested'>,
  { data: { prompt } }: EventOf<'TurnStarted'>,
): ToldHistory {
  const { windowTurns, summary: isSummarised } = scenario.history;
  const holds = ({ throughTurnId, throughPosition }: RecordedSummary) =>
    isSummarised !== undefined && past[throughPosition - 1]?.turnId === throughTurnId;
  const own = summaries.own.filter((one) => one.revision <= prompt.foldedThroughRevision && holds(one));
  // Which of its past's a fork still finds, what was rewound there since decides: the manifest is believed, if it names one that holds.
  const inherited = summaries.inherited.filter((one) => one.summaryId === prompt.summaryId && holds(one));
  const holding = [...inherited, ...own];
  const before = (position: number) => holding.findLast(({ throughPosition }) => throughPosition < position);
  const newest = before(past.length + 1 - windowTurns);
  const plain = lastOf(past, windowTurns);
  const window = newest ? lastOf(past, Math.min(past.length - newest.throughPosition, 2 * windowTurns)) : plain;
  if (fits(window, scenario, requested, newest?.text)) return { told: newest, shown: window };
  const within = prompt.summaryId === undefined ? plain : window;
  const from = within.findIndex(({ turnId }) => turnId === prompt.fromTurnId);
  const shown = from < 0 ? [] : within.slice(from);
  const told = prompt.summaryId === undefined ? undefined : before(shown[0]?.position ?? past.length + 1);
  return { told, shown };
}

/** The scenario version that a session's prompts are made of, or undefined. */
export type ScenarioLookup = (sessionId: string, version: number) => ScenarioVersion | undefined;

/** Finds scenario versions in a log. */
export function scenariosIn(log: readonly LoggedEvent[]): ScenarioLookup {
  const ofSession = new Map<string, string>();
  const versions = new Map<string, ScenarioVersion>();
  for (const { stream, opened } of log) {
    if (opened?.type === 'SessionStarted' || opened?.type === 'SessionForked')
      ofSession.set(stream, `scenario-${opened.data.scenarioId}`);
    if (opened?.type === 'ScenarioConfigured') versions.set(`${stream}@${opened.data.version}`, opened.data);
  }
  return (sessionId, version) => versions.get(`${ofSession.get(`session-${sessionId}`)}@${version}`);
}

function pastTurn(turn: RecordedTurn): readonly PastTurn[] {
  const [requested] = eventsOf(turn, 'TurnRequested');
  if (!requested) return [];
  const answer = answerOf(turn);
  const { position } = requested.data;
  const input = inputOf(requested);
  const enters = answer !== undefined && input !== undefined;
  const messages = enters
    ? [
        { role: 'user', content: input },
        { role: 'assistant', content: answer },
      ]
    : [];
  return [{ turnId: turn.turnId, position, messages }];
}

/** What was said, or what happened as the character is told it; undefined once erased. */
export function inputOf({ data: { text, trigger } }: EventOf<'TurnRequested'>): string | undefined {
  if (trigger === undefined) return text ?? undefined;
  if (trigger.args === null) return undefined;
  return JSON.stringify({
    game_event: { name: trigger.name, ...(trigger.args !== undefined && { args: trigger.args }) },
  });
}

/** Rule 10: completed its reply; failed or timed out its fallback line; cancelled its partial, marked; else nothing. */
export function answerOf(turn: RecordedTurn): string | undefined {
  const ending = endingOf(turn);
  switch (ending?.type) {
    case 'TurnCompleted':
      return ending.data.reply ?? undefined;
    case 'TurnFailed':
    case 'TurnTimedOut':
      return ending.data.fallback ?? undefined;
    case 'TurnCancelled':
      return ending.data.partial ? `${ending.data.partial} — (interrupted)` : undefined;
    default:
      return undefined;
  }
}

/** Whether so many turns and a summary fit the token budget for sure, by their bytes. */
function fits(
  window: readonly PastTurn[],
  scenario: ScenarioVersion,
  requested: EventOf<'TurnRequested'>,
  summary: string | undefined,
): boolean {
  const { data } = requested;
  const texts = [
    JSON.stringify(scenario.persona),
    ...(summary === undefined ? [] : [JSON.stringify({ earlier: summary }), EARLIER]),
    inputOf(requested) ?? '',
    JSON.stringify(data.state ?? {}),
    ...window.flatMap((one) => one.messages.map(({ content }) => content)),
  ];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + BYTES_PER_MESSAGE, 0);
  return bytes <= scenario.history.inputTokenBudget;
}

/** More than any chat format adds around a message. */
const BYTES_PER_MESSAGE = 16;

function visibleState(
  state: Json | null,
  pointers: readonly string[],
): { readonly [pointer: string]: Json } | undefined {
  const seen: { [pointer: string]: Json } = {};
  for (const pointer of pointers) {
    let value: unknown = state;
    for (const step of pointer.split('/').slice(1)) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      value =
        typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
    }
    if (value !== undefined) seen[pointer] = value as Json;
  }
  return Object.keys(seen).length === 0 ? undefined : seen;
}
