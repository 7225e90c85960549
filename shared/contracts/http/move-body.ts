import { z } from 'zod';
import type { MoveVerdict } from '../../domain/index.ts';
import { limits } from '../limits.ts';

/** The body of `POST /v1/sessions/{id}/turns/{turn}/move`: what the game makes of the move. */
export const moveVerdictBody = z
  .discriminatedUnion('verdict', [
    z.strictObject({ verdict: z.literal('accepted'), state_rev: z.int().min(0) }),
    z.strictObject({ verdict: z.literal('rejected'), reason: z.string().min(1).max(limits.moves.maxReasonChars) }),
  ])
  .meta({
    examples: [
      { verdict: 'accepted', state_rev: 8 },
      { verdict: 'rejected', reason: 'The door is locked.' },
    ],
  });

/** The verdict in our own names. */
export const toMoveVerdict = (body: z.infer<typeof moveVerdictBody>): MoveVerdict<'plain'> =>
  body.verdict === 'accepted' ? { verdict: body.verdict, stateRev: body.state_rev } : body;
