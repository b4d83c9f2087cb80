create table source (
  shop_id INTEGER not null,
  source_no INTEGER not null,
  name TEXT not null,
  write_key TEXT not null,
  created_at INTEGER not null,
  revoked_at INTEGER,
  primary key (shop_id, source_no)
) STRICT;
create unique index source_write_key on source (shop_id, write_key);

create table message_run (
  shop_id INTEGER not null,
  run_no INTEGER not null,
  day INTEGER not null,
  ids BLOB not null,
  primary key (shop_id, run_no)
) STRICT;
create index message_run_day on message_run (shop_id, day, run_no);

create table visit_block (
  shop_id INTEGER not null,
  block_no INTEGER not null,
  version INTEGER not null,
  body BLOB not null,
  primary key (shop_id, block_no)
) STRICT;
create index visit_block_version on visit_block (shop_id, version, block_no);

create table touch (
  shop_id INTEGER not null,
  customer_no INTEGER not null,
  first_touch TEXT not null,
  first_touch_at INTEGER not null,
  last_touch TEXT not null,
  last_touch_at INTEGER not null,
  primary key (shop_id, customer_no)
) STRICT;
