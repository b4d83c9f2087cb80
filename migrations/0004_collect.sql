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

create table message (
  shop_id INTEGER not null,
  hash BLOB not null,
  day INTEGER not null,
  primary key (shop_id, hash)
) STRICT, WITHOUT ROWID;
create index message_day on message (shop_id, day);

create table visit (
  shop_id INTEGER not null,
  customer_no INTEGER not null,
  first_at INTEGER not null,
  last_at INTEGER not null,
  events INTEGER not null,
  first_touch TEXT,
  first_touch_at INTEGER,
  last_touch TEXT,
  last_touch_at INTEGER,
  primary key (shop_id, customer_no)
) STRICT;
