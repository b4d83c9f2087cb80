create table secret (
  shop_id INTEGER not null,
  secret_no INTEGER not null,
  name TEXT not null,
  hash BLOB not null,
  created_at INTEGER not null,
  revoked_at INTEGER,
  primary key (shop_id, secret_no)
) STRICT;
create unique index secret_hash on secret (shop_id, hash);
