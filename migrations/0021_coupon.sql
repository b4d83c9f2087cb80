create table coupon (
  shop_id INTEGER not null,
  coupon_no INTEGER not null,
  name TEXT not null,
  note TEXT not null,
  version INTEGER not null,
  in_force INTEGER not null,
  waits BOOL not null,
  owner TEXT not null,
  editor TEXT not null,
  created_at INTEGER not null,
  edited_at INTEGER not null,
  ended_at INTEGER,
  decided_by TEXT,
  decided_at INTEGER,
  primary key (shop_id, coupon_no)
) STRICT;
create unique index coupon_name on coupon (shop_id, name);

create table coupon_terms (
  shop_id INTEGER not null,
  coupon_no INTEGER not null,
  version INTEGER not null,
  terms TEXT not null,
  primary key (shop_id, coupon_no, version)
) STRICT, WITHOUT ROWID;

create table coupon_count (
  shop_id INTEGER not null,
  coupon_no INTEGER not null,
  taken INTEGER not null,
  open INTEGER not null,
  used INTEGER not null,
  spent INTEGER not null,
  primary key (shop_id, coupon_no)
) STRICT, WITHOUT ROWID;

create table coupon_batch (
  shop_id INTEGER not null,
  batch_no INTEGER not null,
  coupon_no INTEGER not null,
  version INTEGER not null,
  how INTEGER not null,
  origin INTEGER not null,
  origin_no INTEGER,
  private BOOL not null,
  state INTEGER not null,
  first_no INTEGER not null,
  total INTEGER not null,
  next INTEGER not null,
  given INTEGER not null,
  people BLOB,
  source TEXT not null,
  reason TEXT not null,
  actor TEXT not null,
  made_at INTEGER not null,
  ended_at INTEGER,
  cause TEXT,
  print INTEGER not null,
  primary key (shop_id, batch_no)
) STRICT;
create index coupon_batch_coupon on coupon_batch (shop_id, coupon_no, batch_no);
create unique index coupon_batch_cause on coupon_batch (shop_id, cause) where cause is not null;

create table coupon_code (
  shop_id INTEGER not null,
  code_no INTEGER not null,
  coupon_no INTEGER not null,
  batch_no INTEGER not null,
  holder INTEGER,
  day INTEGER not null,
  from_at INTEGER not null,
  until_at INTEGER not null,
  uses_max INTEGER,
  used INTEGER not null,
  open INTEGER not null,
  void BOOL not null,
  primary key (shop_id, code_no)
) STRICT, WITHOUT ROWID;
create index coupon_code_holder on coupon_code (shop_id, holder, coupon_no)
  where holder is not null;

create table coupon_word (
  shop_id INTEGER not null,
  word TEXT not null,
  code_no INTEGER not null,
  shown TEXT not null,
  primary key (shop_id, word)
) STRICT, WITHOUT ROWID;
create index coupon_word_code on coupon_word (shop_id, code_no);

create table coupon_use (
  shop_id INTEGER not null,
  use_no INTEGER not null,
  code_no INTEGER not null,
  coupon_no INTEGER not null,
  customer_no INTEGER,
  takes BOOL not null,
  day INTEGER not null,
  state INTEGER not null,
  amount INTEGER not null,
  back INTEGER not null,
  lines TEXT not null,
  order_name TEXT not null,
  made_at INTEGER not null,
  until_at INTEGER,
  primary key (shop_id, use_no)
) STRICT, WITHOUT ROWID;
create index coupon_use_due on coupon_use (shop_id, coupon_no, until_at) where state = 1;
create index coupon_use_code on coupon_use (shop_id, code_no);
create index coupon_use_customer on coupon_use (shop_id, customer_no, coupon_no)
  where customer_no is not null;

create table coupon_move (
  shop_id INTEGER not null,
  cause TEXT not null,
  kind INTEGER not null,
  code_no INTEGER not null,
  coupon_no INTEGER not null,
  use_no INTEGER,
  amount INTEGER not null,
  rest INTEGER not null,
  until_at INTEGER,
  order_name TEXT not null,
  print INTEGER not null,
  actor TEXT not null,
  made_at INTEGER not null,
  primary key (shop_id, cause)
) STRICT, WITHOUT ROWID;
create index coupon_move_code on coupon_move (shop_id, code_no);
