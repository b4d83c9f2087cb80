//! SQL for the tables `ledger_account`, `ledger_transfer`, `ledger_part` and `ledger_open`, and in
//! [`lot`] for `ledger_lot` and `ledger_end`.

mod lot;

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, Result, Time};
use sqlx::AssertSqlSafe;
use store::{Cx, Tx, V, binds, list as numbers_list, words};

use super::books::Books;
use super::rule::{Account, Kind, Part, Transfer};
use super::{House, Matter, Owner, Source, Unit};
pub(super) use lot::{expiring, lapsed, load_lots, lots_of};

/// Numbers or causes that one statement looks up.
const LOOKUP_MAX: usize = 2_000;
/// The role of a customer's account; those of the shop's own follow it.
const CUSTOMER: i64 = 0;

fn damaged() -> Error {
    Error::damaged("the ledger cannot be read")
}

fn role(owner: Owner) -> (i64, i64) {
    match owner {
        Owner::Customer(label) => (CUSTOMER, label),
        Owner::House(house) => (house.code(), 0),
    }
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    account_no: i64,
    role: i64,
    owner_no: i64,
    unit: i64,
    debits: i64,
    credits: i64,
    held: i64,
    pending: i64,
    owed: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = Error;

    fn try_from(row: AccountRow) -> Result<Self> {
        let owner = match row.role {
            CUSTOMER => Owner::Customer(row.owner_no),
            house => Owner::House(House::coded(house).ok_or_else(damaged)?),
        };
        Ok(Self {
            number: row.account_no,
            unit: Unit::coded(row.unit).ok_or_else(damaged)?,
            owner,
            debits: row.debits,
            credits: row.credits,
            held: row.held,
            pending: row.pending,
            owed: row.owed,
        })
    }
}

async fn accounts(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Account>> {
    let sql = AssertSqlSafe(format!(
        "select account_no, role, owner_no, unit, debits, credits, held, pending, owed
            from ledger_account where shop_id = $1 {which}"
    ));
    let rows: Vec<AccountRow> = tx.all(sql, values).await?;
    rows.into_iter().map(Account::try_from).collect()
}

/// Puts the accounts of customers, and the shop's own, into the books.
pub(super) async fn load_accounts(
    tx: &mut Tx,
    books: &mut Books,
    labels: &BTreeSet<i64>,
) -> Result<()> {
    for account in of_labels(tx, labels).await? {
        books.load_account(account);
    }
    for account in of_house(tx).await? {
        books.load_account(account);
    }
    Ok(())
}

/// The accounts of customers by the numbers that they go or went by.
pub(super) async fn of_labels(tx: &mut Tx, labels: &BTreeSet<i64>) -> Result<Vec<Account>> {
    let labels: Vec<i64> = labels.iter().copied().collect();
    let mut found = Vec::new();
    for chunk in labels.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        found.extend(accounts(tx, "and role = 0 and owner_no in list($2)", values).await?);
    }
    Ok(found)
}

/// The shop's own accounts.
pub(super) async fn of_house(tx: &mut Tx) -> Result<Vec<Account>> {
    accounts(tx, "and role > 0", binds![tx.shop()]).await
}

/// Accounts by their numbers.
pub(super) async fn by_number(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Account>> {
    let mut found = Vec::new();
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        found.extend(accounts(tx, "and account_no in list($2)", values).await?);
    }
    Ok(found)
}

/// Sums over customers' accounts of a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Sums {
    /// The unit.
    pub(super) unit: i64,
    /// Accounts that are not empty.
    pub(super) holders: i64,
    /// What lies in them.
    pub(super) balance: i64,
    /// What is held of it.
    pub(super) held: i64,
    /// What is expected.
    pub(super) pending: i64,
    /// What is owed.
    pub(super) owed: i64,
}

pub(super) async fn sums(tx: &mut Tx) -> Result<Vec<Sums>> {
    let sql = "select unit, count(*) filter (where credits <> debits) as holders,
        cast(coalesce(sum(credits - debits), 0) as bigint) as balance,
        cast(coalesce(sum(held), 0) as bigint) as held,
        cast(coalesce(sum(pending), 0) as bigint) as pending,
        cast(coalesce(sum(owed), 0) as bigint) as owed
        from ledger_account where shop_id = $1 and role = 0 group by unit";
    tx.all(sql, binds![tx.shop()]).await
}

