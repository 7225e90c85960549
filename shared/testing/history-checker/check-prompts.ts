import { historiesOf } from './effective-history.ts';
import { type ExpectedPrompt, expectedPrompt, scenariosIn } from './expected-prompt.ts';
import type { Evidence, LoggedEvent, ModelCall, Violation } from './history.ts';
import { knownSummaries } from './recorded-summaries.ts';
import { type EventOf, eventsOf, type RecordedTurn, recordedTurns, sessionFacts } from './recorded-turns.ts';

/** A claim with the prompt that it must lead to. */
interface Claim {
  readonly turn: RecordedTurn;
  readonly started: EventOf<'TurnStarted'>;
  readonly expected: ExpectedPrompt;
}

/**
 * R5, order: each prompt that reached a model is, message by message, what rule 10 says of the turns that had ended before it, and each
 * manifest names the window that went in. Calls without a claim are for R6 to name.
 */
export function checkPrompts({ log, calls }: Evidence): readonly Violation[] {
  const claims = claimsIn(log);
  const byPrompt = new Map<string, Claim[]>();
  for (const claim of claims) {
    const said = lastMessage(claim.expected.messages);
    byPrompt.set(said, [...(byPrompt.get(said) ?? []), claim]);
  }
  return [
    ...claims.flatMap(judgeManifest),
    ...calls.flatMap((call) => judgeCall(call, byPrompt.get(lastMessage(call.messages)) ?? [])),
  ];
}

function claimsIn(log: readonly LoggedEvent[]): readonly Claim[] {
  const scenarios = scenariosIn(log);
  const turns = recordedTurns(log);
  const byId = new Map(turns.map((turn) => [turn.turnId, turn]));
  const summaries = knownSummaries(log);
  const pasts = historiesOf(sessionFacts(log)).beforeTurn;
  return turns.flatMap((turn) => {
    const past = (pasts.get(turn.turnId) ?? []).flatMap((turnId) => byId.get(turnId) ?? []);
    return eventsOf(turn, 'TurnStarted').flatMap((started) => {
      const expected = expectedPrompt(scenarios, past, turn, started, summaries.get(turn.sessionId));
      return expected ? [{ turn, started, expected }] : [];
    });
  });
}

function judgeManifest({ turn, started, expected }: Claim): readonly Violation[] {
  const { fromTurnId, throughTurnId, summaryId } = started.data.prompt;
  const { messages: _texts, ...wanted } = expected;
  const isSame =
    fromTurnId === wanted.fromTurnId && throughTurnId === wanted.throughTurnId && summaryId === wanted.summaryId;
  if (isSame) return [];
  const evidence = { recorded: { fromTurnId, throughTurnId, summaryId }, expected: wanted };
  return [
    { invariant: 'R5', sentence: 'a manifest names another window than rule 10 gives', ...namesOf(turn), evidence },
  ];
}

function judgeCall({ messages }: ModelCall, claims: readonly Claim[]): readonly Violation[] {
  const said = messages.map(shape);
  const isExpected = claims.some(
    ({ expected }) => JSON.stringify(expected.messages.map(shape)) === JSON.stringify(said),
  );
  const [claim] = claims;
  if (!claim || isExpected) return [];
  const evidence = { sent: messages, expected: claim.expected.messages };
  return [{ invariant: 'R5', sentence: 'a prompt is not what rule 10 gives', ...namesOf(claim.turn), evidence }];
}

const shape = ({ role, content }: ModelCall['messages'][number]) => [role, content];

const lastMessage = (messages: ModelCall['messages']): string => messages.at(-1)?.content ?? '';

const namesOf = ({ turnId, sessionId }: RecordedTurn) => ({ turnId, sessionId });
