-- The event log. Every append locks the one row of log_head, so positions have no gaps and rise in the order of commits:
-- a reader that has seen position p has seen everything before it. A sequence would give neither.

create table turnledger.log_head (
  is_head boolean primary key default true check (is_head),
  position bigint not null
) with (fillfactor = 10); -- one row, updated by every commit: room for its versions on one page, so that updates stay in place

insert into turnledger.log_head (position) values (0);

create table turnledger.events (
  position bigint primary key,
  stream text collate "C" not null,
  revision integer not null,
  event_id uuid not null,
  type text not null,
  data text not null, -- text, not jsonb: the hash chain covers these very bytes
  metadata text not null,
  logged_at timestamptz not null,
  unique (stream, revision)
);
