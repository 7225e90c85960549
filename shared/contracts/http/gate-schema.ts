import { z } from 'zod';
import { gateThresholdsField } from './gate-body.ts';
import { uuid, version } from './reply-fields.ts';

/** A gate as its re-run shows it. */
export const gateSchema = z
  .object({
    version,
    rerun_id: uuid,
    thresholds: gateThresholdsField,
    outcome: z.enum(['passed', 'failed', 'incomplete', 'abandoned']).nullable().meta({
      description: '`incomplete`: the re-run was not completed; null while it waits.',
    }),
    missed: z.array(z.object({ threshold: z.string(), limit: z.number(), measured: z.number().nullable() })),
  })
  .meta({ id: 'Gate' });
