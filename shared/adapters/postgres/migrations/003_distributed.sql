-- Up Migration

-- Where loops stand that write no rows of their own, as the relay; views keep theirs in turnledger_views.checkpoint, with their rows.
create table turnledger.checkpoint (
  loop     text primary key,
  position bigint not null
);

-- Events that a loop could not read and left out. They stay in the log; this says which, and why.
create table turnledger.parked_event (
  loop      text not null,
  stream    text not null,
  revision  integer not null,
  position  bigint not null,
  type      text not null,
  code      text not null,
  parked_at timestamptz not null default clock_timestamp(),
  primary key (loop, stream, revision)
);

-- One row a life of a worker, written once a second (rule 4).
create table turnledger.worker_liveness (
  worker    text primary key,
  beat      bigint not null,
  has_ended boolean not null default false,
  beaten_at timestamptz not null default clock_timestamp()
) with (fillfactor = 10); -- as log_head: updates stay in place

-- Down Migration

drop table turnledger.worker_liveness;
drop table turnledger.parked_event;
drop table turnledger.checkpoint;
