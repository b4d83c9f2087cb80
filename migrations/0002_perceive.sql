create table import (
  shop_id INTEGER not null,
  import_no INTEGER not null,
  mapping TEXT not null,
  mapping_version INTEGER not null,
  mapping_print BLOB,
  state TEXT not null,
  actor TEXT not null,
  started_at INTEGER not null,
  ended_at INTEGER,
  rows_read INTEGER not null,
  rows_accepted INTEGER not null,
  rows_rejected INTEGER not null,
  rows_duplicate INTEGER not null,
  orders INTEGER not null,
  cancellations INTEGER not null,
  gross_minor INTEGER not null,
  refunded_minor INTEGER not null,
  adjusted_minor INTEGER not null,
  report TEXT,
  primary key (shop_id, import_no)
) STRICT;

create table import_file (
  shop_id INTEGER not null,
  source_no INTEGER not null,
  import_no INTEGER not null,
  name TEXT not null,
  role TEXT not null,
  fingerprint BLOB not null,
  rows_done INTEGER not null,
  parts INTEGER not null,
  rejects_bytes INTEGER not null,
  complete BOOL not null,
  forgotten BOOL not null,
  primary key (shop_id, source_no)
) STRICT;
create index import_file_of on import_file (shop_id, import_no);

create table identifier (
  shop_id INTEGER not null,
  namespace TEXT not null,
  hash BLOB not null,
  value TEXT,
  sealed BLOB,
  tail BLOB,
  number INTEGER,
  person INTEGER,
  primary key (shop_id, namespace, hash)
) STRICT, WITHOUT ROWID;
create index identifier_person on identifier (shop_id, person);
create index identifier_tail on identifier (shop_id, tail) where tail is not null;
create index identifier_number on identifier (shop_id, number);
create index identifier_moved on identifier (shop_id, number) where number <> person;

create table identity_link (
  shop_id INTEGER not null,
  namespace_a TEXT not null,
  hash_a BLOB not null,
  namespace_b TEXT not null,
  hash_b BLOB not null,
  source_no INTEGER not null,
  linked_at INTEGER not null,
  primary key (shop_id, namespace_a, hash_a, namespace_b, hash_b, source_no)
) STRICT, WITHOUT ROWID;
create index identity_link_back on identity_link (shop_id, namespace_b, hash_b);
create index identity_link_source on identity_link (shop_id, source_no);

create table identity_pin (
  shop_id INTEGER not null,
  pin_no INTEGER not null,
  verdict TEXT not null,
  namespace_a TEXT not null,
  hash_a BLOB not null,
  namespace_b TEXT not null,
  hash_b BLOB not null,
  actor TEXT not null,
  pinned_at INTEGER not null,
  primary key (shop_id, pin_no)
) STRICT;

create table identity_merge (
  shop_id INTEGER not null,
  merge_no INTEGER not null,
  from_no INTEGER not null,
  into_no INTEGER not null,
  reason TEXT not null,
  actor TEXT not null,
  merged_at INTEGER not null,
  undone_at INTEGER,
  primary key (shop_id, merge_no)
) STRICT;

create table customer (
  shop_id INTEGER not null,
  customer_no INTEGER not null,
  version INTEGER not null,
  merged_into INTEGER,
  known BOOL not null,
  external_id TEXT,
  has_phone BOOL not null,
  has_email BOOL not null,
  name BLOB,
  birthday BLOB,
  address BLOB,
  traits BLOB,
  gender TEXT,
  age_band TEXT,
  country TEXT,
  country_code TEXT,
  province TEXT,
  city TEXT,
  region_at INTEGER,
  registered_at INTEGER,
  orders INTEGER not null,
  paid_orders INTEGER not null,
  paid_minor INTEGER not null,
  refunded_minor INTEGER not null,
  adjusted_minor INTEGER not null,
  items INTEGER not null,
  first_order_at INTEGER,
  last_order_at INTEGER,
  first_paid_at INTEGER,
  last_paid_at INTEGER,
  last_paid_order_at INTEGER,
  order_documents INTEGER not null,
  documents INTEGER not null,
  favourite_category TEXT,
  favourite_brand TEXT,
  price_band INTEGER,
  channel TEXT,
  primary key (shop_id, customer_no)
) STRICT;
create index customer_version on customer (shop_id, version);

