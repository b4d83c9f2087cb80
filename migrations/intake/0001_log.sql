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
