import { z } from 'zod';
import { instant } from './reply-fields.ts';

export const aliveSchema = z.object({ status: z.literal('ok') });

const hop = { name: z.string(), since: instant };

export const readySchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  stuck: z.array(z.object(hop)),
  hops: z.array(
    z.object({
      ...hop,
      ready: z.boolean(),
      facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    }),
  ),
});
