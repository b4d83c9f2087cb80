create table labelled_block (
  shop_id INTEGER not null,
  series TEXT not null,
  block_no INTEGER not null,
  version INTEGER not null,
  body BLOB not null,
  primary key (shop_id, series, block_no)
) STRICT;

create table labelled_run (
  shop_id INTEGER not null,
  series TEXT not null,
  version INTEGER not null,
  entries INTEGER not null,
  body BLOB not null,
  primary key (shop_id, series, version)
) STRICT;

create table labelled_merge (
  shop_id INTEGER not null,
  series TEXT not null,
  held INTEGER not null,
  target INTEGER not null,
  reached INTEGER not null,
  primary key (shop_id, series)
) STRICT;

drop table visit_block;
drop table visit_run;
drop table touch;
drop table cart_event;
drop table cart_line;
delete from counter where name = 'visit';
