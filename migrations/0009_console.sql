create table users (
  user_id BLOB primary key,
  email TEXT not null,
  name TEXT not null,
  language TEXT not null,
  password TEXT,
  totp BLOB,
  totp_on BOOL not null,
  totp_step INTEGER,
  recovery TEXT not null,
  failures INTEGER not null,
  locked_until INTEGER,
  created_at INTEGER not null,
  seen_at INTEGER
) STRICT;
create unique index users_email on users (email);

create table session (
  hash BLOB primary key,
  session_id BLOB not null,
  user_id BLOB not null,
  created_at INTEGER not null,
  seen_at INTEGER not null,
  expires_at INTEGER not null,
  address TEXT not null,
  agent TEXT not null
) STRICT;
create index session_of_user on session (user_id);

create table staff (
  shop_id INTEGER not null,
  user_id BLOB not null,
  role TEXT not null,
  created_at INTEGER not null,
  primary key (shop_id, user_id)
) STRICT;
create index staff_user on staff (user_id);

create table role (
  shop_id INTEGER not null,
  name TEXT not null,
  permissions TEXT not null,
  primary key (shop_id, name)
) STRICT;

create table link (
  hash BLOB primary key,
  link_id BLOB not null,
  kind TEXT not null,
  shop_id INTEGER not null,
  user_id BLOB,
  email TEXT,
  role TEXT,
  actor TEXT not null,
  created_at INTEGER not null,
  expires_at INTEGER not null
) STRICT;
create index link_shop on link (shop_id, kind);

create table audit (
  shop_id INTEGER not null,
  audit_no INTEGER not null,
  at INTEGER not null,
  actor TEXT not null,
  action TEXT not null,
  target TEXT not null,
  before TEXT,
  after TEXT,
  address TEXT not null,
  request TEXT not null,
  hash BLOB not null,
  primary key (shop_id, audit_no)
) STRICT;

alter table secret add column permissions TEXT;
alter table secret add column expires_at INTEGER;
alter table secret add column used_at INTEGER;

create index orders_version on orders (shop_id, version);

alter table customer add column name_index BLOB;
create index customer_name on customer (shop_id, name_index) where name_index is not null;

create table note (
  shop_id INTEGER not null,
  note_no INTEGER not null,
  customer_no INTEGER not null,
  author TEXT not null,
  text BLOB not null,
  noted_at INTEGER not null,
  primary key (shop_id, note_no)
) STRICT;
create index note_customer on note (shop_id, customer_no);

create table saved_view (
  shop_id INTEGER not null,
  view_no INTEGER not null,
  owner TEXT not null,
  page TEXT not null,
  name TEXT not null,
  query TEXT not null,
  shared BOOL not null,
  created_at INTEGER not null,
  primary key (shop_id, view_no)
) STRICT;
