import type { Lineage, StartedSession } from '@turnledger/shared/client';
import { detectiveSays } from './lisbon-ledger.ts';
import { sayStreamed } from './say-streamed.ts';
import type { ToldTurn } from './show-ledger.ts';
import type { TerminalPage } from './terminal-page.ts';

export interface SaveToLoad {
  readonly session: StartedSession;
  readonly page: TerminalPage;
  /** The turn that the player saved at; others came after it. */
  readonly saved: ToldTurn;
  readonly signal: AbortSignal;
}

/** What the save led to: whether the character forgot what came after it, and how many turns that took. */
export interface LoadedSave {
  readonly isForgotten: boolean;
  readonly turns: number;
  /** Of the last write. */
  readonly logPosition: string;
}

/** Goes back to a bookmark twice: an accusation that leads nowhere, then the truth, whole this time. All endings stay in the lineage. */
export async function loadSave({ session, page, saved, signal }: SaveToLoad): Promise<LoadedSave> {
  const { bookmark } = await session.bookmark({ turnId: saved.turnId, label: 'before the truth', signal });
  page.fact('in the save', bookmark);
  await session.rewind({ bookmark }, { reason: 'the save was loaded', signal });
  const accused = await sayStreamed(page, session, detectiveSays.accusation, signal);
  page.note('That leads nowhere. The save is loaded again; she does not know that she was ever accused.');
  const { logPosition = '' } = await session.rewind({ bookmark }, { reason: 'the save was loaded again', signal });
  const told = await sayStreamed(page, session, detectiveSays.truth, signal);
  const lineage = await session.lineage({ signal });
  for (const turn of lineage.turns) if (turn.afterTurnId === saved.turnId) showEnding(page, turn);
  const kept = lineage.turns.filter(({ rewound }) => !rewound).map(({ id }) => id);
  const { turns } = await session.replay({ signal });
  const isForgotten =
    kept.at(-1) === told.turnId && !kept.includes(accused.turnId) && turns.every(({ id }) => kept.includes(id));
  const endings = lineage.turns.filter(({ afterTurnId }) => afterTurnId === saved.turnId).length;
  page.check(isForgotten, `${endings} endings are in the record, ${kept.length} turns in her memory.`);
  return { isForgotten, turns: 2, logPosition };
}

const showEnding = (page: TerminalPage, { position, status, rewound }: Lineage['turns'][number]): void =>
  page.fact(`ending ${position}`, `${status.padEnd(10)} ${rewound ? 'rewound away' : 'what is remembered'}`);
