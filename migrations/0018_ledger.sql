create table ledger_account (
  shop_id INTEGER not null,
  account_no INTEGER not null,
  role INTEGER not null,
  owner_no INTEGER not null,
  unit INTEGER not null,
  debits INTEGER not null,
  credits INTEGER not null,
  held INTEGER not null,
  pending INTEGER not null,
  owed INTEGER not null,
  primary key (shop_id, account_no)
) STRICT;
create unique index ledger_account_owner on ledger_account (shop_id, role, owner_no, unit);

create table ledger_transfer (
  shop_id INTEGER not null,
  transfer_no INTEGER not null,
  kind INTEGER not null,
  of_no INTEGER,
  debit_no INTEGER not null,
  credit_no INTEGER not null,
  account_no INTEGER not null,
  amount INTEGER not null,
  cause TEXT not null,
  part INTEGER not null,
  source INTEGER not null,
  source_no INTEGER not null,
  reason TEXT not null,
  actor TEXT not null,
  happened_at INTEGER not null,
  booked_at INTEGER not null,
  expires_at INTEGER,
  primary key (shop_id, transfer_no)
) STRICT, WITHOUT ROWID;
create unique index ledger_transfer_cause on ledger_transfer (shop_id, cause, part);
create index ledger_transfer_account on ledger_transfer (shop_id, account_no, transfer_no);
create index ledger_transfer_source on ledger_transfer (shop_id, source, source_no);
create index ledger_transfer_of on ledger_transfer (shop_id, of_no) where of_no is not null;

create table ledger_lot (
  shop_id INTEGER not null,
  lot_no INTEGER not null,
  account_no INTEGER not null,
  amount INTEGER not null,
  remaining INTEGER not null,
  expires_at INTEGER,
  primary key (shop_id, lot_no)
) STRICT, WITHOUT ROWID;
create index ledger_lot_account on ledger_lot (shop_id, account_no) where remaining > 0;
create index ledger_lot_due on ledger_lot (shop_id, expires_at)
  where remaining > 0 and expires_at is not null;

create table ledger_end (
  shop_id INTEGER not null,
  unit INTEGER not null,
  expires_at INTEGER not null,
  remaining INTEGER not null,
  primary key (shop_id, unit, expires_at)
) STRICT, WITHOUT ROWID;

create table ledger_part (
  shop_id INTEGER not null,
  transfer_no INTEGER not null,
  lot_no INTEGER not null,
  amount INTEGER not null,
  primary key (shop_id, transfer_no, lot_no)
) STRICT, WITHOUT ROWID;

create table ledger_open (
  shop_id INTEGER not null,
  transfer_no INTEGER not null,
  account_no INTEGER not null,
  due_at INTEGER,
  primary key (shop_id, transfer_no)
) STRICT, WITHOUT ROWID;
create index ledger_open_account on ledger_open (shop_id, account_no);
create index ledger_open_due on ledger_open (shop_id, due_at) where due_at is not null;

create table adjustment (
  shop_id INTEGER not null,
  adjustment_no INTEGER not null,
  customer_no INTEGER not null,
  unit INTEGER not null,
  amount INTEGER not null,
  reason TEXT not null,
  state INTEGER not null,
  actor TEXT not null,
  made_at INTEGER not null,
  decided_by TEXT,
  decided_at INTEGER,
  cause TEXT,
  primary key (shop_id, adjustment_no)
) STRICT;
create index adjustment_state on adjustment (shop_id, state, adjustment_no);
create unique index adjustment_cause on adjustment (shop_id, cause) where cause is not null;
create index adjustment_customer on adjustment (shop_id, customer_no);
