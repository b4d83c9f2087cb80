create table shop (
  shop_id INTEGER primary key,
  name TEXT not null unique,
  currency TEXT not null,
  time_zone TEXT not null,
  language TEXT not null,
  created_at INTEGER not null
) STRICT;

create table setting (
  shop_id INTEGER not null,
  name TEXT not null,
  value TEXT not null,
  primary key (shop_id, name)
) STRICT;

create table counter (
  shop_id INTEGER not null,
  name TEXT not null,
  value INTEGER not null,
  primary key (shop_id, name)
) STRICT;

create table shop_key (
  shop_id INTEGER primary key,
  wrapped BLOB not null
) STRICT;

create table log_key (
  shop_id INTEGER not null,
  day INTEGER not null,
  wrapped BLOB not null,
  primary key (shop_id, day)
) STRICT;

create table customer_key (
  shop_id INTEGER not null,
  key_id INTEGER not null,
  wrapped BLOB not null,
  primary key (shop_id, key_id)
) STRICT;

create table log (
  seq SERIAL,
  xid XID,
  shop_id INTEGER not null,
  topic INTEGER not null,
  received_at INTEGER not null,
  day INTEGER not null,
  count INTEGER not null,
  payload BLOB not null
) STRICT;

create table cursor (
  reader TEXT primary key,
  xid INTEGER not null,
  seq INTEGER not null,
  batch INTEGER not null,
  intent_xid INTEGER not null,
  intent_seq INTEGER not null
) STRICT;

create table log_dead (
  dead_id BLOB primary key,
  shop_id INTEGER not null,
  reader TEXT not null,
  topic INTEGER not null,
  seq INTEGER not null,
  ordinal INTEGER not null,
  kind TEXT not null,
  reason TEXT not null,
  died_at INTEGER not null,
  day INTEGER not null,
  payload BLOB not null
) STRICT;

create table job (
  job_id BLOB primary key,
  shop_id INTEGER not null,
  kind TEXT not null,
  name TEXT,
  body TEXT not null,
  state TEXT not null,
  due_at INTEGER not null,
  lease_until INTEGER not null,
  fence INTEGER not null,
  attempts INTEGER not null,
  done INTEGER not null,
  total INTEGER not null,
  cancel BOOL not null,
  result TEXT,
  created_at INTEGER not null,
  ended_at INTEGER
) STRICT;
create index job_due on job (state, due_at);
create unique index job_once on job (shop_id, kind, name) where state in ('waiting', 'running');

create table timer (
  shop_id INTEGER not null,
  kind TEXT not null,
  name TEXT not null,
  due_at INTEGER not null,
  body TEXT not null,
  primary key (shop_id, kind, name)
) STRICT;
create index timer_due on timer (due_at);

create table idempotency (
  shop_id INTEGER not null,
  name TEXT not null,
  request BLOB not null,
  answer TEXT not null,
  created_at INTEGER not null,
  primary key (shop_id, name)
) STRICT;
create index idempotency_age on idempotency (created_at);

