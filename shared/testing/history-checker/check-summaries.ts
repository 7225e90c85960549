import { effectiveHistory, historiesOf, type TurnIds } from './effective-history.ts';
import { grouped } from './grouped.ts';
import type { Evidence, LoggedEvent, Violation } from './history.ts';
import { type EventOf, type SessionFact, sessionFacts, sessionIdOf, shownFact } from './recorded-turns.ts';

/** Wall clock against wall clock of one machine, as two processes read it. */
const CLOCK_TOLERANCE_MS = 50;
/** The longest call for a summary and the time to record it. */
const SETTLED_WITHIN_MS = 62_000;

/**
 * R6 and R12 of summaries: each is claimed once, one at a time in a session and never while a turn is open, over what is effective history; it
 * is recorded or fails by its own call, once, and a bill that comes late is of a worker that was given up, which takes a death; and what was
 * recorded covers turns that were all history then.
 */
export function checkSummaries({ log, killsAtMs }: Evidence): readonly Violation[] {
  const inOrder = sessionFacts(log);
  const sessions = grouped(inOrder, ({ at }) => at.stream);
  const { atStart } = historiesOf(inOrder);
  const endMs = Math.max(0, ...log.map(({ loggedAtMs }: LoggedEvent) => loggedAtMs));
  return [...sessions].flatMap(([stream, facts]) =>
    checkSession(facts, { historyAtStart: atStart.get(stream) ?? [], killsAtMs, endMs }),
  );
}

const ENDINGS: ReadonlySet<string> = new Set(['TurnCompleted', 'TurnFailed', 'TurnCancelled', 'TurnTimedOut']);

function checkSession(
  facts: readonly SessionFact[],
  {
    historyAtStart,
    killsAtMs,
    endMs,
  }: { readonly historyAtStart: TurnIds; readonly killsAtMs: readonly number[]; readonly endMs: number },
): readonly Violation[] {
  let history = historyAtStart;
  let openTurnId: string | undefined;
  let open: { readonly fact: SessionFact; readonly data: EventOf<'SummaryStarted'>['data'] } | undefined;
  const lost = new Set<string>();
  const known = new Set<string>();
  const found: Violation[] = [];
  for (const fact of facts) {
    const { event, at } = fact;
    const wrong = (invariant: Violation['invariant'], sentence: string) =>
      found.push({ invariant, sentence, sessionId: sessionIdOf(at), evidence: shownFact(fact) });
    history = effectiveHistory(history, fact);
    if (event.type === 'TurnRequested') openTurnId = event.data.turnId;
    if (ENDINGS.has(event.type) && 'turnId' in event.data && event.data.turnId === openTurnId) openTurnId = undefined;
    if (event.type === 'SummaryStarted') {
      const { data } = event;
      if (open) wrong('R6', 'a summary was claimed while another was under way');
      if (openTurnId !== undefined) wrong('R6', 'a summary was claimed while a turn was open');
      if (known.has(data.summaryId)) wrong('R6', 'a summary was claimed twice');
      if (history[0] !== data.fromTurnId || history[data.throughPosition - 1] !== data.throughTurnId)
        wrong('R12', 'a summary was claimed of what is not effective history');
      known.add(data.summaryId);
      open = { fact, data };
    }
    if (event.type !== 'HistorySummarized' && event.type !== 'SummaryFailed') continue;
    const { summaryId, callId } = event.data;
    const isOpen = open?.data.summaryId === summaryId && open.data.calls.some((call) => call.callId === callId);
    const isLate = event.type === 'SummaryFailed' && lost.delete(callId);
    if (!isOpen && !isLate) wrong('R6', 'a summary ends that no claim announced, or that had ended');
    if (event.type === 'HistorySummarized' && history[event.data.throughPosition - 1] !== event.data.throughTurnId)
      wrong('R12', 'a summary was recorded of what is not effective history');
    if (!isOpen) continue;
    if (event.type === 'SummaryFailed' && event.data.code === 'worker_lost') {
      lost.add(callId);
      const fromMs = (open?.fact.at.loggedAtMs ?? 0) - CLOCK_TOLERANCE_MS;
      if (!killsAtMs.some((atMs) => atMs >= fromMs && atMs <= at.loggedAtMs + CLOCK_TOLERANCE_MS))
        wrong('R6', 'a summary was given up as lost though no process died under it');
    }
    open = undefined;
  }
  const left = open?.fact;
  const isForgotten =
    left &&
    !killsAtMs.some((atMs) => atMs >= left.at.loggedAtMs - CLOCK_TOLERANCE_MS) &&
    endMs > left.at.loggedAtMs + SETTLED_WITHIN_MS;
  if (isForgotten) {
    const evidence = shownFact(left);
    found.push({
      invariant: 'R6',
      sentence: 'the call of a summary is accounted for by no event',
      sessionId: sessionIdOf(left.at),
      evidence,
    });
  }
  return found;
}
