create table roster (
  shop_id INTEGER not null,
  kind TEXT not null,
  roster_no INTEGER not null,
  name TEXT not null,
  primary key (shop_id, kind, roster_no)
) STRICT;

create table roster_part (
  shop_id INTEGER not null,
  kind TEXT not null,
  roster_no INTEGER not null,
  part_no INTEGER not null,
  members BLOB not null,
  primary key (shop_id, kind, roster_no, part_no)
) STRICT;
insert into roster_part (shop_id, kind, roster_no, part_no, members)
  select shop_id, 'segment', segment_no, part_no, members from segment_part;
insert into roster_part (shop_id, kind, roster_no, part_no, members)
  select shop_id, 'tag', tag_no, part_no, members from tag_part;
drop table segment_part;
drop table tag_part;

alter table tag add column tier_no INTEGER;
alter table tag add column activity_no INTEGER;

create table tier (
  shop_id INTEGER not null,
  tier_no INTEGER not null,
  name TEXT not null,
  place INTEGER not null,
  colour TEXT not null,
  note TEXT not null,
  created_at INTEGER not null,
  primary key (shop_id, tier_no)
) STRICT;
create unique index tier_name on tier (shop_id, name);

create table tier_grant (
  shop_id INTEGER not null,
  grant_no INTEGER not null,
  tier_no INTEGER not null,
  exact BOOL not null,
  how TEXT not null,
  customer_no INTEGER,
  people BLOB not null,
  reason TEXT not null,
  actor TEXT not null,
  made_at INTEGER not null,
  ends_at INTEGER,
  ended_at INTEGER,
  primary key (shop_id, grant_no)
) STRICT;
create index tier_grant_customer on tier_grant (shop_id, customer_no)
  where customer_no is not null and ended_at is null;
create index tier_grant_many on tier_grant (shop_id, grant_no)
  where customer_no is null and ended_at is null;
create index tier_grant_live on tier_grant (shop_id, tier_no) where ended_at is null;

create table tier_move (
  shop_id INTEGER not null,
  move_no INTEGER not null,
  from_no INTEGER,
  to_no INTEGER,
  customer_no INTEGER,
  people BLOB not null,
  moved_at INTEGER not null,
  primary key (shop_id, move_no)
) STRICT;

create index tier_move_customer on tier_move (shop_id, customer_no)
  where customer_no is not null;
create index tier_move_many on tier_move (shop_id, move_no) where customer_no is null;

create table activity (
  shop_id INTEGER not null,
  activity_no INTEGER not null,
  name TEXT not null,
  note TEXT not null,
  starts_at INTEGER not null,
  ends_at INTEGER not null,
  tier_no INTEGER,
  tier_until INTEGER,
  owner TEXT not null,
  created_at INTEGER not null,
  primary key (shop_id, activity_no)
) STRICT;
create unique index activity_name on activity (shop_id, name);
