create table erasure (
  shop_id INTEGER not null,
  erasure_no INTEGER not null,
  customer_no INTEGER not null,
  erased_at INTEGER not null,
  certificate TEXT not null,
  entry TEXT not null,
  primary key (shop_id, erasure_no)
) STRICT;
create index erasure_customer on erasure (shop_id, customer_no);
