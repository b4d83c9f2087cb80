create table tier_term (
  shop_id INTEGER not null,
  tier_no INTEGER not null,
  until_day INTEGER not null,
  ends_at INTEGER,
  people BLOB not null,
  primary key (shop_id, tier_no, until_day)
) STRICT;
