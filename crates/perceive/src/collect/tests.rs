use base::Time;

use super::commerce::Setting;
use super::wire::{Envelope, open, read};
use super::{Kind, Message, private};

const SETTING: Setting<'static> =
    Setting { currency: base::Currency::CNY, country: None, today: base::Date(0) };

fn envelope(kind: Option<Kind>) -> Envelope<'static> {
    Envelope {
        source: 7,
        kind,
        received: "2026-01-01T12:00:00Z".parse().unwrap(),
        agent: "analytics-node/3.1.0",
        prefetch: false,
    }
}

fn one(kind: Kind, body: &str) -> base::Result<Message> {
    read(body.as_bytes(), &envelope(Some(kind))).map(|mut all| all.messages.remove(0))
}

#[test]
fn a_message_is_what_it_says() {
    let body = r#"{"messageId":"m1","userId":42,"anonymousId":"web-1","event":"Product Viewed",
        "timestamp":"2026-01-01T11:59:00Z","sentAt":"2026-01-01T11:59:30Z",
        "properties":{"sku":"s1","price":19.9},
        "context":{"userAgent":"Mozilla/5.0 (iPhone)","campaign":{"source":"wechat","name":"618"},
            "page":{"url":"https://shop.cn/a?x=1","referrer":"https://www.baidu.com/s?wd=shop"}}}"#;
    let message = one(Kind::Track, body).unwrap();
    assert_eq!((message.user.as_deref(), message.id.as_str()), (Some("42"), "m1"));
    // Their clock is half a minute behind ours.
    assert_eq!(message.at, "2026-01-01T11:59:30Z".parse::<Time>().unwrap());
    assert_eq!(message.touch.source.as_deref(), Some("wechat"));
    assert_eq!(message.touch.referrer.as_deref(), Some("https://www.baidu.com/s"));
    assert_eq!((message.channel.as_str(), message.bot), ("mobile", None));
}

