create table visit_run (
  shop_id INTEGER not null,
  version INTEGER not null,
  body BLOB not null,
  primary key (shop_id, version)
) STRICT;
drop index visit_block_version;

--sqlite: alter table touch rename to touch_before;
--sqlite: create table touch (
--sqlite:   shop_id INTEGER not null,
--sqlite:   customer_no INTEGER not null,
--sqlite:   first_touch TEXT not null,
--sqlite:   first_touch_at INTEGER not null,
--sqlite:   last_touch TEXT not null,
--sqlite:   last_touch_at INTEGER not null,
--sqlite:   primary key (shop_id, customer_no)
--sqlite: ) STRICT, WITHOUT ROWID;
--sqlite: insert into touch (shop_id, customer_no, first_touch, first_touch_at, last_touch, last_touch_at)
--sqlite:   select shop_id, customer_no, first_touch, first_touch_at, last_touch, last_touch_at
--sqlite:   from touch_before;
--sqlite: drop table touch_before;
