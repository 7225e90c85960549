import { z } from 'zod';

/** Ids are ours or a game's; the bound keeps a foreign message from filling a lane's name. */
const id = z.string().min(1).max(255);

const turn = {
  session_id: id.meta({
    description: 'The session; also the key, so that its turns share a partition and keep their order.',
  }),
  turn_id: id,
  correlation_id: z.string().max(1_024).meta({ description: 'What the logs of the request have as its trace.' }),
};

/** The members that CloudEvents 1.0 asks of an event, and those it lets us choose. Unknown members are extensions and are left alone. */
const envelope = {
  specversion: z.literal('1.0'),
  id: id.meta({ description: 'The same each time the turn is told of again: source and id name one event.' }),
  source: z.string().min(1).max(255),
  subject: id.optional().meta({ description: 'The turn.' }),
  time: z.iso.datetime().meta({ description: "The log's time of the event that this tells of; milliseconds, UTC." }),
  datacontenttype: z.literal('application/json'),
};

/** Where these events come from, as CloudEvents has it: a reference, not an address. */
export const turnMessageSource = '/turnledger/log';

/** Written to `…turns.requested`: a turn wants a worker. A hint; the session's stream is the truth. No text of a player is in it. */
export const turnRequestedMessage = z
  .object({
    ...envelope,
    type: z.literal('turnledger.turn.requested.v1'),
    data: z.object({
      ...turn,
      deadline_ms: z.int().min(0).meta({ description: 'From `time`; a turn is over then, answered or not.' }),
    }),
  })
  .meta({ description: 'A turn wants a worker.' });

/** Written to `…turns.ended`: a turn has ended, so nobody needs to go on with it. */
export const turnEndedMessage = z
  .object({ ...envelope, type: z.literal('turnledger.turn.ended.v1'), data: z.object(turn) })
  .meta({ description: 'A turn has ended, by whatever way.' });

/** Headers that a message has where its event is known; a header's value is text. */
export const turnMessageHeaders = z.object({
  'content-type': z.literal('application/cloudevents+json; charset=utf-8'),
  'event-id': z.uuid().optional().meta({ description: 'The event in the log that this tells of.' }),
  'log-position': z
    .string()
    .regex(/^\d{1,20}$/)
    .optional()
    .meta({ description: 'Where the log has it.' }),
});

export const parkReasons = ['too_large', 'not_json', 'unknown_type', 'invalid', 'unknown_turn'] as const;

/** Why a message was put aside: it could not be read, or the log has no such turn. */
export type ParkReason = (typeof parkReasons)[number];

/** Headers of a parked message: why, and where it came from. Its key and value are as they were; of a long value the beginning. */
export const parkedMessageHeaders = z.object({
  reason: z.enum(parkReasons),
  topic: z.string(),
  partition: z.string().regex(/^\d+$/),
  offset: z.string().regex(/^\d+$/),
});

export type TurnRequestedMessage = z.infer<typeof turnRequestedMessage>;
export type TurnEndedMessage = z.infer<typeof turnEndedMessage>;
