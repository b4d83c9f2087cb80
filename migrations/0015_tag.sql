create table tag (
  shop_id INTEGER not null,
  tag_no INTEGER not null,
  name TEXT not null,
  family TEXT not null,
  colour TEXT not null,
  note TEXT not null,
  owner TEXT not null,
  days INTEGER,
  segment_no INTEGER,
  created_at INTEGER not null,
  primary key (shop_id, tag_no)
) STRICT;
create unique index tag_name on tag (shop_id, name);

create table tag_part (
  shop_id INTEGER not null,
  tag_no INTEGER not null,
  part_no INTEGER not null,
  members BLOB not null,
  primary key (shop_id, tag_no, part_no)
) STRICT;

create table tag_batch (
  shop_id INTEGER not null,
  batch_no INTEGER not null,
  tag_no INTEGER not null,
  added BOOL not null,
  how TEXT not null,
  customer_no INTEGER,
  people BLOB not null,
  fresh BLOB not null,
  actor TEXT not null,
  made_at INTEGER not null,
  expires_at INTEGER,
  undone_at INTEGER,
  primary key (shop_id, batch_no)
) STRICT;
create index tag_batch_tag on tag_batch (shop_id, tag_no, batch_no);
create index tag_batch_customer on tag_batch (shop_id, customer_no) where customer_no is not null;
create index tag_batch_due on tag_batch (shop_id, expires_at) where expires_at is not null;