create table customer_part (
  shop_id INTEGER not null,
  customer_no INTEGER not null,
  source_no INTEGER not null,
  hash BLOB not null,
  body BLOB not null,
  primary key (shop_id, customer_no, source_no, hash)
) STRICT, WITHOUT ROWID;
create index customer_part_hash on customer_part (shop_id, hash);
create index customer_part_source on customer_part (shop_id, source_no);

create table product (
  shop_id INTEGER not null,
  product_no INTEGER not null,
  version INTEGER not null,
  sku TEXT not null,
  known BOOL not null,
  title TEXT,
  category TEXT,
  brand TEXT,
  price_minor INTEGER,
  cost_minor INTEGER,
  stock INTEGER,
  listed_at INTEGER,
  on_sale_at INTEGER,
  primary key (shop_id, product_no)
) STRICT;
create unique index product_sku on product (shop_id, sku);
create index product_version on product (shop_id, version);

create table product_title (
  shop_id INTEGER not null,
  product_no INTEGER not null,
  source_no INTEGER not null,
  title TEXT not null,
  said_at INTEGER not null,
  primary key (shop_id, product_no, source_no, title)
) STRICT, WITHOUT ROWID;
create index product_title_source on product_title (shop_id, source_no);

create table product_part (
  shop_id INTEGER not null,
  product_no INTEGER not null,
  source_no INTEGER not null,
  hash BLOB not null,
  body BLOB not null,
  primary key (shop_id, product_no, source_no, hash)
) STRICT, WITHOUT ROWID;
create index product_part_hash on product_part (shop_id, hash);
create index product_part_source on product_part (shop_id, source_no);

create table orders (
  shop_id INTEGER not null,
  order_no INTEGER not null,
  version INTEGER not null,
  external_id TEXT not null,
  known BOOL not null,
  kind INTEGER not null,
  of_order TEXT,
  customer_no INTEGER,
  status INTEGER not null,
  placed_at INTEGER,
  paid_at INTEGER,
  shipped_at INTEGER,
  received_at INTEGER,
  closed_at INTEGER,
  paid_minor INTEGER not null,
  refunded_minor INTEGER not null,
  adjusted_minor INTEGER not null,
  shipping_minor INTEGER,
  items INTEGER not null,
  lines INTEGER not null,
  channel TEXT,
  store TEXT,
  country TEXT,
  country_code TEXT,
  province TEXT,
  city TEXT,
  contact BLOB,
  test BOOL not null,
  epoch INTEGER not null,
  primary key (shop_id, order_no)
) STRICT;
create unique index orders_external on orders (shop_id, external_id);
create index orders_customer on orders (shop_id, customer_no);
create index orders_followed on orders (shop_id, of_order) where of_order is not null;
create index orders_epoch on orders (shop_id, order_no) where epoch > 0;

create table order_part (
  shop_id INTEGER not null,
  order_no INTEGER not null,
  source_no INTEGER not null,
  part_no INTEGER not null,
  customer_no INTEGER,
  body BLOB not null,
  primary key (shop_id, order_no, source_no, part_no)
) STRICT, WITHOUT ROWID;
create index order_part_source on order_part (shop_id, source_no, customer_no);

create table interaction (
  shop_id INTEGER not null,
  hash BLOB not null,
  ordinal INTEGER not null,
  source_no INTEGER not null,
  kind INTEGER not null,
  external_id TEXT,
  customer_no INTEGER,
  happened_at INTEGER,
  order_id TEXT,
  order_no INTEGER,
  product_no INTEGER,
  rating INTEGER,
  text BLOB,
  speaker TEXT,
  agent TEXT,
  topic BLOB,
  received_at INTEGER not null,
  told BOOL not null,
  primary key (shop_id, hash, ordinal, source_no)
) STRICT;
create index interaction_customer on interaction (shop_id, customer_no, happened_at);
create index interaction_order on interaction (shop_id, order_no)
  where customer_no is null and order_no is not null;
create index interaction_source on interaction (shop_id, source_no, hash, ordinal);
