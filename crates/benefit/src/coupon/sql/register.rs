//! SQL for the tables `coupon_code`, `coupon_word`, `coupon_use` and `coupon_move`.

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, Result, Time};
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds, list as numbers_list, words};

use super::LOOKUP_MAX;
use crate::coupon::How;
use crate::coupon::call::{Kind, LineOff, Move};
use crate::coupon::code::{Code, Stage, Use};
use crate::coupon::register::Register;

/// Locks whose time is over that one transaction lets go of at the most.
pub(in crate::coupon) const LAPSE_MAX: i64 = 10_000;

fn damaged() -> Error {
    Error::damaged("a coupon's codes cannot be read")
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    code_no: i64,
    coupon_no: i64,
    version: i64,
    batch_no: i64,
    how: i64,
    holder: Option<i64>,
    day: i64,
    from_at: i64,
    until_at: i64,
    uses_max: Option<i64>,
    used: i64,
    open: i64,
    void: bool,
}

impl TryFrom<CodeRow> for Code {
    type Error = Error;

    fn try_from(row: CodeRow) -> Result<Self> {
        Ok(Self {
            number: row.code_no,
            coupon: row.coupon_no,
            version: row.version,
            batch: row.batch_no,
            how: How::coded(row.how).ok_or_else(damaged)?,
            holder: row.holder,
            day: i32::try_from(row.day).map_err(|_| damaged())?,
            from: Time::from_micros(row.from_at),
            until: Time::from_micros(row.until_at),
            uses_max: row.uses_max,
            used: row.used,
            open: row.open,
            void: row.void,
        })
    }
}

async fn codes(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Code>> {
    let sql = AssertSqlSafe(format!(
        "select c.code_no, c.coupon_no, b.version, c.batch_no, b.how, c.holder, c.day, c.from_at,
            c.until_at, c.uses_max, c.used, c.open, c.void from coupon_code c
            join coupon_batch b on b.shop_id = c.shop_id and b.batch_no = c.batch_no
            where c.shop_id = $1 {which}"
    ));
    let rows: Vec<CodeRow> = tx.all(sql, values).await?;
    rows.into_iter().map(Code::try_from).collect()
}

/// Codes by their numbers.
pub(in crate::coupon) async fn of_numbers(
    tx: &mut Tx,
    numbers: &BTreeSet<i64>,
) -> Result<Vec<Code>> {
    let mut found = Vec::new();
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        found.extend(codes(tx, "and c.code_no in list($2)", values).await?);
    }
    Ok(found)
}

/// Codes that people hold by some of their numbers, the latest first; those of private batches
/// once they were used.
pub(in crate::coupon) async fn of_holders(
    tx: &mut Tx,
    labels: &[i64],
    (before, limit): (i64, i64),
) -> Result<Vec<Code>> {
    let values = binds![tx.shop(), numbers_list(labels.iter().copied()), before, limit];
    let which = "and c.holder is not null and c.holder in list($2) and c.code_no < $3
        and (not b.private or c.used > 0) order by c.code_no desc limit $4";
    codes(tx, which, values).await
}

/// Codes of a batch from a number up to another one.
pub(in crate::coupon) async fn of_batch(
    tx: &mut Tx,
    batch: i64,
    (first, last): (i64, i64),
    limit: i64,
) -> Result<Vec<Code>> {
    let which = "and c.code_no between $3 and $4 and c.batch_no = $2 order by c.code_no limit $5";
    codes(tx, which, binds![tx.shop(), batch, first, last, limit]).await
}

/// The codes that words lead to.
pub(in crate::coupon) async fn of_words(
    tx: &mut Tx,
    wanted: &BTreeSet<&str>,
) -> Result<Vec<(String, i64)>> {
    let mut found = Vec::new();
    let wanted: Vec<&str> = wanted.iter().copied().collect();
    for chunk in wanted.chunks(LOOKUP_MAX) {
        let sql = "select word, code_no from coupon_word where shop_id = $1 and word in list($2)";
        let values = binds![tx.shop(), words(chunk.iter().copied())];
        found.extend(tx.all::<(String, i64)>(sql, values).await?);
    }
    Ok(found)
}

/// How codes were written that people chose.
pub(in crate::coupon) async fn shown(
    tx: &mut Tx,
    numbers: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, String>> {
    let mut found = BTreeMap::new();
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let sql = "select code_no, shown from coupon_word where shop_id = $1
            and code_no in list($2)";
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        found.extend(tx.all::<(i64, String)>(sql, values).await?);
    }
    Ok(found)
}

/// Writes words of codes.
pub(in crate::coupon) fn put_words(tx: &mut Tx, rows: Vec<(String, i64, String)>) {
    let shop = tx.shop();
    let rows = rows.into_iter().map(|(word, code, shown)| binds![shop, word, code, shown]);
    let head = "insert into coupon_word (shop_id, word, code_no, shown)";
    tx.insert(head, rows.collect(), "");
}

