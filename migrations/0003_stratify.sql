create table rfm_run (
  shop_id INTEGER not null,
  run_no INTEGER not null,
  as_of INTEGER not null,
  saved_at INTEGER not null,
  cuts TEXT not null,
  report TEXT not null,
  members BLOB not null,
  primary key (shop_id, run_no)
) STRICT;
