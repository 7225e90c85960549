import { limits, TurnledgerError } from '@turnledger/shared/contracts';
import { feedIds } from '@turnledger/shared/runtime';

/**
 * A place in the stream of a whole session: an event of its log that begins something (a turn's request, a rewind, the end), and the last
 * id of what is shown for it: of a turn the ids of its own stream, of anything else `feedIds.requested`. Id 0: nothing of it.
 */
export interface SpectatorPlace {
  readonly revision: number;
  readonly id: number;
}

/** Ten times a turn's last id, so that a person can read an id; times limits.spectate.maxRevision it is 9 * 10^15, a safe integer. */
const PER_REVISION = 10 * feedIds.ending;

/** As many as the largest id has. */
export const spectatorIdDigits = String(limits.spectate.maxRevision * PER_REVISION + feedIds.ending).length;

/** A reply has 256 KiB at most, and so no attempt as many deltas as this: what is made again from the record is numbered above it. */
const FIRST_RECORDED = feedIds.perAttempt / 2;

/** The id under which a spectator is sent a place, the same on every node and every time. Throws `invariant_broken` beyond limits.spectate.maxRevision. */
export function spectatorId({ revision, id }: SpectatorPlace): number {
  if (revision > limits.spectate.maxRevision)
    throw new TurnledgerError('invariant_broken', { detail: `revision ${revision} is beyond a spectator's ids` });
  return revision * PER_REVISION + id;
}

export const spectatorPlace = (id: number): SpectatorPlace => ({
  revision: Math.floor(id / PER_REVISION),
  id: id % PER_REVISION,
});

/** The id, in its turn, of a group of words of an attempt that is shown as it was recorded; groups count from 1. */
export const recordedDeltaId = (attempt: number, group: number): number =>
  attempt * feedIds.perAttempt + FIRST_RECORDED + group;

/** Whether an id of a turn stands in the text of an attempt, and in which of its two forms: the words as they came, or as the record has them. */
export function textFormOf(id: number): 'live' | 'recorded' | 'none' {
  const inAttempt = id % feedIds.perAttempt;
  if (inAttempt > FIRST_RECORDED) return 'recorded';
  return inAttempt === 0 || id === feedIds.requested ? 'none' : 'live';
}
