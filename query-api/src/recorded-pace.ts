import { limits } from '@turnledger/shared/contracts';

const { groupMs, maxGroupsPerReply } = limits.replay;

/** Some words of a reply, and when they were said, milliseconds since the epoch. */
export interface SaidGroup {
  readonly text: string;
  readonly atMs: number;
}

/**
 * A recorded text as it may have come: the log holds it whole, so its words are spread evenly between two moments, in groups of one every
 * limits.replay.groupMs and at most limits.replay.maxGroupsPerReply. Joined they are the text, to the letter.
 */
export function saidBetween(text: string, fromMs: number, toMs: number): readonly SaidGroup[] {
  const words = text.match(/\s*\S+|\s+$/g) ?? [];
  const spanMs = Math.max(0, toMs - fromMs);
  const wanted = Math.min(words.length, maxGroupsPerReply, Math.max(1, Math.ceil(spanMs / groupMs)));
  const boundary = (index: number) => Math.round((index * words.length) / wanted);
  return Array.from({ length: wanted }, (_, index) => ({
    text: words.slice(boundary(index), boundary(index + 1)).join(''),
    atMs: fromMs + (index * spanMs) / wanted,
  }));
}
