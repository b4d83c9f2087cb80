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
