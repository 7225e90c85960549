import type { AppendOutcome, EncodedEvent, ExpectedRevision } from '../../ports/index.ts';
import { asExpected, baseRevision, judgeAppend } from '../append-rules.ts';

/** One append that waits to be committed together with others. */
export interface GroupMember {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
}

/** What the log holds of a stream: its newest revision (-1: none) and the ids at the revisions that were asked for. */
export interface StreamFacts {
  readonly head: number;
  readonly ids: ReadonlyMap<number, string>;
}

export type GroupFacts = ReadonlyMap<string, StreamFacts>;

/** An event and the place it will take in its stream. */
export interface PlacedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly event: EncodedEvent;
}

/** What to write so that each member gets its outcome; the outcomes hold once `writes` are committed on streams at their `bases`. */
export interface GroupPlan {
  readonly outcomes: readonly AppendOutcome[];
  readonly writes: readonly PlacedEvent[];
  /** Newest revision, before the group, of each stream that is written to. */
  readonly bases: ReadonlyMap<string, number>;
}

interface PlannedStream {
  readonly base: number;
  readonly added: EncodedEvent[];
}

/**
 * Judges the members in order, each seeing the writes of those before it. Without facts a stream is taken to stand where its first
 * member expects it, which is true of nearly every append and saves asking; `undefined` when a member needs ids from before the group.
 */
export function planGroup(members: readonly GroupMember[], facts?: GroupFacts): GroupPlan | undefined {
  const streams = new Map<string, PlannedStream>();
  const outcomes: AppendOutcome[] = [];
  const writes: PlacedEvent[] = [];
  for (const { stream, expected, events } of members) {
    const base = baseRevision(expected);
    const known = facts?.get(stream);
    const planned = streams.get(stream) ?? { base: known?.head ?? (facts ? -1 : base), added: [] };
    streams.set(stream, planned);
    if (!facts && base < planned.base) return undefined;
    const head = planned.base + planned.added.length;
    const idAt = (revision: number) => planned.added[revision - planned.base - 1]?.eventId ?? known?.ids.get(revision);
    const judgement = judgeAppend(base, events, head, idAt);
    if (judgement === 'write') {
      for (const [index, event] of events.entries()) writes.push({ stream, revision: head + 1 + index, event });
      planned.added.push(...events);
    }
    outcomes.push(
      judgement === 'conflict'
        ? { outcome: 'conflict', actualRevision: asExpected(head) }
        : { outcome: 'ok', revision: base + events.length },
    );
  }
  const bases = new Map(
    [...streams].filter(([, { added }]) => added.length > 0).map(([name, { base }]) => [name, base]),
  );
  return { outcomes, writes, bases };
}
