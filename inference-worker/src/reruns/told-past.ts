import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { HeldSummary, PromptManifest, SessionState } from '@turnledger/shared/domain';
import { decodeEvent, type Ledger } from '@turnledger/shared/runtime';
import type { KnownSummary } from '../known-summaries.ts';
import type { ToldPast } from '../tell-again.ts';
import { promptToRepeat, type RecordedTurn } from './recorded-turn.ts';

/** Events that are looked through at once, newest first: the summary that a prompt tells is mostly of the last twenty turns. */
const PAGE_EVENTS = 256;

/**
 * What a recorded prompt told of its session's past; undefined where none was made. Throws `store_unavailable`, `invariant_broken` for a summary
 * that is nowhere.
 */
export async function toldPast(
  ledger: Pick<Ledger, 'sessions'>,
  recordedIn: { readonly sessionId: string; readonly state: SessionState },
  recorded: RecordedTurn,
): Promise<ToldPast | undefined> {
  const prompt = promptToRepeat(recorded);
  if (!prompt) return undefined;
  const { scenarioVersion, fromTurnId } = prompt;
  const summary = await toldSummary(ledger, recordedIn, prompt);
  return { scenarioVersion, ...(fromTurnId !== undefined && { fromTurnId }), ...(summary && { summary }) };
}

/** The summary that it told, whatever has become of it since: a rewind behind it, or the newest MAX_HELD_SUMMARIES after it. */
async function toldSummary(
  { sessions }: Pick<Ledger, 'sessions'>,
  { sessionId, state }: { readonly sessionId: string; readonly state: SessionState },
  { summaryId, foldedThroughRevision }: PromptManifest,
): Promise<KnownSummary | undefined> {
  if (summaryId === undefined) return undefined;
  for (const stretch of [{ sessionId, throughRevision: foldedThroughRevision }, ...state.lineage.toReversed()]) {
    const { keyId, summaries } = await sessions.load(sessionStream(stretch.sessionId), Number.POSITIVE_INFINITY);
    const held = summaries?.held.find((one) => one.summaryId === summaryId);
    const summary = held ?? (await findSummary(sessions, stretch, summaryId));
    if (summary) return { ...summary, recordedIn: { sessionId: stretch.sessionId, keyId } };
  }
  throw new TurnledgerError('invariant_broken', { detail: `summary ${summaryId} is in no session of its lineage` });
}

async function findSummary(
  sessions: Ledger['sessions'],
  { sessionId, throughRevision }: { readonly sessionId: string; readonly throughRevision: number },
  summaryId: string,
): Promise<HeldSummary | undefined> {
  for (let through = throughRevision; through >= 0; through -= PAGE_EVENTS) {
    const from = Math.max(0, through - PAGE_EVENTS + 1);
    for (const stored of await sessions.events(sessionStream(sessionId), from, through)) {
      if (stored.type !== 'HistorySummarized') continue;
      const event = decodeEvent(stored);
      if (event.type !== 'HistorySummarized' || event.data.summaryId !== summaryId) continue;
      const { throughTurnId, throughPosition, tokens } = event.data;
      return { summaryId, throughTurnId, throughPosition, tokens, revision: stored.revision };
    }
  }
  return undefined;
}
