import type { z } from 'zod';
import type { PlayerEvent, RerunEvent, ScenarioEvent, SessionEvent } from '../../domain/index.ts';
import { TurnledgerError } from '../errors/turnledger-error.ts';
import { lifecycleEventSchemas } from './lifecycle-event-schemas.ts';
import { playerEventSchemas } from './player-events.ts';
import { rerunEventSchemas } from './rerun-events.ts';
import { scenarioEventSchemas } from './scenario-events.ts';
import { upcastersFrom } from './schema-versions.ts';
import { summaryEventSchemas } from './summary-event-schemas.ts';
import { turnEventSchemas } from './turn-event-schemas.ts';

/** Every event the log may hold, as it is stored. */
export type SealedEvent = SessionEvent<'sealed'> | ScenarioEvent | PlayerEvent<'sealed'> | RerunEvent;

export type EventType = SealedEvent['type'];

/** The stored shape of every event type, newest version. */
export const eventSchemas = {
  ...lifecycleEventSchemas,
  ...turnEventSchemas,
  ...summaryEventSchemas,
  ...scenarioEventSchemas,
  ...playerEventSchemas,
  ...rerunEventSchemas,
} as const satisfies {
  readonly [type in EventType]: z.ZodType;
};

const isEventType = (type: string): type is EventType => Object.hasOwn(eventSchemas, type);

/**
 * Reads a stored event into its newest shape: from the version it was written with by an upcaster a step, on data as stored, then by the
 * schema. Throws `event_unknown` for a type or version this program does not know (a newer one wrote it), `event_invalid` for data that is
 * not of its recorded shape.
 */
export function readEvent(type: string, schemaVersion: string | undefined, data: string): SealedEvent {
  const steps = isEventType(type) ? upcastersFrom(type, schemaVersion) : undefined;
  if (!isEventType(type) || !steps) {
    throw new TurnledgerError('event_unknown', { detail: `${type} version ${schemaVersion ?? 'none'}` });
  }
  try {
    const newest = steps.reduce<unknown>((older, upcast) => upcast(older), JSON.parse(data));
    return { type, data: eventSchemas[type].parse(newest) } as SealedEvent;
  } catch (cause) {
    // Also a RangeError: what is too deep for the schema would otherwise be read again and again.
    throw new TurnledgerError('event_invalid', { detail: type, cause });
  }
}
