create table segment (
  shop_id INTEGER not null,
  segment_no INTEGER not null,
  name TEXT not null,
  note TEXT not null,
  kind TEXT not null,
  state TEXT not null,
  version INTEGER not null,
  expr TEXT not null,
  origin INTEGER,
  owner TEXT not null,
  created_at INTEGER not null,
  edited_at INTEGER not null,
  size INTEGER,
  counted_at INTEGER,
  counted_version INTEGER,
  primary key (shop_id, segment_no)
) STRICT;
create unique index segment_name on segment (shop_id, name);

create table segment_version (
  shop_id INTEGER not null,
  segment_no INTEGER not null,
  version INTEGER not null,
  expr TEXT not null,
  author TEXT not null,
  made_at INTEGER not null,
  primary key (shop_id, segment_no, version)
) STRICT;

create table segment_part (
  shop_id INTEGER not null,
  segment_no INTEGER not null,
  part_no INTEGER not null,
  members BLOB not null,
  primary key (shop_id, segment_no, part_no)
) STRICT;

create table segment_move (
  shop_id INTEGER not null,
  segment_no INTEGER not null,
  move_no INTEGER not null,
  day INTEGER not null,
  moved_at INTEGER not null,
  version INTEGER not null,
  moves BLOB not null,
  primary key (shop_id, segment_no, move_no)
) STRICT;

create table segment_day (
  shop_id INTEGER not null,
  segment_no INTEGER not null,
  day INTEGER not null,
  entered INTEGER not null,
  gone INTEGER not null,
  size INTEGER not null,
  primary key (shop_id, segment_no, day)
) STRICT;
