create table segment_private (
  shop_id INTEGER not null,
  segment_no INTEGER not null,
  primary key (shop_id, segment_no)
) STRICT;

create table private_count (
  shop_id INTEGER not null,
  count_no INTEGER not null,
  asked TEXT not null,
  size INTEGER not null,
  members BLOB not null,
  shown INTEGER not null,
  counted_at INTEGER not null,
  primary key (shop_id, count_no)
) STRICT;
create index private_count_size on private_count (shop_id, size);
create index private_count_age on private_count (counted_at);
