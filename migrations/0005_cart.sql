create table cart_event (
  shop_id INTEGER not null,
  customer_no INTEGER not null,
  at INTEGER not null,
  tie INTEGER not null,
  body BLOB not null,
  primary key (shop_id, customer_no, at, tie)
) STRICT, WITHOUT ROWID;

create table cart_line (
  shop_id INTEGER not null,
  customer_no INTEGER not null,
  product_no INTEGER not null,
  quantity INTEGER not null,
  price_minor INTEGER,
  added_at INTEGER not null,
  touched_at INTEGER not null,
  primary key (shop_id, customer_no, product_no)
) STRICT, WITHOUT ROWID;

create table tracking_plan (
  shop_id INTEGER not null,
  event TEXT not null,
  schema TEXT not null,
  stated_at INTEGER not null,
  primary key (shop_id, event)
) STRICT;