#[test]
fn what_cannot_be_understood_is_refused_by_itself() {
    for (kind, body, field) in [
        (Kind::Track, r#"{"messageId":"m","userId":"u"}"#, "event"),
        (Kind::Track, r#"{"messageId":"m","event":"e"}"#, "userId"),
        (
            Kind::Track,
            r#"{"messageId":"m","userId":"u","event":"e","timestamp":"soon"}"#,
            "timestamp",
        ),
        (
            Kind::Track,
            r#"{"messageId":"m","userId":"u","event":"e","properties":[1]}"#,
            "properties",
        ),
    ] {
        assert_eq!(one(kind, body).unwrap_err().field.as_deref(), Some(field), "{body}");
    }
    assert!(read(b"{\"batch\":", &envelope(None)).is_err());
    assert!(read(b"[1]", &envelope(None)).is_err());
    let batch = r#"{"sentAt":"2026-01-01T12:00:00Z","batch":[
        {"type":"track","messageId":"a","userId":"u","event":"e"}, 5,
        {"type":"page","messageId":"b","anonymousId":"w","name":"Home"},
        {"type":"nothing","messageId":"c","userId":"u"}]}"#;
    let all = read(batch.as_bytes(), &envelope(None)).unwrap();
    let refused: Vec<usize> = all.refused.iter().map(|(place, _)| *place).collect();
    assert_eq!((all.messages.len(), refused), (2, vec![1, 3]));
    assert_eq!(all.messages[1].event, "Page Viewed");
    assert_eq!(all.messages[1].properties, r#"{"name":"Home"}"#);
}

#[test]
fn clients_differ_in_where_they_put_things() {
    let traits = r#"{"phone":"13800000001"}"#;
    for body in [
        r#"{"messageId":"m","userId":"u","traits":{"phone":"13800000001"},
            "context":{"traits":{}}}"#,
        r#"{"messageId":"m","userId":"u","context":{"traits":{"phone":"13800000001"}}}"#,
    ] {
        assert_eq!(one(Kind::Identify, body).unwrap().properties, traits, "{body}");
    }
    let body = r#"{"messageId":"m","userId":"u","context":{"traits":{"phone":"13800000001"}}}"#;
    assert_eq!(one(Kind::Group, body).unwrap().properties, "", "a group's traits are its own");
    let body = r#"{"messageId":"m","userId":"u","groupId":"g7","traits":{"staff":20}}"#;
    let group = one(Kind::Group, body).unwrap();
    assert_eq!(group.properties, r#"{"staff":20,"groupId":"g7"}"#);
    let said = super::commerce::read(&group, &SETTING).unwrap();
    assert_eq!(said.properties.as_deref(), Some(r#"{"groupId":"g7"}"#), "of traits none");
    let body = r#"{"messageId":"m","userId":"u","name":"首页","category":"店铺",
        "properties":{"name":"Home"}}"#;
    let page = one(Kind::Page, body).unwrap();
    assert_eq!(page.properties, r#"{"name":"Home","category":"店铺"}"#);
    for context in ["null", "3", "[]", "\"web\"", r#"{"page":"/","device":[],"campaign":7}"#] {
        let body = format!(r#"{{"messageId":"m","userId":"u","event":"e","context":{context}}}"#);
        assert_eq!(one(Kind::Track, &body).unwrap().id, "m", "{context}");
    }
}

#[test]
fn a_body_says_whose_it_is() {
    for (kind, body, key) in [
        (Some(Kind::Page), r#"{"writeKey":"k","messageId":"m"}"#, Some("k")),
        (Some(Kind::Page), r#"{"messageId":"m"}"#, None),
        (None, r#"{"batch":[],"writeKey":"k"}"#, Some("k")),
    ] {
        assert_eq!(open(body.as_bytes(), kind).unwrap().write_key(), key, "{body}");
    }
}

#[test]
fn a_sender_s_clock_never_runs_ahead_of_ours() {
    let body = r#"{"messageId":"m","userId":"u","event":"e","timestamp":"2031-01-01T00:00:00Z"}"#;
    assert_eq!(one(Kind::Track, body).unwrap().at, envelope(None).received);
}

#[test]
fn history_holds_nothing_by_which_a_person_is_known() {
    let given = serde_json::json!({
        "sku": "s1", "Email": "a@b.cn", "phone_number": "+86 138 0013 8000", "name": "Silk",
        "note": "13800138000", "nested": { "first_name": "A", "size": "L" },
        "url": "https://x.cn/p?email=a@b.cn", "order_id": "20260101123456", "list": ["a@b.cn", 3],
    });
    let given = given.to_string();
    let kept = private::text(&serde_json::from_str(&given).unwrap()).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let expected = serde_json::json!({
        "sku": "s1", "name": "Silk", "nested": { "size": "L" }, "url": "https://x.cn/p",
        "order_id": "20260101123456", "list": [3],
    });
    assert_eq!(kept, expected);
}

#[test]
fn an_order_keeps_the_channel_that_it_was_bought_in() {
    let phone = r#""context":{"userAgent":"Mozilla/5.0 (iPhone)"}"#;
    for (event, said, context, channel) in [
        ("Order Placed", "", phone, Some("mobile")),
        ("Order Placed", r#","channel":"App""#, phone, Some("App")),
        ("Order Completed", "", r#""context":{}"#, None),
        ("Order Shipped", "", r#""context":{}"#, None),
        ("Order Cancelled", "", phone, None),
    ] {
        let body = format!(
            r#"{{"messageId":"m","userId":"u","event":"{event}",
                "properties":{{"order_id":"A"{said}}},{context}}}"#
        );
        let message = one(Kind::Track, &body).unwrap();
        let said = super::commerce::read(&message, &SETTING).unwrap();
        let [crate::record::Record::Order(order)] = &said.records[..] else { panic!("{event}") };
        assert_eq!(order.said.head.channel.as_deref(), channel, "{event}");
    }
}

#[test]
fn a_discount_of_the_whole_order_is_borne_by_its_lines() {
    let products = r#""products":[{"sku":"a","price":30},{"sku":"b","price":20,"quantity":2}]"#;
    for (more, amounts) in [
        (r#""discount":7"#, [2_700, 3_600]),
        (r#""discount":7,"total":73,"shipping":10"#, [2_700, 3_600]),
        (r#""discount":7,"revenue":63"#, [2_700, 3_600]),
        (r#""discount":7,"subtotal":70"#, [3_000, 4_000]),
        (r#""discount":7,"total":80,"shipping":10"#, [3_000, 4_000]),
        (r#""discount":100"#, [0, 0]),
        (r#""discount":-7"#, [3_000, 4_000]),
        (r#""total":70"#, [3_000, 4_000]),
    ] {
        let body = format!(
            r#"{{"messageId":"m","userId":"u","event":"Order Completed",
                "properties":{{"order_id":"o",{products},{more}}}}}"#
        );
        let said = super::commerce::read(&one(Kind::Track, &body).unwrap(), &SETTING).unwrap();
        let order = said.records.iter().find_map(|record| match record {
            crate::record::Record::Order(order) => Some(order),
            _ => None,
        });
        let lines = &order.unwrap().lines;
        let found: Vec<i64> = lines.iter().map(|line| line.amount_minor).collect();
        assert_eq!(found, amounts, "{more}");
        assert_eq!((lines[0].unit_price_minor, lines[1].unit_price_minor), (3_000, 2_000));
    }
}
