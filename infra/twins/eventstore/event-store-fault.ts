import { z } from 'zod';

const scope = {
  /** Falls on appends and deletions alone, or on reads and subscriptions alone; on all calls by default. */
  calls: z.enum(['append', 'read']).optional(),
  /** Heals by itself after so many calls. */
  times: z.number().int().min(1).optional(),
};
const simple = <K extends string>(kind: K) => z.strictObject({ kind: z.literal(kind), ...scope });

/** What can go wrong with the event store. */
export const eventStoreFaultSchema = z.discriminatedUnion('kind', [
  /** Takes a call and never answers it nor does it; open subscriptions fall silent until it heals. */
  simple('silent'),
  /** Refuses with code 14; ends open subscriptions with it. */
  simple('unavailable'),
  /** Ends open subscriptions in good order, and new ones once they are confirmed. */
  z.strictObject({ kind: z.literal('graceful_end') }),
  /** Ends open subscriptions as the server does with those that read too slowly; once. */
  z.strictObject({ kind: z.literal('consumer_too_slow') }),
  /** Refuses appends, and calls that require the leader, naming who leads. */
  z.strictObject({
    kind: z.literal('not_leader'),
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535),
    ...scope,
  }),
  /** Begins every call, and hands every batch of live events over, this much later. */
  z.strictObject({ kind: z.literal('slow'), delayMs: z.number().min(0).max(600_000), ...scope }),
  /** Does what it is asked to and never answers. */
  simple('execute_and_timeout'),
  /** Answers so many appends, does what else comes within the grace without an answer, then resets every connection; once. */
  z.strictObject({
    kind: z.literal('kill_mid_batch'),
    answers: z.number().int().min(0).default(1),
    graceMs: z.number().min(0).max(10_000).default(50),
  }),
]);

export type EventStoreFault = z.infer<typeof eventStoreFaultSchema>;
export type EventStoreFaultSpec = z.input<typeof eventStoreFaultSchema>;
export type FaultKind = EventStoreFault['kind'];
export type CallKind = 'append' | 'read' | 'other';
