import type { TurnRecord } from '@turnledger/shared/domain';

/** A turn's row: what readers are shown, and what relay, expiry and the other views need to know of it. */
export interface TurnRow extends TurnRecord<'sealed'> {
  /** The log's time of TurnRequested, milliseconds; the deadline counts from it (rule 11). */
  readonly loggedAtMs: number;
  readonly deadlineAtMs: number;
  readonly correlationId: string;
  /** Where the newest attempt asked, as it was planned. */
  readonly lastCall?: { readonly model: string; readonly endpoint: string };
}
