import type { PlayerEvent, RerunEvent, ScenarioEvent, SessionEvent } from '../../domain/index.ts';

type EventType = (SessionEvent | ScenarioEvent | PlayerEvent | RerunEvent)['type'];

/** Takes an event's data, as stored, to its type's next version; what is sealed in it stays sealed. */
type Upcaster = (data: unknown) => unknown;

/** What was written before a member was added never has it, which is what its absence says. */
const hasOneMemberLess: Upcaster = (data) => data;

/**
 * The types whose shape has changed since their first version, with what reads each older version as the next: from 1 to 2, from 2 to 3.
 * A type that is not here is at version 1. Rows are added at the end of a list and never taken out: somebody's log begins there.
 */
const upcasters: { readonly [type in EventType]?: readonly [Upcaster, ...Upcaster[]] } = {
  /** 2: `prompt.correctionOfAttempt`; 3: `prompt.summaryId`. */
  TurnStarted: [hasOneMemberLess, hasOneMemberLess],
  /** 2: `move`. */
  TurnCompleted: [hasOneMemberLess],
  /** 2: `history.summary`. */
  ScenarioConfigured: [hasOneMemberLess],
};

/** The version that new events of a type are written with, as their metadata has it. */
export const schemaVersionOf = (type: EventType): string => String((upcasters[type]?.length ?? 0) + 1);

/** What reads data of that version of a type as its newest, step by step; undefined for a version that is none of ours. */
export function upcastersFrom(type: EventType, schemaVersion: string | undefined): readonly Upcaster[] | undefined {
  const steps = upcasters[type] ?? [];
  const version = Number(schemaVersion);
  const isKnown = String(version) === schemaVersion && Number.isInteger(version) && version >= 1;
  return isKnown && version <= steps.length + 1 ? steps.slice(version - 1) : undefined;
}
