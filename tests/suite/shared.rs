//! Identifiers that many people share.

use std::fmt::Write;

use shuke_tests::{Home, ask, file, import};

/// More members than one graph of identities may hold.
const MEMBERS: usize = 10_400;

/// Members that all give the shop's own phone; each two of them share an email.
fn members(phone: &str) -> String {
    let mut text = String::from("customer_id,email,phone\n");
    for number in 0..MEMBERS {
        let _ = writeln!(text, "m{number},e{}@example.com,{phone}", number / 2);
    }
    text
}

/// What takes time here is ten thousand members, which a limit of the program asks for.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_thousands_neither_joins_nor_parts_them() {
    let count = "select count(*) as n from customers";
    let home = Home::sqlite().await;
    let plain = file(&home, "plain.csv", &members(""));
    let (cx, ..) = import(&home, "plain", "customers", &[plain]).await.unwrap();
    let people = format!("n\n{}\n", MEMBERS / 2);
    assert_eq!(ask(&cx, &home.lake, count).await.unwrap(), people);
    let phone = file(&home, "phone.csv", &members("13800000000"));
    let (cx, ..) = import(&home, "phone", "customers", &[phone]).await.unwrap();
    assert_eq!(ask(&cx, &home.lake, count).await.unwrap(), people);
    let more = "customer_id,email,phone\nlate,late@example.com,13800000000\n";
    let more = file(&home, "more.csv", more);
    import(&home, "phone", "customers", &[more]).await.unwrap();
    let people = format!("n\n{}\n", MEMBERS / 2 + 1);
    assert_eq!(ask(&cx, &home.lake, count).await.unwrap(), people);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_parts_its_users_when_it_turns_out_to_be_shared() {
    let head = "order_id,card number,phone,sku,quantity,price,placed_at,status\n";
    let order = |number: usize| {
        format!("o{number},C1,138000000{number:02},s1,1,10.00,2025-03-01 10:00:00,paid\n")
    };
    let some =
        |range: std::ops::Range<usize>| head.to_owned() + &range.map(order).collect::<String>();
    let count = "select count(*) as people, sum(orders) as orders from customers";
    for home in Home::each().await {
        let (few, rest) =
            (file(&home, "few.csv", &some(10..20)), file(&home, "rest.csv", &some(20..40)));
        let (cx, ..) = import(&home, "s", "orders", &[few]).await.unwrap();
        assert_eq!(ask(&cx, &home.lake, count).await.unwrap(), "people,orders\n1,10\n");
        import(&home, "s", "orders", &[rest]).await.unwrap();
        let apart = "people,orders\n30,30\n";
        assert_eq!(ask(&cx, &home.lake, count).await.unwrap(), apart, "{}", home.kind);
        let whole = file(&home, "whole.csv", &some(10..40));
        let (cx, _, report) = import(&home, "whole", "orders", &[whole]).await.unwrap();
        assert_eq!(ask(&cx, &home.lake, count).await.unwrap(), apart, "{}", home.kind);
        assert_eq!(report.customers, 30);
    }
}