#[derive(sqlx::FromRow)]
struct UseRow {
    use_no: i64,
    code_no: i64,
    coupon_no: i64,
    customer_no: Option<i64>,
    takes: bool,
    day: i64,
    state: i64,
    amount: i64,
    back: i64,
    lines: String,
    order_name: String,
    made_at: i64,
    until_at: Option<i64>,
}

/// The text of no lines.
const NO_LINES: &str = "";

fn lines(text: &str) -> Result<Vec<(LineOff, i64)>> {
    if text == NO_LINES {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|cause| damaged().because(cause))
}

fn lines_text(lines: &[(LineOff, i64)]) -> Result<String> {
    if lines.is_empty() {
        return Ok(NO_LINES.to_owned());
    }
    serde_json::to_string(lines)
        .map_err(|cause| Error::internal("lines could not be written", cause))
}

impl TryFrom<UseRow> for Use {
    type Error = Error;

    fn try_from(row: UseRow) -> Result<Self> {
        let stage = Stage::ALL.into_iter().find(|stage| stage.code() == row.state);
        Ok(Self {
            number: row.use_no,
            code: row.code_no,
            coupon: row.coupon_no,
            customer: row.customer_no,
            takes: row.takes,
            day: i32::try_from(row.day).map_err(|_| damaged())?,
            stage: stage.ok_or_else(damaged)?,
            amount: row.amount,
            back: row.back,
            lines: lines(&row.lines)?,
            order: row.order_name,
            at: Time::from_micros(row.made_at),
            until: row.until_at.map(Time::from_micros),
        })
    }
}

async fn uses(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Use>> {
    let sql = AssertSqlSafe(format!(
        "select use_no, code_no, coupon_no, customer_no, takes, day, state, amount, back, lines,
            order_name, made_at, until_at from coupon_use where shop_id = $1 {which}"
    ));
    let rows: Vec<UseRow> = tx.all(sql, values).await?;
    rows.into_iter().map(Use::try_from).collect()
}

/// Uses by their numbers.
pub(in crate::coupon) async fn uses_of_numbers(
    tx: &mut Tx,
    numbers: &BTreeSet<i64>,
) -> Result<Vec<Use>> {
    let mut found = Vec::new();
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        found.extend(uses(tx, "and use_no in list($2)", values).await?);
    }
    Ok(found)
}

/// Uses of codes, the latest first.
pub(in crate::coupon) async fn uses_of_codes(
    tx: &mut Tx,
    codes: &BTreeSet<i64>,
    limit: i64,
) -> Result<Vec<Use>> {
    let values = binds![tx.shop(), numbers_list(codes.iter().copied()), limit];
    uses(tx, "and code_no in list($2) order by use_no desc limit $3", values).await
}

/// Locks of coupons whose time is over, the longest ago first.
pub(in crate::coupon) async fn due(
    tx: &mut Tx,
    coupons: &BTreeSet<i64>,
    now: Time,
) -> Result<Vec<Use>> {
    let values = binds![tx.shop(), numbers_list(coupons.iter().copied()), now, LAPSE_MAX];
    let which = "and coupon_no in list($2) and state = 1 and until_at <= $3
        order by until_at limit $4";
    uses(tx, which, values).await
}

/// How many uses of coupons people have taken, by coupon, label and day. What they hold of private
/// batches counts once it was used: otherwise it could be told who has it.
pub(in crate::coupon) async fn had(
    tx: &mut Tx,
    coupons: &BTreeSet<i64>,
    labels: &[i64],
) -> Result<Vec<(i64, i64, i64, i64)>> {
    let mut found = Vec::new();
    for chunk in labels.chunks(LOOKUP_MAX) {
        let held = "select c.coupon_no, c.holder, c.day, count(*) from coupon_code c
            join coupon_batch b on b.shop_id = c.shop_id and b.batch_no = c.batch_no
            where c.shop_id = $1 and c.coupon_no in list($2) and c.holder is not null
            and c.holder in list($3) and not c.void and (not b.private or c.used > 0)
            group by c.coupon_no, c.holder, c.day";
        let used = "select coupon_no, customer_no, day, count(*) from coupon_use
            where shop_id = $1 and coupon_no in list($2) and customer_no is not null
            and customer_no in list($3) and takes and state in (1, 2)
            group by coupon_no, customer_no, day";
        for sql in [held, used] {
            let labels = numbers_list(chunk.iter().copied());
            let values = binds![tx.shop(), numbers_list(coupons.iter().copied()), labels];
            let rows: Vec<(i64, i64, i64, i64)> = tx.all(sql, values).await?;
            found.extend(rows);
        }
    }
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct MoveRow {
    cause: String,
    kind: i64,
    code_no: i64,
    coupon_no: i64,
    use_no: Option<i64>,
    amount: i64,
    rest: i64,
    until_at: Option<i64>,
    order_name: String,
    print: i64,
    actor: String,
    made_at: i64,
}

impl TryFrom<MoveRow> for Move {
    type Error = Error;

    fn try_from(row: MoveRow) -> Result<Self> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.code() == row.kind);
        Ok(Self {
            cause: row.cause,
            kind: kind.ok_or_else(damaged)?,
            code: row.code_no,
            coupon: row.coupon_no,
            usage: row.use_no,
            amount: row.amount,
            rest: row.rest,
            until: row.until_at.map(Time::from_micros),
            order: row.order_name,
            print: row.print,
            actor: row.actor,
            at: Time::from_micros(row.made_at),
        })
    }
}

