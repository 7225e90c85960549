import type { Rerun } from '@turnledger/shared/client';
import { dollars } from './cell-text.ts';

const BAR_CHARS = 24;

/** How far a re-run is, as a line that is written over. */
export function rerunProgress({ status, progress, spentMicroUsd, comparison }: Rerun): string {
  const { compared, turns } = progress;
  const done = turns === 0 ? 0 : Math.min(BAR_CHARS, Math.floor((BAR_CHARS * compared) / turns));
  const bar = `[${'#'.repeat(done)}${'.'.repeat(BAR_CHARS - done)}]`;
  const state = status === 'cancelling' ? ', cancelling' : '';
  return `${bar} ${compared} of ${turns} turns, ${comparison.diverged} diverged, USD ${dollars(spentMicroUsd)}${state}`;
}
