//! Where the log ended, for whoever must not wait for what comes later, on both databases.

use ::store::Cx;
use ::store::log::{self, topic};
use shuke_tests::Home;

use super::{append, calm, fact};

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_reached_whatever_comes_after_it() {
    for home in Home::each().await {
        let (cx, shop) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let topics = topic::IMPORT | topic::EVENT;
        let receive = async |text: &str| {
            let packed = log::pack(&[fact(text)]).unwrap();
            log::receive(&home.cx, &[(shop.id, packed)]).await.unwrap();
        };
        let run = async || {
            let take = async |_: &mut _, _: &Cx, _: &[log::Entry], ()| Ok(());
            log::run(&home.cx, ("r", topics, 1), log::plain, take).await.unwrap().rows
        };
        let empty = log::ends(&home.cx, topics).await.unwrap();
        assert!(log::reached(&home.cx, "r", topics, &empty).await.unwrap(), "{}", home.kind);
        append(&cx, topic::IMPORT, &["1"]).await;
        receive("2").await;
        calm(&cx).await;
        let ends = log::ends(&home.cx, topics).await.unwrap();
        append(&cx, topic::IMPORT, &["3"]).await;
        receive("4").await;
        calm(&cx).await;
        let (mut before, mut rows) = (0, 0);
        while !log::reached(&home.cx, "r", topics, &ends).await.unwrap() {
            before += 1;
            assert!(before < 10, "it never comes there: {}", home.kind);
            rows += run().await;
        }
        assert!((2..4).contains(&rows), "{rows} of 4 rows: {}", home.kind);
        assert!(run().await > 0, "the rest is still there: {}", home.kind);
    }
}