#[derive(sqlx::FromRow)]
struct TransferRow {
    transfer_no: i64,
    kind: i64,
    of_no: Option<i64>,
    debit_no: i64,
    credit_no: i64,
    account_no: i64,
    amount: i64,
    cause: String,
    part: i64,
    source: i64,
    source_no: i64,
    reason: String,
    actor: String,
    happened_at: i64,
    booked_at: i64,
    expires_at: Option<i64>,
}

/// A transfer, who had it booked, and when.
pub(super) type Booking = (Transfer, String, Time);

impl TransferRow {
    fn open(self) -> Result<Booking> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.code() == self.kind);
        let transfer = Transfer {
            number: self.transfer_no,
            kind: kind.ok_or_else(damaged)?,
            of: self.of_no,
            debit: self.debit_no,
            credit: self.credit_no,
            account: self.account_no,
            amount: self.amount,
            cause: self.cause,
            part: self.part,
            source: (Matter::coded(self.source).ok_or_else(damaged)?, self.source_no),
            reason: self.reason,
            at: Time::from_micros(self.happened_at),
            expires_at: self.expires_at.map(Time::from_micros),
        };
        Ok((transfer, self.actor, Time::from_micros(self.booked_at)))
    }
}

async fn transfers(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Booking>> {
    let sql = AssertSqlSafe(format!(
        "select transfer_no, kind, of_no, debit_no, credit_no, account_no, amount, cause, part,
            source, source_no, reason, actor, happened_at, booked_at, expires_at
            from ledger_transfer where shop_id = $1 {which}"
    ));
    let rows: Vec<TransferRow> = tx.all(sql, values).await?;
    rows.into_iter().map(TransferRow::open).collect()
}

/// Transfers of some accounts before a number, the latest first.
pub(super) async fn of_accounts(
    tx: &mut Tx,
    accounts: &[i64],
    (before, limit): (i64, i64),
) -> Result<Vec<Booking>> {
    let values = binds![tx.shop(), numbers_list(accounts.iter().copied()), before, limit];
    let which = "and account_no in list($2) and transfer_no < $3
        order by transfer_no desc limit $4";
    transfers(tx, which, values).await
}

/// Puts what was booked under some causes into the books, with what followed, the accounts and
/// lots that it was about, and whether it is open.
pub(super) async fn load_transfers(
    tx: &mut Tx,
    books: &mut Books,
    causes: &BTreeSet<&str>,
) -> Result<()> {
    let causes: Vec<&str> = causes.iter().copied().collect();
    let mut known: BTreeMap<i64, Transfer> = BTreeMap::new();
    for chunk in causes.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), words(chunk.iter().copied())];
        let which = "and cause in list($2) order by transfer_no";
        let found = transfers(tx, which, values).await?;
        known.extend(found.into_iter().map(|(own, ..)| (own.number, own)));
    }
    if known.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = known.keys().copied().collect();
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        let which = "and of_no is not null and of_no in list($2) order by transfer_no";
        let found = transfers(tx, which, values).await?;
        known.extend(found.into_iter().map(|(own, ..)| (own.number, own)));
    }
    let numbers: Vec<i64> = known.keys().copied().collect();
    let open: BTreeSet<i64> = opened(tx, &numbers).await?;
    let parts = parts(tx, &numbers).await?;
    let lots: BTreeSet<i64> = parts.iter().map(|part| part.lot).collect();
    let mut owners = BTreeSet::new();
    for transfer in known.into_values() {
        owners.extend([transfer.debit, transfer.credit]);
        let is_open = open.contains(&transfer.number);
        books.load_transfer(transfer, is_open);
    }
    for part in parts {
        books.load_part(part);
    }
    for account in by_number(tx, &owners.into_iter().collect::<Vec<_>>()).await? {
        books.load_account(account);
    }
    for chunk in lots.into_iter().collect::<Vec<_>>().chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        for lot in lot::lots(tx, "and lot_no in list($2)", values).await? {
            books.load_lot(lot);
        }
    }
    Ok(())
}

/// Whether anything was booked under a cause.
pub(super) async fn booked(tx: &mut Tx, cause: &str) -> Result<bool> {
    let sql = "select transfer_no from ledger_transfer where shop_id = $1 and cause = $2 limit 1";
    let found: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), cause]).await?;
    Ok(found.is_some())
}

