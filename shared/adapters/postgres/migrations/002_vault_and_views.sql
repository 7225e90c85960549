-- Up Migration

-- A schema of its own, so that a role that may read log and views need not be able to read keys.
create schema turnledger_vault;

create table turnledger_vault.data_key (
  key_id       uuid primary key,
  -- Base64 of iv, tag and ciphertext under the master key; null once destroyed. The row stays, so that an erased key is told from one that never was.
  wrapped      text,
  created_at   timestamptz not null default clock_timestamp(),
  destroyed_at timestamptz,
  check ((wrapped is null) = (destroyed_at is not null))
);

create table turnledger_vault.player (
  -- HMAC of the outside id under a key derived from the master key: the outside id itself is nowhere in this database in clear.
  outside_hash text primary key,
  player_id    uuid not null unique,
  key_id       uuid not null references turnledger_vault.data_key
);

-- One known value sealed by the master key in use since the first start; what it does not open, no other key here will open.
create table turnledger_vault.master_key_check (
  only_row boolean primary key default true check (only_row),
  wrapped  text not null
);

-- The views make their own tables in here, named by their version (see view-tables.ts).
create schema turnledger_views;

create table turnledger_views.checkpoint (
  -- Table name of a view, for instance turns_v1.
  view     text primary key,
  -- Log position up to which the view holds everything.
  position bigint not null
);

-- Down Migration

drop schema turnledger_views cascade;
drop schema turnledger_vault cascade;
