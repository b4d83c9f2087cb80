create table user_subject (
  issuer TEXT not null,
  subject TEXT not null,
  user_id BLOB not null,
  created_at INTEGER not null,
  primary key (issuer, subject)
) STRICT;
create index user_subject_user on user_subject (user_id);