/// What went from some accounts to what is redeemed since a time, less what was given back of it.
pub(super) async fn spent(tx: &mut Tx, accounts: &[i64], unit: Unit, since: Time) -> Result<i64> {
    let sql = "select cast(coalesce(sum(case when t.kind = 4 then -t.amount else t.amount end), 0)
        as bigint) from ledger_transfer t
        join ledger_account h on h.shop_id = t.shop_id and h.role = $3 and h.unit = $4
            and h.account_no in (t.debit_no, t.credit_no)
        where t.shop_id = $1 and t.account_no in list($2) and t.booked_at >= $5
        and (t.kind in (0, 2) or (t.kind = 4 and exists (select 1 from ledger_transfer o
            where o.shop_id = t.shop_id and o.transfer_no = t.of_no and o.booked_at >= $5)))";
    let house = House::Redeemed.code();
    let accounts = numbers_list(accounts.iter().copied());
    let values = binds![tx.shop(), accounts, house, unit.code(), since];
    let (sum,): (i64,) = tx.one(sql, values).await?;
    Ok(sum)
}

/// What customers hold of a unit, by the numbers of their accounts' owners.
pub(super) async fn balances(tx: &mut Tx, unit: Unit) -> Result<Vec<(i64, i64)>> {
    let sql = "select owner_no, credits - debits from ledger_account
        where shop_id = $1 and role = 0 and unit = $2 and credits <> debits";
    tx.all(sql, binds![tx.shop(), unit.code()]).await
}

/// What customers got of a unit from what is issued since a time, by their accounts' owners.
pub(super) async fn earned(tx: &mut Tx, unit: Unit, since: Time) -> Result<Vec<(i64, i64)>> {
    let sql = "select a.owner_no, cast(sum(t.amount) as bigint) from ledger_transfer t
        join ledger_account h on h.shop_id = t.shop_id and h.account_no = t.debit_no
            and h.role = $2
        join ledger_account a on a.shop_id = t.shop_id and a.account_no = t.credit_no
            and a.role = 0 and a.unit = $3
        where t.shop_id = $1 and t.kind in (0, 2) and t.happened_at >= $4 group by a.owner_no";
    tx.all(sql, binds![tx.shop(), House::Issued.code(), unit.code(), since]).await
}

async fn opened(tx: &mut Tx, transfers: &[i64]) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    for chunk in transfers.chunks(LOOKUP_MAX) {
        let sql = "select transfer_no from ledger_open where shop_id = $1
            and transfer_no in list($2)";
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        let rows: Vec<(i64,)> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(|(number,)| number));
    }
    Ok(found)
}

/// Those of some causes under which something is open.
pub(super) async fn open_causes(tx: &mut Tx, causes: &BTreeSet<&str>) -> Result<BTreeSet<String>> {
    let causes: Vec<&str> = causes.iter().copied().collect();
    let mut found = BTreeSet::new();
    for chunk in causes.chunks(LOOKUP_MAX) {
        let sql = "select t.cause from ledger_transfer t join ledger_open o
            on o.shop_id = t.shop_id and o.transfer_no = t.transfer_no
            where t.shop_id = $1 and t.cause in list($2)";
        let values = binds![tx.shop(), words(chunk.iter().copied())];
        let rows: Vec<(String,)> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(|(cause,)| cause));
    }
    Ok(found)
}

async fn parts(tx: &mut Tx, transfers: &[i64]) -> Result<Vec<Part>> {
    let mut found = Vec::new();
    for chunk in transfers.chunks(LOOKUP_MAX) {
        let sql = "select transfer_no, lot_no, amount from ledger_part where shop_id = $1
            and transfer_no in list($2)";
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        let rows: Vec<(i64, i64, i64)> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(|(transfer, lot, amount)| Part {
            transfer,
            lot,
            amount,
        }));
    }
    found.sort_by_key(|part| (part.transfer, part.lot));
    Ok(found)
}

/// Something open that is over.
#[derive(Debug, Clone)]
pub(super) struct Over {
    /// The transfer.
    pub(super) number: i64,
    /// Its cause.
    pub(super) cause: String,
    /// Its unit.
    pub(super) unit: Unit,
    /// Whether it is expected rather than held.
    pub(super) expected: bool,
    /// What it is about.
    pub(super) source: Source,
}

