import type { Client } from 'pg';
import { limits } from '../../contracts/index.ts';
import type { AppendOutcome, RecordedEvent } from '../../ports/index.ts';
import { baseRevision } from '../append-rules.ts';
import { intArray, textArray } from './binary-array.ts';
import { type GroupFacts, type GroupMember, type GroupPlan, planGroup } from './plan-group.ts';
import { isRevisionTaken } from './postgres-failure.ts';

/** Where a log says that its head has moved; the notification carries the new head. */
export const headChannel = 'turnledger_log_head';

/**
 * The whole transaction of a group, one round trip. `head` locks the one row that gives out positions, unless a stream does not stand
 * where the plan assumes it; a stream that moves after this look collides with unique (stream, revision), and nothing is written. So a
 * retry of an append whose outcome is unknown waits here for the lost one, and then meets either nothing or its own events.
 */
const writeEvents = `
with head as (
  update turnledger.log_head
     set position = position + $1
   where not exists (
     select from unnest($2::text[], $3::int[]) as assumed (stream, revision)
      where assumed.revision is distinct from coalesce(
        (select max(events.revision) from turnledger.events where events.stream = assumed.stream), -1))
  returning position, date_trunc('milliseconds', clock_timestamp()) as logged_at
), written as (
  insert into turnledger.events (position, stream, revision, event_id, type, data, metadata, logged_at)
  select head.position - $1 + added.place, added.stream, added.revision, added.event_id,
         added.type, added.data, added.metadata, head.logged_at
    from head, unnest($4::text[], $5::int[], $6::text[]::uuid[], $7::text[], $8::text[], $9::text[])
      with ordinality as added (stream, revision, event_id, type, data, metadata, place)
)
select position - $1 as before, (extract(epoch from logged_at) * 1000)::float8 as logged_at_ms,
       pg_notify('${headChannel}', position::text)
  from head`;

/** Per member: where its stream stands, and the ids at the place the member asks for. */
const readFacts = `
select (select max(events.revision) from turnledger.events where events.stream = asked.stream) as head,
       array(select events.event_id::text from turnledger.events
              where events.stream = asked.stream and events.revision between asked.first and asked.last
              order by events.revision) as ids
  from unnest($1::text[], $2::int[], $3::int[]) with ordinality as asked (stream, first, last, place)
 order by asked.place`;

export interface GroupResult {
  /** One a member, in their order. */
  readonly outcomes: readonly AppendOutcome[];
  /** What this group added to the log, in log order. */
  readonly events: readonly RecordedEvent[];
}

/** The events as the log now shows them; undefined when a stream did not stand where the plan has it, and nothing was written. */
async function write(client: Client, { writes, bases }: GroupPlan): Promise<readonly RecordedEvent[] | undefined> {
  const { rows } = await client.query<{ before: string; logged_at_ms: number }>({
    name: 'write-events',
    text: writeEvents,
    values: [
      writes.length,
      textArray([...bases.keys()]),
      intArray([...bases.values()]),
      textArray(writes.map(({ stream }) => stream)),
      intArray(writes.map(({ revision }) => revision)),
      textArray(writes.map(({ event }) => event.eventId)),
      textArray(writes.map(({ event }) => event.type)),
      textArray(writes.map(({ event }) => event.data)),
      textArray(writes.map(({ event }) => JSON.stringify(event.metadata))),
    ],
  });
  const [head] = rows;
  if (head === undefined) return undefined;
  const first = BigInt(head.before) + 1n;
  return writes.map(({ stream, revision, event: { eventId, type, data, metadata } }, index) => ({
    stream,
    revision,
    eventId,
    type,
    data,
    metadata,
    position: first + BigInt(index),
    loggedAtMs: head.logged_at_ms,
  }));
}

async function facts(client: Client, members: readonly GroupMember[]): Promise<GroupFacts> {
  const firsts = members.map(({ expected }) => baseRevision(expected) + 1);
  const { rows } = await client.query<{ head: number | null; ids: string[] }>({
    name: 'read-facts',
    text: readFacts,
    values: [
      members.map(({ stream }) => stream),
      firsts,
      members.map(({ events }, index) => (firsts[index] ?? 0) + events.length - 1),
    ],
  });
  const known = new Map<string, { head: number; ids: Map<number, string> }>();
  for (const [index, { stream }] of members.entries()) {
    const row = rows[index];
    const stood = known.get(stream) ?? { head: row?.head ?? -1, ids: new Map() };
    known.set(stream, stood);
    for (const [offset, id] of (row?.ids ?? []).entries()) stood.ids.set((firsts[index] ?? 0) + offset, id);
  }
  return known;
}

/**
 * Commits a group: each member succeeds or conflicts on its own, in order. One statement when all streams stand where the members expect
 * them, three when one does not, and so on while writers of other processes are faster, at most limits.log.maxGroupRounds times; then all
 * are unknown though nothing was written. Throws what pg throws, and then nothing of the group is written unless the connection was lost.
 */
export async function appendGroup(client: Client, members: readonly GroupMember[]): Promise<GroupResult> {
  let plan = planGroup(members);
  for (let round = 0; round < limits.log.maxGroupRounds; round += 1) {
    plan ??= planGroup(members, await facts(client, members));
    if (plan === undefined || plan.writes.length === 0) return { outcomes: plan?.outcomes ?? [], events: [] };
    const events = await write(client, plan).catch((error: unknown) => {
      if (isRevisionTaken(error)) return undefined;
      throw error;
    });
    if (events !== undefined) return { outcomes: plan.outcomes, events };
    plan = undefined;
  }
  const cause = `not written: other writers were faster ${limits.log.maxGroupRounds} times`;
  return { outcomes: members.map(() => ({ outcome: 'unknown', cause })), events: [] };
}
