//! New keys in the place of old ones: everything that was sealed is opened, and found, as before.

use std::sync::Arc;

use ::store::key::{Sealer, destroy, rotate_master, rotate_shop, wraps_any};
use ::store::{Cx, KeyRing, MasterKey, audit, binds, sys};
use base::{Code, Entropy};
use shuke_tests::{Home, NOW};

use super::{all, append, topic};

/// More customers than are wrapped again in one transaction.
const CUSTOMERS: i64 = 2_500;
/// One whose key is destroyed.
const ERASED: i64 = 7;

fn key(digits: &str) -> MasterKey {
    MasterKey::parse(&digits.repeat(32)).unwrap()
}

/// The same database as another process sees it, which has that master key.
fn with(cx: &Cx, master: MasterKey) -> Cx {
    let keys = Arc::new(KeyRing::new(master));
    Cx::new(cx.db().clone(), keys, cx.shop, NOW, Entropy::seeded(9))
}

/// A phone number of each customer, sealed, and where it is found.
async fn sealed(cx: &Cx) -> Vec<(i64, Vec<u8>, Vec<u8>)> {
    let customers: Vec<i64> = (1..=CUSTOMERS).collect();
    let mut tx = cx.write().await.unwrap();
    let sealer = Sealer::open(&mut tx, cx, &customers, true).await.unwrap();
    let seal = |id: i64| {
        let phone = format!("+86138{id:08}");
        (id, sealer.seal("phone", id, &phone).unwrap(), sealer.blind("phone", &phone))
    };
    let sealed = customers.iter().map(|id| seal(*id)).collect();
    tx.commit().await.unwrap();
    let mut tx = cx.write().await.unwrap();
    destroy(&mut tx, cx, &[ERASED]).await.unwrap();
    tx.commit().await.unwrap();
    sealed
}

/// Asserts that each is opened and found as it was.
async fn assert_opens(cx: &Cx, sealed: &[(i64, Vec<u8>, Vec<u8>)], when: &str) {
    let customers: Vec<i64> = sealed.iter().map(|(id, ..)| *id).collect();
    let mut tx = cx.read().await.unwrap();
    let sealer = Sealer::open(&mut tx, cx, &customers, false).await.unwrap();
    for (id, bytes, blind) in sealed {
        let phone = format!("+86138{id:08}");
        let opened = sealer.reveal("phone", bytes).unwrap();
        assert_eq!(opened, (*id != ERASED).then(|| phone.clone()), "{when}: {id}");
        assert_eq!(&sealer.blind("phone", &phone), blind, "{when}: {id}");
    }
}

async fn wrapped(cx: &Cx) -> Vec<(i64, Vec<u8>)> {
    let sql = "select key_id, wrapped from customer_key where shop_id = $1 order by key_id";
    cx.read().await.unwrap().all(sql, binds![cx.shop]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_master_key_opens_what_the_one_before_sealed() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let known = sealed(&cx).await;
        append(&cx, topic::IMPORT, &["1", "2"]).await;
        assert!(!wraps_any(&cx, &key("17")).await.unwrap(), "{}", home.kind);
        // The shop's key, and the installation's own.
        assert_eq!(rotate_master(&cx, key("17")).await.unwrap(), 2, "{}", home.kind);
        assert!(wraps_any(&cx, &key("17")).await.unwrap());
        assert!(!wraps_any(&cx, &key("42")).await.unwrap());
        assert_opens(&cx, &known, "the process that changed it").await;
        let other = with(&cx, key("17"));
        assert_opens(&other, &known, "one that starts with the new key").await;
        assert_eq!(all(&other, topic::IMPORT).await, ["1", "2"]);
        let (late, _) = home.shop("late", "CNY", "UTC").await;
        let late = with(&late, key("17"));
        assert!(Sealer::open(&mut late.write().await.unwrap(), &late, &[1], true).await.is_ok());
        let stale = with(&cx, key("42"));
        let error = Sealer::open(&mut stale.read().await.unwrap(), &stale, &[1], false).await;
        assert_eq!(error.err().unwrap().code, Code::Damaged, "one with the old key alone");
        let own = other.of(sys::NO_SHOP);
        let mut tx = own.read().await.unwrap();
        let deeds = audit::list(&mut tx, &audit::Filter::default(), (i64::MAX, 10)).await.unwrap();
        assert_eq!(deeds[0].action, "key.rotate_master");
        drop(tx);
        assert!(audit::verify(&own).await.unwrap() >= 1, "{}", home.kind);
        // Nothing is left to wrap: as after a rotation whose end nobody has seen.
        assert_eq!(rotate_master(&other, key("17")).await.unwrap(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_shop_key_opens_and_finds_what_the_one_before_sealed() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let (other, _) = home.shop("b", "CNY", "Asia/Shanghai").await;
        let known = sealed(&cx).await;
        append(&cx, topic::IMPORT, &["1"]).await;
        append(&other, topic::IMPORT, &["2"]).await;
        let foreign = wrapped(&other).await;
        for turn in ["once", "twice"] {
            let before = wrapped(&cx).await;
            let count = rotate_shop(&cx).await.unwrap();
            // All customers but one, and the day of the log.
            assert_eq!(i64::try_from(count).unwrap(), CUSTOMERS, "{}: {turn}", home.kind);
            let after = wrapped(&cx).await;
            for ((id, before), (_, after)) in before.iter().zip(&after) {
                assert_eq!(before == after, *id == ERASED, "{turn}: {id}");
            }
            assert_opens(&cx, &known, turn).await;
            // Another process has opened nothing yet.
            let fresh = with(&cx, key("42"));
            assert_opens(&fresh, &known, turn).await;
        }
        let fresh = with(&cx, key("42"));
        assert_eq!(all(&fresh, topic::IMPORT).await, ["1", "2"], "{}", home.kind);
        append(&fresh, topic::IMPORT, &["3"]).await;
        assert_eq!(all(&cx, topic::IMPORT).await, ["1", "2", "3"]);
        assert_eq!(wrapped(&other).await, foreign, "another shop's keys stay");
    }
}