async fn moves(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Move>> {
    let sql = AssertSqlSafe(format!(
        "select cause, kind, code_no, coupon_no, use_no, amount, rest, until_at, order_name, print,
            actor, made_at from coupon_move where shop_id = $1 {which}"
    ));
    let rows: Vec<MoveRow> = tx.all(sql, values).await?;
    rows.into_iter().map(Move::try_from).collect()
}

/// What was done under some callers' ids.
pub(in crate::coupon) async fn of_causes(
    tx: &mut Tx,
    causes: &BTreeSet<&str>,
) -> Result<Vec<Move>> {
    let mut found = Vec::new();
    let causes: Vec<&str> = causes.iter().copied().collect();
    for chunk in causes.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), words(chunk.iter().copied())];
        found.extend(moves(tx, "and cause in list($2)", values).await?);
    }
    Ok(found)
}

/// What was done with a code, the latest first.
pub(in crate::coupon) async fn of_code(tx: &mut Tx, code: i64, limit: i64) -> Result<Vec<Move>> {
    let which = "and code_no = $2 order by made_at desc, cause limit $3";
    moves(tx, which, binds![tx.shop(), code, limit]).await
}

/// Writes codes that are new or changed.
pub(in crate::coupon) fn put_codes<'a>(tx: &mut Tx, codes: impl Iterator<Item = &'a Code>) {
    let shop = tx.shop();
    let rows = codes.map(|own| {
        binds![
            shop,
            own.number,
            own.coupon,
            own.batch,
            own.holder,
            own.day,
            own.from,
            own.until,
            own.uses_max,
            own.used,
            own.open,
            own.void,
        ]
    });
    let head = "insert into coupon_code (shop_id, code_no, coupon_no, batch_no, holder, day,
        from_at, until_at, uses_max, used, open, void)";
    let tail = " on conflict (shop_id, code_no) do update set holder = excluded.holder,
        used = excluded.used, open = excluded.open, void = excluded.void";
    tx.insert(head, rows.collect(), tail);
}

/// Writes what was done in a register.
pub(in crate::coupon) fn write(tx: &mut Tx, register: &Register) -> Result<()> {
    let (shop, done) = (tx.shop(), register.done());
    let counts = done.coupons.iter().filter_map(|number| register.coupon(*number));
    super::put_counts(tx, counts.map(|own| (own.number, &own.count)));
    put_codes(tx, done.codes.iter().filter_map(|number| register.code(*number)));
    let mut rows = Vec::with_capacity(done.uses.len());
    for own in done.uses.iter().filter_map(|number| register.usage(*number)) {
        rows.push(binds![
            shop,
            own.number,
            own.code,
            own.coupon,
            own.customer,
            own.takes,
            own.day,
            own.stage.code(),
            own.amount,
            own.back,
            lines_text(&own.lines)?,
            &own.order,
            own.at,
            own.until,
        ]);
    }
    let head = "insert into coupon_use (shop_id, use_no, code_no, coupon_no, customer_no, takes,
        day, state, amount, back, lines, order_name, made_at, until_at)";
    let tail = " on conflict (shop_id, use_no) do update set state = excluded.state,
        amount = excluded.amount, back = excluded.back, lines = excluded.lines,
        order_name = excluded.order_name, until_at = excluded.until_at";
    tx.insert(head, rows, tail);
    let rows = done.moves.iter().map(|own| {
        binds![
            shop,
            &own.cause,
            own.kind.code(),
            own.code,
            own.coupon,
            own.usage,
            own.amount,
            own.rest,
            own.until,
            &own.order,
            own.print,
            &own.actor,
            own.at,
        ]
    });
    let head = "insert into coupon_move (shop_id, cause, kind, code_no, coupon_no, use_no, amount,
        rest, until_at, order_name, print, actor, made_at)";
    tx.insert(head, rows.collect(), "");
    Ok(())
}
