import { z } from 'zod';
import { count, instant, pairs, position, scenario, text, uuid } from './reply-fields.ts';
import { sessionOutcomes } from './session-bodies.ts';
import { turnSchema, turnStatuses } from './turn-schemas.ts';

/** A turn that a session goes on from, and the session that recorded it. */
const forkPoint = z.object({ session_id: uuid, turn_id: uuid, position: z.int().min(1) });

export const sessionSchema = z
  .object({
    id: uuid,
    scenario,
    game_id: text,
    player_id: text.meta({ description: "The game's own id of the player; null once they are erased." }),
    participants: z.array(
      z.union([
        z.object({ kind: z.literal('player'), player_id: text }),
        z.object({ kind: z.literal('npc'), scenario_id: z.string() }),
      ]),
    ),
    forked_from: forkPoint.nullable().meta({
      description: 'The turn that it goes on from, and the session that recorded it; null unless it is a fork.',
    }),
    metadata: pairs.nullable(),
    status: z.enum(['open', 'ended']),
    turns: count,
    last_turn_id: uuid.nullable(),
    outcome: z.enum(sessionOutcomes).nullable(),
    score: z.number().nullable(),
    started_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Session' });

export const recordedSessionSchema = sessionSchema.extend({ log_position: position }).meta({ id: 'RecordedSession' });

export const gameStateSchema = z
  .object({
    session_id: uuid,
    rev: count.nullable(),
    turn_id: uuid.nullable(),
    recorded_at: instant.nullable(),
    data: z.json().meta({ description: 'What of it the caller may see.' }),
  })
  .meta({ id: 'GameState' });

export const bookmarkSchema = z
  .object({
    id: uuid,
    session_id: uuid,
    turn_id: uuid,
    position: z.int().min(1),
    label: text,
    bookmark: z.string().meta({ description: 'To keep in a save file, and to rewind to.' }),
    log_position: position,
  })
  .meta({ id: 'Bookmark' });

/** Every turn of a session and the one it followed: a tree, of which effective history is one path. */
export const lineageSchema = z
  .object({
    session_id: uuid,
    forked_from: forkPoint.nullable(),
    forks: z.array(z.object({ session_id: uuid, forked_from: forkPoint, forked_at: instant })).meta({
      description:
        'Sessions that go on from a turn of this one, and those that go on from them, oldest first; the first hundred.',
    }),
    turns: z.array(
      z.object({
        id: uuid,
        session_id: uuid.meta({ description: 'The session that recorded it: an older one where this is a fork.' }),
        position: z.int().min(1),
        status: z.enum(turnStatuses),
        after_turn_id: uuid.nullable().meta({ description: 'The turn it followed; null for a first one.' }),
        rewound: z.boolean(),
      }),
    ),
    rewinds: z.array(
      z.object({
        id: uuid,
        from_turn_id: uuid.nullable(),
        to_turn_id: uuid.nullable().meta({ description: 'The last turn that was kept; null: none.' }),
        by: z.string(),
        reason: text,
        rewound_at: instant,
      }),
    ),
    bookmarks: z.array(
      z.object({ id: uuid, turn_id: uuid, label: text, bookmark: z.string(), bookmarked_at: instant }),
    ),
  })
  .meta({ id: 'Lineage' });

/** A session and its turns, rendered again from what was recorded. */
export const replaySchema = z.object({ session: sessionSchema, turns: z.array(turnSchema) });
