import type { Pool } from 'pg';
import { limits } from '../../contracts/index.ts';
import type { ParkedEvents } from '../../ports/index.ts';
import { storeUnavailable, timedQuery } from './timed-query.ts';

const PARK = `
  insert into turnledger.parked_event (loop, stream, revision, position, type, code)
  select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[])
  on conflict (loop, stream, revision) do nothing`;

/** Parked events in PostgreSQL, table `turnledger.parked_event`; the pool stays the caller's. An answer is bounded by 10 s. */
export function openPostgresParkedEvents({ pool }: { readonly pool: Pool }): ParkedEvents {
  return {
    park: async (events) => {
      if (events.length === 0) return;
      const values = [
        events.map(({ loop }) => loop),
        events.map(({ event }) => event.stream),
        events.map(({ event }) => event.revision),
        events.map(({ event }) => String(event.position)),
        events.map(({ event }) => event.type),
        events.map(({ code }) => code),
      ];
      try {
        await timedQuery(pool, PARK, values, limits.views.queryTimeoutMs);
      } catch (cause) {
        throw storeUnavailable(cause);
      }
    },
  };
}
