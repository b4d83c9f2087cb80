//! The same bytes every time, in order, and each message as it should be.

use super::*;

/// FNV-1a (Fowler, Noll & Vo) of a shop's messages.
fn hash(plan: &Plan) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for message in messages(plan) {
        for byte in message.json.bytes().chain(message.at.micros().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}

#[test]
fn the_same_plan_gives_the_same_bytes_on_every_machine() {
    // A change of the generator changes this figure, and every figure taken from the demo shop.
    assert_eq!(format!("{:016x}", hash(&plan(200, 7))), "ae645b571329b723");
    assert_eq!(hash(&plan(50, 8)), hash(&plan(50, 8)));
    assert_ne!(hash(&plan(50, 7)), hash(&plan(50, 8)));
}

#[test]
fn a_life_does_not_depend_on_those_who_come_after() {
    let many: BTreeSet<String> = messages(&plan(300, 7)).map(|message| message.json).collect();
    let few: Vec<String> = messages(&plan(120, 7)).map(|message| message.json).collect();
    assert!(few.iter().all(|json| many.contains(json)));
}

#[test]
fn stretches_do_not_show() {
    let plan = plan(150, 7);
    let whole: Vec<Message> = Stream::in_stretches(&plan, 1).collect();
    let parts: Vec<Message> = Stream::in_stretches(&plan, 7).collect();
    assert!(whole == parts);
}

#[test]
fn messages_come_in_order_with_an_id_of_their_own() {
    let plan = plan(600, 7);
    let mut last = Time::from_micros(i64::MIN);
    let mut ids = BTreeSet::new();
    let mut bytes = 0;
    for message in messages(&plan) {
        let json = parsed(&message);
        let said: Time = json["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(last <= message.at && said <= message.at, "{}", message.json);
        last = message.at;
        assert!(ids.insert(json["messageId"].as_str().unwrap().to_owned()));
        assert!(json["userId"].is_string() || json["anonymousId"].is_string());
        assert_eq!(json["context"]["library"]["name"], "demo");
        bytes += message.json.len();
    }
    let zone = base::Zone::named(TIME_ZONE).unwrap();
    assert!(last <= zone.end_of(plan.until).unwrap());
    let each = ids.len() / 600;
    assert!((30..60).contains(&each), "{each} messages of a customer");
    assert!((250..550).contains(&(bytes / ids.len())), "{} bytes", bytes / ids.len());
}

#[test]
fn the_sums_of_orders_agree_and_their_states_follow_each_other() {
    let mut totals: BTreeMap<String, i64> = BTreeMap::new();
    let mut states: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for message in messages(&plan(800, 7)) {
        let json = parsed(&message);
        let (given, name) = (&json["properties"], name(&json).to_owned());
        let Some(state) = name.strip_prefix("Order ") else { continue };
        let order = given["order_id"].as_str().unwrap().to_owned();
        if matches!(state, "Placed" | "Completed") {
            let lines = given["products"].as_array().unwrap();
            let line = |line: &Value| fen(&line["price"]) * line["quantity"].as_i64().unwrap();
            let sum: i64 = lines.iter().map(line).sum();
            assert!(sum > 0 && !lines.is_empty());
            assert_eq!(fen(&given["total"]), sum + fen(&given["shipping"]));
            assert_eq!(given["currency"], CURRENCY);
            let total = totals.entry(order.clone()).or_insert(fen(&given["total"]));
            assert_eq!(*total, fen(&given["total"]), "placed as paid");
        }
        if state == "Refunded" {
            assert!((1..=totals[&order]).contains(&fen(&given["total"])));
        }
        states.entry(order).or_default().push((local(&json).1, state.to_owned()));
    }
    let ranks = ["Placed", "Completed", "Shipped", "Received", "Refunded"];
    for (order, mut seen) in states {
        seen.sort_by_key(|(at, _)| *at);
        let names: Vec<&str> = seen.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names[0], "Placed", "{order}: {names:?}");
        if names.contains(&"Cancelled") {
            assert_eq!(names, ["Placed", "Cancelled"], "{order}");
            continue;
        }
        let rank = |name: &&str| ranks.iter().position(|known| known == name).unwrap();
        let order_of_states: Vec<usize> = names.iter().map(rank).collect();
        assert!(order_of_states.windows(2).all(|two| two[0] < two[1]), "{order}: {names:?}");
    }
}

#[test]
fn nobody_is_named_before_they_sign_in() {
    let mut signed = BTreeSet::new();
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let mut phones = BTreeSet::new();
    let mut said: Vec<(i64, Value)> =
        messages(&plan(500, 7)).map(|message| parsed(&message)).map(|m| (local(&m).1, m)).collect();
    said.sort_by_key(|(at, _)| *at);
    for (_, json) in &said {
        if let (Some(user), Some(browser)) = (json["userId"].as_str(), json["anonymousId"].as_str())
        {
            let owner = owners.entry(browser.to_owned()).or_insert(user.to_owned());
            assert_eq!(owner, user);
        }
        if json["type"] == "identify" && json["traits"]["phone"].is_string() {
            assert!(phones.insert(json["traits"]["phone"].to_string()));
            signed.insert(json["userId"].to_string());
        } else if json["userId"].is_string() {
            assert!(signed.contains(&json["userId"].to_string()), "{json}");
        }
    }
    assert!(phones.len() > 350, "{}", phones.len());
    let anonymous = said.iter().filter(|(_, json)| json["userId"].is_null()).count();
    assert!(anonymous * 20 > said.len(), "{anonymous} of {}", said.len());
}

#[test]
fn the_catalogue_knows_what_is_sold() {
    let plan = plan(150, 7);
    let products = products(&plan);
    let titles: BTreeSet<&str> = products.iter().map(|product| product.title.as_str()).collect();
    assert_eq!((products.len(), titles.len()), (250, 250));
    let by_sku: BTreeMap<&str, &Product> =
        products.iter().map(|product| (product.sku.as_str(), product)).collect();
    for message in messages(&plan) {
        let json = parsed(&message);
        for line in json["properties"]["products"].as_array().into_iter().flatten() {
            let product = by_sku[line["product_id"].as_str().unwrap()];
            let price = fen(&line["price"]);
            assert!(price <= product.price_minor && price > product.cost_minor);
            assert!(product.on_sale_at < message.at && product.listed_at <= product.on_sale_at);
        }
    }
}

#[test]
fn a_shop_has_customers_but_not_too_many() {
    for customers in [0, 1_000_001] {
        let error = Plan::new(customers, 7, UNTIL.parse().unwrap()).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("customers"));
    }
    assert!(messages(&plan(1, 7)).count() > 0);
}
