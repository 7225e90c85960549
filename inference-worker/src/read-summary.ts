import { sessionStream, TurnledgerError } from '@turnledger/shared/contracts';
import type { HeldSummary } from '@turnledger/shared/domain';
import { openSessionEvent } from '@turnledger/shared/runtime';
import type { KnownSummary } from './known-summaries.ts';
import type { WorkerPorts } from './ports.ts';

/** Texts by the state that names them, which never changes: they live as long as the folded session does, and are not read for each prompt. */
const known = new WeakMap<HeldSummary, string>();

/**
 * The text of a summary. Throws `player_erased` once its key is destroyed, also where it was read before; `store_unavailable`.
 */
export async function readSummary(
  { ledger, vault }: Pick<WorkerPorts, 'ledger' | 'vault'>,
  session: { readonly sessionId: string; readonly keyId: string },
  summary: KnownSummary,
): Promise<string> {
  const { sessionId, keyId } = summary.recordedIn ?? session;
  if ((await vault.dataKey(keyId)).outcome === 'erased') throw new TurnledgerError('player_erased');
  const read = known.get(summary);
  if (read !== undefined) return read;
  const { revision } = summary;
  const [stored] = await ledger.sessions.events(sessionStream(sessionId), revision, revision);
  const event = stored && (await openSessionEvent(stored, vault));
  if (event?.type !== 'HistorySummarized')
    throw new TurnledgerError('invariant_broken', { detail: 'a summary is not where it was recorded' });
  if (event.data.text === null) throw new TurnledgerError('player_erased');
  known.set(summary, event.data.text);
  return event.data.text;
}
