//! The store suite: the same laws on SQLite and on PostgreSQL.

use ::store::dialect::Dialect;
use ::store::key::{Sealer, split_key_id};
use ::store::log::{self, Cursor, Fact, Position, topic};
use ::store::{Cx, binds, counter, idempotency, sys, timer};
use std::time::Duration;

use base::{Code, Error, Time};
use shuke_tests::{Home, NOW};
use sqlx::AssertSqlSafe;

mod damaged;
mod ends;
mod rotating;

fn fact(text: &str) -> Fact {
    Fact { kind: "test.said".to_owned(), at: NOW, body: text.as_bytes().to_vec() }
}

async fn append(cx: &Cx, topic: i64, texts: &[&str]) {
    let mut tx = cx.write().await.unwrap();
    let facts: Vec<Fact> = texts.iter().map(|text| fact(text)).collect();
    log::append(&mut tx, cx, topic, &facts).await.unwrap();
    tx.commit().await.unwrap();
}

/// Waits until no row is held back: on PostgreSQL a transaction of another test does that.
async fn calm(cx: &Cx) {
    let sql = "select exists (select 1 from log
        where xid >= pg_snapshot_xmin(pg_current_snapshot())) as held";
    loop {
        let mut tx = sys::read(cx).await.unwrap();
        if tx.dialect() == Dialect::Sqlite || !tx.one::<(bool,)>(sql, vec![]).await.unwrap().0 {
            return;
        }
        drop(tx);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn all(cx: &Cx, topics: i64) -> Vec<String> {
    let (mut texts, mut after) = (Vec::new(), Position::default());
    calm(cx).await;
    loop {
        let entries = log::read(cx, "r", (after, topics, 3)).await.unwrap();
        let Some(last) = entries.last() else { return texts };
        after = last.position;
        for entry in entries {
            texts.extend(entry.facts.iter().map(|f| String::from_utf8(f.body.clone()).unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_keeps_order_and_tells_topics_apart() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let (other, _) = home.shop("b", "CNY", "Asia/Shanghai").await;
        append(&cx, topic::IMPORT, &["1", "2"]).await;
        append(&other, topic::EVENT, &["3"]).await;
        append(&cx, topic::IMPORT, &["4"]).await;
        assert_eq!(all(&home.cx, topic::IMPORT).await, ["1", "2", "4"], "{}", home.kind);
        assert_eq!(all(&home.cx, topic::IMPORT | topic::EVENT).await, ["1", "2", "3", "4"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_was_never_there() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        log::append(&mut tx, &cx, topic::EVENT, &[fact("gone")]).await.unwrap();
        tx.rollback().await.unwrap();
        // The day's key was made and rolled back too; a later writer makes another.
        append(&cx, topic::EVENT, &["kept"]).await;
        assert_eq!(all(&home.cx, topic::EVENT).await, ["kept"], "{}", home.kind);
    }
}

/// Without statistics SQLite would read all of a shop's identifiers to find a few.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_is_not_read_whole_to_find_a_few() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        for mut tx in [cx.read().await.unwrap(), cx.write().await.unwrap()] {
            if tx.dialect() == Dialect::Postgres {
                continue;
            }
            for (column, index) in
                [("person", "identifier_person"), ("number", "identifier_number")]
            {
                let sql = format!(
                    "explain query plan select person from identifier
                        where shop_id = $1 and {column} in list($2)"
                );
                let values = binds![cx.shop, ::store::list([1, 2])];
                let plan: Vec<(i64, i64, i64, String)> =
                    tx.all(AssertSqlSafe(sql), values).await.unwrap();
                assert!(plan.iter().any(|(.., step)| step.contains(index)), "{plan:?}");
            }
        }
    }
}

/// Rows are inserted beside what goes on; what the database says to them must not get lost.
#[tokio::test(flavor = "multi_thread")]
async fn an_insert_that_fails_fails_its_transaction() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let head = "insert into setting (shop_id, name, value)";
        let row = |name: &str| binds![cx.shop, name, "1"];
        let mut tx = cx.write().await.unwrap();
        tx.insert(head, vec![row("twice")], "");
        tx.insert(head, vec![row("twice")], "");
        tx.insert(head, vec![row("after")], "");
        assert!(tx.settle().await.is_err(), "{}", home.kind);
        drop(tx);
        let mut tx = cx.write().await.unwrap();
        tx.insert(head, vec![row("gone")], "");
        tx.insert(head, vec![row("gone")], "");
        assert!(tx.commit().await.is_err());
        let mut tx = cx.write().await.unwrap();
        tx.insert(head, vec![row("left")], "");
        drop(tx);
        let mut tx = cx.write().await.unwrap();
        tx.insert(head, vec![row("kept")], "");
        tx.commit().await.unwrap();
        let sql = "select name from setting where shop_id = $1 order by name";
        let names: Vec<(String,)> =
            cx.read().await.unwrap().all(sql, binds![cx.shop]).await.unwrap();
        assert_eq!(names, [("kept".to_owned(),)], "{}", home.kind);
    }
}

/// PostgreSQL commits out of order: a row of an early transaction that is still open must not be
/// overtaken by readers, or it would never be read.
#[tokio::test(flavor = "multi_thread")]
async fn no_reader_misses_a_fact_of_a_transaction_that_commits_late() {
    let Some(home) = Home::postgres().await else { return };
    let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
    append(&cx, topic::EVENT, &["first"]).await;
    calm(&cx).await;
    let mut early = cx.write().await.unwrap();
    log::append(&mut early, &cx, topic::EVENT, &[fact("early")]).await.unwrap();
    // From here on it has its number, which is before those of the others.
    early.settle().await.unwrap();
    append(&cx, topic::EVENT, &["late 1"]).await;
    append(&cx, topic::EVENT, &["late 2"]).await;

    let mut read = Vec::new();
    let step = async |read: &mut Vec<String>| {
        log::run(&home.cx, ("r", topic::EVENT, 10), log::plain, async |_, _, entries, ()| {
            let facts = entries.iter().flat_map(|entry| &entry.facts);
            read.extend(facts.map(|f| String::from_utf8(f.body.clone()).unwrap()));
            Ok(())
        })
        .await
        .unwrap();
    };
    step(&mut read).await;
    assert_eq!(read, ["first"], "later rows wait for the open transaction");
    early.commit().await.unwrap();
    calm(&cx).await;
    step(&mut read).await;
    assert_eq!(read.len(), 4, "{read:?}");
    read.sort();
    assert_eq!(read, ["early", "first", "late 1", "late 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_and_cursor_are_one() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        append(&cx, topic::EVENT, &["1"]).await;
        append(&cx, topic::EVENT, &["2"]).await;
        calm(&cx).await;
        let mut failed = false;
        for _ in 0..3 {
            let done = log::run(
                &home.cx,
                ("r", topic::EVENT, 10),
                log::plain,
                async |tx, _, entries, ()| {
                    let facts: Vec<_> = entries.iter().flat_map(|entry| &entry.facts).collect();
                    counter::take(tx, "seen", facts.len() as i64).await?;
                    if !failed && facts.iter().any(|fact| fact.body == b"2") {
                        failed = true;
                        return Err(Error::new(Code::DiskFull, "full"));
                    }
                    Ok(())
                },
            );
            let _ = done.await;
        }
        let mut tx = cx.read().await.unwrap();
        assert_eq!(counter::last(&mut tx, "seen").await.unwrap(), 2, "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_fact_is_set_aside_and_can_be_replayed() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        append(&cx, topic::EVENT, &["good 1", "poison", "good 2"]).await;
        append(&cx, topic::EVENT, &["good 3"]).await;
        let run = async |poison: bool| {
            calm(&home.cx).await;
            log::run(&home.cx, ("r", topic::EVENT, 10), log::plain, async |tx, _, entries, ()| {
                for fact in entries.iter().flat_map(|entry| &entry.facts) {
                    if poison && fact.body == b"poison" {
                        // A failed statement spoils a transaction on PostgreSQL.
                        tx.exec("insert into shop (shop_id) values (1)", vec![]).await?;
                    }
                    counter::take(tx, "seen", 1).await?;
                }
                Ok(())
            })
            .await
            .unwrap()
        };
        let step = run(true).await;
        assert_eq!((step.rows, step.dead), (2, 1), "{}", home.kind);
        let dead = log::dead(&home.cx, 10).await.unwrap();
        assert_eq!((dead.len(), dead[0].ordinal, dead[0].reader.as_str()), (1, 1, "r"));
        assert!(log::replay(&home.cx, &dead[0].id).await.unwrap());
        assert_eq!(run(false).await.rows, 1);
        assert!(log::dead(&home.cx, 10).await.unwrap().is_empty());
        let mut tx = cx.read().await.unwrap();
        assert_eq!(counter::last(&mut tx, "seen").await.unwrap(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_of_one_reader_cannot_both_move_it() {
    for home in Home::each().await {
        let to = Position { xid: 0, seq: 5 };
        let mut tx = sys::write(&home.cx).await.unwrap();
        log::advance(&mut tx, "r", Cursor::default(), to).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = sys::write(&home.cx).await.unwrap();
        let again = log::advance(&mut tx, "r", Cursor::default(), to).await.unwrap_err();
        assert_eq!(again.code, Code::Conflict, "{}", home.kind);
    }
}

/// Who sends an event gets an answer whatever is being written; and a reader finds it beside what
/// else is in the log.
#[tokio::test(flavor = "multi_thread")]
async fn what_collectors_receive_waits_for_nobody_who_writes() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let receive = async |text: &str| {
            let packed = log::pack(&[fact(text)]).unwrap();
            log::receive(&home.cx, &[(cx.shop, packed)]).await.unwrap();
        };
        // The day's key is made with the first of them.
        receive("1").await;
        let mut writing = cx.write().await.unwrap();
        log::append(&mut writing, &cx, topic::EVENT, &[fact("2")]).await.unwrap();
        receive("3").await;
        writing.commit().await.unwrap();
        calm(&cx).await;
        let waiting = log::waiting(&home.cx, "r", topic::EVENT).await.unwrap();
        assert_eq!((waiting.rows, waiting.oldest), (3, Some(NOW)), "{}", home.kind);
        assert!(log::wait(&home.cx, "r", topic::EVENT).await.unwrap());
        let mut read = Vec::new();
        for rows in [3, 0] {
            let step = log::run(
                &home.cx,
                ("r", topic::EVENT, 10),
                log::plain,
                async |_, _, entries, ()| {
                    let facts = entries.iter().flat_map(|entry| &entry.facts);
                    read.extend(facts.map(|f| String::from_utf8(f.body.clone()).unwrap()));
                    Ok(())
                },
            );
            assert_eq!(step.await.unwrap().rows, rows, "each once");
        }
        read.sort();
        assert_eq!(read, ["1", "2", "3"], "{}", home.kind);
        assert!(!log::wait(&home.cx, "r", topic::EVENT).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_lets_go_after_thirty_days_of_what_every_reader_has_passed() {
    const READERS: [(&str, i64); 2] = [("r", topic::EVENT), ("other", topic::HISTORY)];
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let past = cx.at(NOW.plus(-31 * base::time::DAY_MICROS));
        append(&past, topic::EVENT, &["old"]).await;
        let packed = log::pack(&[fact("received")]).unwrap();
        log::receive(&past, &[(cx.shop, packed)]).await.unwrap();
        append(&cx, topic::EVENT, &["new"]).await;
        append(&cx, topic::HISTORY, &["told"]).await;
        calm(&cx).await;
        let prune = async || log::prune(&home.cx, &READERS).await.unwrap();
        assert_eq!(prune().await, 0, "nobody has read it yet");
        for (reader, topics) in READERS {
            log::run(&home.cx, (reader, topics, 10), log::plain, async |_, _, _, ()| Ok(()))
                .await
                .unwrap();
        }
        assert_eq!(prune().await, 2, "{}", home.kind);
        assert_eq!(all(&home.cx, topic::EVENT).await, ["new"]);
        let mut tx = cx.read().await.unwrap();
        let sql = "select count(*) from log_key where shop_id = $1";
        let (keys,): (i64,) = tx.one(sql, binds![cx.shop]).await.unwrap();
        assert_eq!(keys, 1, "the old day's key went with its rows");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_fires_when_it_is_due_and_once() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        timer::set(&mut tx, "wait", "x", NOW.plus(10), "1").await.unwrap();
        timer::set(&mut tx, "wait", "x", NOW.plus(20), "2").await.unwrap();
        timer::set_once(&mut tx, "wait", "x", NOW.plus(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(sys::due_timers(&home.cx.at(NOW.plus(19)), 9).await.unwrap().is_empty());
        assert_eq!(sys::next_timer(&home.cx).await.unwrap(), Some(NOW.plus(20)));
        let due = sys::due_timers(&home.cx.at(NOW.plus(20)), 9).await.unwrap();
        assert_eq!((due.len(), due[0].body.as_str()), (1, "2"), "{}", home.kind);
        let mut tx = cx.write().await.unwrap();
        let at = Some(Time::from_micros(due[0].due_at));
        assert!(timer::clear(&mut tx, "wait", "x", at).await.unwrap());
        assert!(!timer::clear(&mut tx, "wait", "x", None).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_the_first_answer() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        assert_eq!(idempotency::recall(&mut tx, &cx, "k", b"one").await.unwrap(), None);
        idempotency::remember(&mut tx, NOW, "k", b"one", "answer").await.unwrap();
        let again = idempotency::recall(&mut tx, &cx, "k", b"one").await.unwrap();
        assert_eq!(again.as_deref(), Some("answer"), "{}", home.kind);
        let other = idempotency::recall(&mut tx, &cx, "k", b"two").await.unwrap_err();
        assert_eq!(other.code, Code::Conflict);
        let later = cx.at(NOW.plus(idempotency::REMEMBER_MICROS + 1));
        assert_eq!(idempotency::recall(&mut tx, &later, "k", b"two").await.unwrap(), None);
        idempotency::remember(&mut tx, later.now, "k", b"two", "new").await.unwrap();
        tx.commit().await.unwrap();
        let much_later = home.cx.at(later.now.plus(idempotency::REMEMBER_MICROS + 1));
        assert_eq!(sys::forget_answers(&much_later).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_values_open_only_with_their_own_key_and_place() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let (other, _) = home.shop("b", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        let sealer = Sealer::open(&mut tx, &cx, &[1, 2], true).await.unwrap();
        let sealed = sealer.seal("phone", 1, "+8613800000000").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"1380"));
        assert_eq!(split_key_id(&sealed).unwrap().0, 1);
        tx.commit().await.unwrap();
        let mut tx = cx.write().await.unwrap();
        let again = Sealer::open(&mut tx, &cx, &[1], false).await.unwrap();
        let opened = again.reveal("phone", &sealed).unwrap();
        assert_eq!(opened.as_deref(), Some("+8613800000000"), "{}", home.kind);
        assert!(again.reveal("email", &sealed).is_err(), "another field");
        assert_eq!(again.blind("phone", "x"), sealer.blind("phone", "x"));
        assert_ne!(again.blind("phone", "x"), again.blind("email", "x"));
        let erase = "delete from customer_key where shop_id = $1 and key_id = $2";
        tx.exec(erase, binds![cx.shop, 1_i64]).await.unwrap();
        let erased = Sealer::open(&mut tx, &cx, &[1], false).await.unwrap();
        assert_eq!(erased.reveal("phone", &sealed).unwrap(), None, "its key is destroyed");
        drop(tx);
        let mut tx = other.write().await.unwrap();
        let foreign = Sealer::open(&mut tx, &other, &[1], true).await.unwrap();
        assert!(foreign.reveal("phone", &sealed).is_err(), "another shop");
        assert_ne!(foreign.blind("phone", "x"), sealer.blind("phone", "x"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_seal_for_the_same_new_customers_use_the_same_keys() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let seal = async |ids: &[i64]| {
            let mut tx = cx.write().await.unwrap();
            let sealer = Sealer::open(&mut tx, &cx, ids, true).await.unwrap();
            let sealed = sealer.seal("phone", 2, "+8613800000000").unwrap();
            // So that the other one reads before this one commits.
            tokio::time::sleep(Duration::from_millis(50)).await;
            tx.commit().await.unwrap();
            sealed
        };
        let both = tokio::join!(seal(&[1, 2, 3]), seal(&[3, 2, 4]));
        let mut tx = cx.read().await.unwrap();
        let sealer = Sealer::open(&mut tx, &cx, &[2], false).await.unwrap();
        for sealed in [both.0, both.1] {
            let opened = sealer.reveal("phone", &sealed).unwrap();
            assert_eq!(opened.as_deref(), Some("+8613800000000"), "{}", home.kind);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_dense_and_never_used_twice() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let (other, _) = home.shop("b", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        assert_eq!(counter::take(&mut tx, "order", 3).await.unwrap(), 1);
        assert_eq!(counter::take(&mut tx, "order", 2).await.unwrap(), 4);
        tx.commit().await.unwrap();
        let mut tx = other.write().await.unwrap();
        assert_eq!(counter::take(&mut tx, "order", 1).await.unwrap(), 1, "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_once_and_a_newer_database_is_refused() {
    for home in Home::each().await {
        ::store::migrate(home.cx.db()).await.unwrap();
        let mut tx = sys::write(&home.cx).await.unwrap();
        let newer = "update _sqlx_migrations set version = 9999
            where version = (select max(version) from _sqlx_migrations)";
        tx.exec(newer, vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let error = ::store::migrate(home.cx.db()).await.unwrap_err();
        assert_eq!(error.code, Code::Unsupported, "{}: {}", home.kind, error.chain());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_keeps_its_currency() {
    for home in Home::each().await {
        home.shop("a", "CNY", "Asia/Shanghai").await;
        let new = ::store::shop::NewShop {
            name: "a".into(),
            currency: "GBP".parse().unwrap(),
            zone: base::Zone::utc(),
            language: "en".into(),
        };
        let error = ::store::shop::open(&home.cx, &new).await.unwrap_err();
        assert_eq!(error.code, Code::Conflict, "{}", home.kind);
        let error = ::store::shop::by_name(&home.cx, "nobody").await.unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("there are: a"));
    }
}
