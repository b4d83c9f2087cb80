//! Undoing an import leaves the state without it; undoing a merge splits history back.

use std::path::PathBuf;

use perceive::identity::{self, Verdict};
use perceive::import::{self, State};
use perceive::{profile, relay, upkeep};
use shuke_tests::{Home, ask, file, import, state};
use store::Cx;

const FIRST: &str = "order_id,customer_id,phone,sku,title,quantity,price,placed_at,status
A1,ann,13800000001,s1,Silk dress,1,300.00,2025-03-01 10:00:00,paid
A1,ann,13800000001,s2,Face mask,2,50.00,2025-03-01 10:00:00,paid
A2,bob,,s1,Silk dress,1,310.00,2025-03-02 11:00:00,paid
";
const SECOND: &str = "order_id,customer_id,phone,sku,title,quantity,price,placed_at,status
A1,ann,13800000001,s1,Silk dress,1,300.00,2025-03-01 10:00:00,paid
A2,bob,,s1,Silk dress,1,310.00,2025-03-02 11:00:00,received
A3,cat,13800000001,s3,Hand cream,3,20.00,2025-04-02 09:00:00,paid
";

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_undone_import_said_is_gone_and_the_rest_stays() {
    for home in Home::each().await {
        let first = file(&home, "first.csv", FIRST);
        let second = file(&home, "second.csv", SECOND);
        let (cx, _, one) =
            import(&home, "both", "orders", std::slice::from_ref(&first)).await.unwrap();
        let before = state(&cx, &home.lake).await.unwrap();
        let (_, _, two) =
            import(&home, "both", "orders", std::slice::from_ref(&second)).await.unwrap();
        assert_eq!((two.rows_accepted, two.rows_duplicate), (2, 1), "{}", home.kind);
        let both = state(&cx, &home.lake).await.unwrap();
        assert_ne!(before, both);
        import::undo(&cx, &home.lake, two.import).await.unwrap();
        assert_eq!(state(&cx, &home.lake).await.unwrap(), before, "{}", home.kind);

        // The first undone in place of the second: what both said stays.
        import(&home, "both", "orders", std::slice::from_ref(&second)).await.unwrap();
        assert_eq!(state(&cx, &home.lake).await.unwrap(), both);
        import::undo(&cx, &home.lake, one.import).await.unwrap();
        let (other, ..) = import(&home, "second only", "orders", &[second]).await.unwrap();
        let alone = state(&other, &home.lake).await.unwrap();
        assert_eq!(state(&cx, &home.lake).await.unwrap(), alone, "{}", home.kind);

        let list = import::list(&cx).await.unwrap();
        let states: Vec<State> = list.iter().map(|import| import.state).collect();
        assert_eq!(states, [State::Done, State::Undone, State::Undone]);
        let again = import::undo(&cx, &home.lake, one.import).await.unwrap();
        assert_eq!(again.state, State::Undone);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undone_merge_splits_history_back() {
    let people = "select external_id, orders, net_minor from customers order by 1";
    let lines = "select c.external_id, l.sku, l.amount_minor from order_lines l
        join customers c on c.customer_id = l.customer_id order by 1, 2, 3";
    for home in Home::each().await {
        let apart = file(&home, "apart.csv", &FIRST.replace("bob,,", "bob,13900000002,"));
        let (cx, ..) = import(&home, "s", "orders", &[apart]).await.unwrap();
        let before = state(&cx, &home.lake).await.unwrap();
        let two = "external_id,orders,net_minor\nann,1,40000\nbob,1,31000\n";
        assert_eq!(ask(&cx, &home.lake, people).await.unwrap(), two, "{}", home.kind);

        profile::decide(&cx, (1, 2), Verdict::Together).await.unwrap();
        let one = "external_id,orders,net_minor\nann,2,71000\n";
        assert_eq!(ask(&cx, &home.lake, people).await.unwrap(), one, "{}", home.kind);
        let all = ask(&cx, &home.lake, lines).await.unwrap();
        assert_eq!(all.lines().filter(|line| line.starts_with("ann,")).count(), 3);
        let merges = identity::merges(&cx, Some(1)).await.unwrap();
        assert_eq!((merges.len(), merges[0].reason.as_str()), (1, "pin"));

        profile::decide(&cx, (1, 2), Verdict::Apart).await.unwrap();
        assert_eq!(ask(&cx, &home.lake, people).await.unwrap(), two, "{}", home.kind);
        let split = ask(&cx, &home.lake, lines).await.unwrap();
        assert!(split.contains("bob,s1,31000"), "{split}");
        assert!(identity::merges(&cx, Some(1)).await.unwrap()[0].undone_at.is_some());
        let missing = profile::decide(&cx, (1, 99), Verdict::Together).await.unwrap_err();
        assert_eq!(missing.code, base::Code::NotFound);

        // What comes later keeps to the decision.
        let shared = file(&home, "shared.csv", &FIRST.replace("bob,,", "bob,13800000001,"));
        import(&home, "s", "orders", &[shared]).await.unwrap();
        assert_eq!(ask(&cx, &home.lake, people).await.unwrap(), two, "{}", home.kind);
        assert_eq!(before.lines().count(), state(&cx, &home.lake).await.unwrap().lines().count());
    }
}

const REVIEWS: &str = "Review ID,Customer ID,SKU,Rating,Review,Date
R1,ann,s1,5,Soft,2025-03-05 10:00:00
R2,bob,s1,1,Torn,2025-03-06 10:00:00
";
const MORE_REVIEWS: &str = "Review ID,Customer ID,SKU,Rating,Review,Date
R2,bob,s1,1,Torn,2025-03-06 10:00:00
R3,cat,s3,4,Fine,
";
const CHATS: &str = "Time,Customer ID,Speaker,Message
2025-03-01 10:00:00,ann,buyer,Is it silk?
2025-03-01 10:01:00,ann,agent,It is.
2025-03-01 10:01:00,ann,agent,It is.
";
const FAVOURITES: &str = "Customer ID,SKU,Favourited At
ann,s3,2025-03-01 09:00:00
";
const COMPLAINTS: &str = "Complaint Date,Customer ID,Complaint,Status
2025-03-07 10:00:00,bob,It is torn,open
";

async fn events(cx: &Cx, home: &Home) -> String {
    let sql = "select count(*) as n, count(distinct message_id) as own from events";
    ask(cx, &home.lake, sql).await.unwrap().lines().nth(1).unwrap_or_default().to_owned()
}

/// Has the lake's files compacted.
async fn keep(home: &Home) {
    upkeep::ask(&home.cx).await.unwrap();
    while upkeep::work(|| home.cx.clone(), &home.lake).await.unwrap() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_an_undone_import_are_gone_and_come_back_once() {
    for home in Home::each().await {
        let kinds = [
            ("orders", FIRST),
            ("reviews", REVIEWS),
            ("chats", CHATS),
            ("favourites", FAVOURITES),
            ("complaints", COMPLAINTS),
        ];
        let files: Vec<(&str, PathBuf)> = kinds
            .iter()
            .map(|(kind, text)| (*kind, file(&home, &format!("{kind}.csv"), text)))
            .collect();
        let all = async || {
            let mut imports = Vec::new();
            for (kind, path) in &files {
                let done = import(&home, "s", kind, std::slice::from_ref(path)).await.unwrap();
                imports.push(done.2.import);
            }
            imports
        };
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let imports = all().await;
        let told = state(&cx, &home.lake).await.unwrap();
        assert_eq!(events(&cx, &home).await, "7,7", "{}", home.kind);
        assert_eq!(all().await.len(), imports.len());
        assert_eq!(events(&cx, &home).await, "7,7", "the same files again");
        for import in imports {
            import::undo(&cx, &home.lake, import).await.unwrap();
        }
        // What the second import of the same files says stays, told by it from now on.
        assert_eq!(state(&cx, &home.lake).await.unwrap(), told, "{}", home.kind);
        for import in import::list(&cx).await.unwrap() {
            import::undo(&cx, &home.lake, import.number).await.unwrap();
        }
        assert_eq!(events(&cx, &home).await, "0,0", "{}: at once", home.kind);
        relay::flush(&home.cx, &home.lake).await.unwrap();
        assert_eq!(events(&cx, &home).await, "0,0", "{}: moved", home.kind);
        keep(&home).await;
        assert_eq!(events(&cx, &home).await, "0,0", "{}: compacted", home.kind);
        let dropped = home.lake.compact(&lake::EVENTS, &[], cx.now).await.unwrap();
        assert_eq!(dropped.rows_dropped, 0);

        all().await;
        assert_eq!(state(&cx, &home.lake).await.unwrap(), told, "{}: again", home.kind);
        keep(&home).await;
        assert_eq!(events(&cx, &home).await, "7,7", "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_two_imports_say_stays_until_both_are_undone() {
    for home in Home::each().await {
        let one = [file(&home, "one.csv", REVIEWS)];
        let two = [file(&home, "two.csv", MORE_REVIEWS)];
        let (cx, _, first) = import(&home, "both", "reviews", &one).await.unwrap();
        let (.., second) = import(&home, "both", "reviews", &two).await.unwrap();
        assert_eq!(events(&cx, &home).await, "3,3", "{}", home.kind);
        let (other, ..) = import(&home, "second", "reviews", &two).await.unwrap();
        let alone = state(&other, &home.lake).await.unwrap();
        import::undo(&cx, &home.lake, first.import).await.unwrap();
        assert_eq!(state(&cx, &home.lake).await.unwrap(), alone, "{}", home.kind);
        keep(&home).await;
        relay::flush(&home.cx, &home.lake).await.unwrap();
        keep(&home).await;
        assert_eq!(state(&cx, &home.lake).await.unwrap(), alone, "{}", home.kind);
        import::undo(&cx, &home.lake, second.import).await.unwrap();
        assert_eq!(events(&cx, &home).await, "0,0", "{}", home.kind);
        assert_eq!(events(&other, &home).await, "2,2", "{}: another shop", home.kind);
    }
}
