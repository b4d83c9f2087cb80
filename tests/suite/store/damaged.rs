//! Rows of the log that cannot be opened, on both databases.

use ::store::log::{self, Position, topic};
use ::store::{Cx, binds};
use base::time::DAY_MICROS;
use shuke_tests::{Home, NOW};

use super::{append, calm};

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_opened_is_set_aside_and_the_others_go_on() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        for text in ["1", "2", "3", "4"] {
            append(&cx, topic::IMPORT, &[text]).await;
        }
        calm(&cx).await;
        let damage = async |place: i64| {
            let mut tx = cx.write().await.unwrap();
            let sql = "update log set payload = $1 where seq in
                (select seq from log order by seq limit 1 offset $2)";
            assert_eq!(tx.exec(sql, binds![vec![1_u8; 60], place]).await.unwrap(), 1);
            tx.commit().await.unwrap();
        };
        damage(1).await;
        damage(3).await;
        let run = async |reader: &'static str| {
            let mut read = Vec::new();
            let take = async |_: &mut _, _: &Cx, entries: &[log::Entry], ()| {
                let facts = entries.iter().flat_map(|entry| &entry.facts);
                read.extend(facts.map(|fact| String::from_utf8(fact.body.clone()).unwrap()));
                Ok(())
            };
            let step = log::run(&home.cx, (reader, topic::IMPORT, 10), log::plain, take).await;
            let step = step.unwrap();
            (read, step.rows, step.dead)
        };
        assert_eq!(run("r").await, (vec!["1".to_owned(), "3".to_owned()], 4, 2), "{}", home.kind);
        assert_eq!(run("r").await, (vec![], 0, 0), "the last is passed too: {}", home.kind);
        let after = (Position::default(), topic::IMPORT, 10);
        assert_eq!(log::read(&cx, "q", after).await.unwrap().len(), 2);
        assert_eq!(log::read(&cx, "q", after).await.unwrap().len(), 2, "twice is once");
        let dead = log::dead(&home.cx, 10).await.unwrap();
        let mut shown: Vec<_> = dead.iter().map(|one| (&*one.reader, &*one.kind)).collect();
        shown.sort_unstable();
        let row = "log.row";
        assert_eq!(shown, [("q", row), ("q", row), ("r", row), ("r", row)], "{}", home.kind);
        // What is damaged stays when it is put back, and is not kept for ever.
        assert!(log::replay(&home.cx, &dead[0].id).await.is_err());
        let later = home.cx.at(NOW.plus(31 * DAY_MICROS));
        log::prune(&later, &[("r", topic::IMPORT)]).await.unwrap();
        assert!(log::dead(&home.cx, 10).await.unwrap().is_empty());
    }
}