/// What is open and over at a time, the longest ago first.
pub(super) async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Over>> {
    let sql = "select t.transfer_no, t.cause, a.unit, t.credit_no = t.account_no, t.source,
        t.source_no from ledger_open o
        join ledger_transfer t on t.shop_id = o.shop_id and t.transfer_no = o.transfer_no
        join ledger_account a on a.shop_id = o.shop_id and a.account_no = o.account_no
        where o.shop_id = $1 and o.due_at is not null and o.due_at <= $2
        order by o.due_at, o.transfer_no limit $3";
    let rows: Vec<(i64, String, i64, bool, i64, i64)> =
        tx.all(sql, binds![tx.shop(), now, limit]).await?;
    let over = |(number, cause, unit, expected, matter, about)| {
        let unit = Unit::coded(unit).ok_or_else(damaged)?;
        let source = (Matter::coded(matter).ok_or_else(damaged)?, about);
        Ok(Over { number, cause, unit, expected, source })
    };
    rows.into_iter().map(over).collect()
}

/// Writes what was done in the books.
pub(super) async fn write(tx: &mut Tx, cx: &Cx, books: Books) -> Result<()> {
    let (shop, actor) = (tx.shop(), cx.actor.to_string());
    let done = books.done();
    let changed = done.accounts.iter().filter_map(|number| books.account(*number));
    let rows = changed.map(|own| {
        let ((role, owner), unit) = (role(own.owner), own.unit.code());
        let Account { number, debits, credits, held, pending, owed, .. } = *own;
        binds![shop, number, role, owner, unit, debits, credits, held, pending, owed]
    });
    let head = "insert into ledger_account (shop_id, account_no, role, owner_no, unit, debits,
        credits, held, pending, owed)";
    let tail = " on conflict (shop_id, account_no) do update set debits = excluded.debits,
        credits = excluded.credits, held = excluded.held, pending = excluded.pending,
        owed = excluded.owed";
    tx.insert(head, rows.collect(), tail);
    let rows = done.transfers.iter().map(|own| {
        binds![
            shop,
            own.number,
            own.kind.code(),
            own.of,
            own.debit,
            own.credit,
            own.account,
            own.amount,
            &own.cause,
            own.part,
            own.source.0.code(),
            own.source.1,
            &own.reason,
            &actor,
            own.at,
            cx.now,
            own.expires_at,
        ]
    });
    let head = "insert into ledger_transfer (shop_id, transfer_no, kind, of_no, debit_no,
        credit_no, account_no, amount, cause, part, source, source_no, reason, actor, happened_at,
        booked_at, expires_at)";
    tx.insert(head, rows.collect(), "");
    let changed = done.lots.iter().filter_map(|number| books.lot(*number));
    let rows = changed.map(|own| {
        binds![shop, own.number, own.account, own.amount, own.remaining, own.expires_at]
    });
    let head = "insert into ledger_lot (shop_id, lot_no, account_no, amount, remaining,
        expires_at)";
    let tail = " on conflict (shop_id, lot_no) do update set remaining = excluded.remaining,
        expires_at = excluded.expires_at";
    tx.insert(head, rows.collect(), tail);
    write_open(tx, &books).await
}

async fn write_open(tx: &mut Tx, books: &Books) -> Result<()> {
    let (shop, done) = (tx.shop(), books.done());
    let rows = done.ends.iter().filter(|(_, change)| **change != 0);
    let rows = rows.map(|((unit, at), change)| binds![shop, unit.code(), *at, *change]).collect();
    let head = "insert into ledger_end (shop_id, unit, expires_at, remaining)";
    let tail = " on conflict (shop_id, unit, expires_at)
        do update set remaining = ledger_end.remaining + excluded.remaining";
    tx.insert(head, rows, tail);
    let rows = done.parts.iter().map(|own| binds![shop, own.transfer, own.lot, own.amount]);
    let head = "insert into ledger_part (shop_id, transfer_no, lot_no, amount)";
    tx.insert(head, rows.collect(), "");
    let closed: BTreeSet<i64> = done.closed.iter().copied().collect();
    let stays = done.opened.iter().filter(|(number, ..)| !closed.contains(number));
    let rows =
        stays.map(|(number, account, until)| binds![shop, *number, *account, *until]).collect();
    tx.insert("insert into ledger_open (shop_id, transfer_no, account_no, due_at)", rows, "");
    for chunk in done.closed.chunks(LOOKUP_MAX) {
        let sql = "delete from ledger_open where shop_id = $1 and transfer_no in list($2)";
        tx.exec(sql, binds![shop, numbers_list(chunk.iter().copied())]).await?;
    }
    Ok(())
}
