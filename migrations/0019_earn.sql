create table earn_rule (
  shop_id INTEGER not null,
  rule_no INTEGER not null,
  name TEXT not null,
  note TEXT not null,
  unit INTEGER not null,
  active BOOL not null,
  version INTEGER not null,
  terms TEXT not null,
  orders_seen INTEGER not null,
  events_seen INTEGER not null,
  owner TEXT not null,
  created_at INTEGER not null,
  edited_at INTEGER not null,
  primary key (shop_id, rule_no)
) STRICT;
create unique index earn_rule_name on earn_rule (shop_id, name);

create table earn_terms (
  shop_id INTEGER not null,
  rule_no INTEGER not null,
  version INTEGER not null,
  terms TEXT not null,
  primary key (shop_id, rule_no, version)
) STRICT, WITHOUT ROWID;

create table earn_given (
  shop_id INTEGER not null,
  rule_no INTEGER not null,
  about TEXT not null,
  customer_no INTEGER not null,
  amount INTEGER not null,
  times INTEGER not null,
  day INTEGER not null,
  due_at INTEGER,
  step INTEGER not null,
  credited INTEGER not null,
  version INTEGER not null,
  cause TEXT not null,
  primary key (shop_id, rule_no, about)
) STRICT, WITHOUT ROWID;
create index earn_given_customer on earn_given (shop_id, customer_no, rule_no, day);

create table earn_streak (
  shop_id INTEGER not null,
  rule_no INTEGER not null,
  customer_no INTEGER not null,
  last_day INTEGER not null,
  days INTEGER not null,
  primary key (shop_id, rule_no, customer_no)
) STRICT, WITHOUT ROWID;
