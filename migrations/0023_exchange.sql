create table reward (
  shop_id INTEGER not null,
  reward_no INTEGER not null,
  name TEXT not null,
  note TEXT not null,
  active BOOL not null,
  terms TEXT not null,
  starts_at INTEGER not null,
  ends_at INTEGER,
  taken INTEGER not null,
  owner TEXT not null,
  created_at INTEGER not null,
  edited_at INTEGER not null,
  primary key (shop_id, reward_no)
) STRICT;
create unique index reward_name on reward (shop_id, name);

create table exchange (
  shop_id INTEGER not null,
  exchange_no INTEGER not null,
  cause TEXT not null,
  print INTEGER not null,
  reward_no INTEGER not null,
  customer_no INTEGER not null,
  pieces INTEGER not null,
  points INTEGER not null,
  cash_minor INTEGER not null,
  gives TEXT not null,
  code_no INTEGER,
  order_ref TEXT not null,
  state INTEGER not null,
  actor TEXT not null,
  at INTEGER not null,
  until INTEGER not null,
  closed_at INTEGER,
  primary key (shop_id, exchange_no)
) STRICT;
create unique index exchange_cause on exchange (shop_id, cause);
create index exchange_customer on exchange (shop_id, customer_no, exchange_no);
create index exchange_reward on exchange (shop_id, reward_no, exchange_no);
create index exchange_due on exchange (shop_id, until) where state = 1;
