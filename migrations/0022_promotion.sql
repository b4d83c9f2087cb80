create table promotion (
  shop_id INTEGER not null,
  promotion_no INTEGER not null,
  name TEXT not null,
  note TEXT not null,
  active BOOL not null,
  version INTEGER not null,
  terms TEXT not null,
  starts_at INTEGER not null,
  ends_at INTEGER,
  stock INTEGER,
  each_person INTEGER,
  taken INTEGER not null,
  owner TEXT not null,
  created_at INTEGER not null,
  edited_at INTEGER not null,
  primary key (shop_id, promotion_no)
) STRICT;
create unique index promotion_name on promotion (shop_id, name);

create table promotion_terms (
  shop_id INTEGER not null,
  promotion_no INTEGER not null,
  version INTEGER not null,
  terms TEXT not null,
  primary key (shop_id, promotion_no, version)
) STRICT, WITHOUT ROWID;

create table promotion_had (
  shop_id INTEGER not null,
  promotion_no INTEGER not null,
  customer_no INTEGER not null,
  taken INTEGER not null,
  primary key (shop_id, promotion_no, customer_no)
) STRICT, WITHOUT ROWID;
create index promotion_had_customer on promotion_had (shop_id, customer_no);

create table checkout (
  shop_id INTEGER not null,
  checkout_no INTEGER not null,
  order_ref TEXT not null,
  customer_no INTEGER,
  state INTEGER not null,
  pay_minor INTEGER not null,
  told TEXT not null,
  returned TEXT not null,
  actor TEXT not null,
  at INTEGER not null,
  until INTEGER not null,
  redeemed_at INTEGER,
  primary key (shop_id, checkout_no)
) STRICT;
create index checkout_order on checkout (shop_id, order_ref, checkout_no);
create index checkout_due on checkout (shop_id, until) where state = 1;

create table checkout_move (
  shop_id INTEGER not null,
  cause TEXT not null,
  checkout_no INTEGER not null,
  kind INTEGER not null,
  print INTEGER not null,
  told TEXT not null,
  actor TEXT not null,
  at INTEGER not null,
  primary key (shop_id, cause)
) STRICT, WITHOUT ROWID;
