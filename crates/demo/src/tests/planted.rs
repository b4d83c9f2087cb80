//! The planted facts, measured in the messages.

use std::sync::LazyLock;

use super::*;
use crate::facts;

/// What is counted in the messages of some thousand customers.
#[derive(Debug, Default)]
struct Counted {
    events: BTreeMap<String, usize>,
    /// Days of payment, by buyer.
    paid: BTreeMap<String, Vec<i32>>,
    /// Payments by day, hour of the day and day of the week.
    days: BTreeMap<i32, usize>,
    hours: [usize; 24],
    /// Lines, and lines that were sent back, by category.
    lines: BTreeMap<String, (usize, usize)>,
    /// The same by province and category.
    tastes: BTreeMap<(String, String), usize>,
    /// Lines, and those below the list price, by buyer.
    reduced: BTreeMap<String, (usize, usize)>,
    carts: BTreeSet<String>,
    ordered: BTreeSet<String>,
    introduced: BTreeMap<String, usize>,
    mobile: usize,
    /// Phones to which each buyer's orders went.
    sent: BTreeMap<String, Vec<String>>,
    provinces: BTreeMap<String, String>,
}

const CUSTOMERS: u32 = 5000;

static COUNTED: LazyLock<Counted> = LazyLock::new(|| {
    let plan = plan(CUSTOMERS, 7);
    let products = products(&plan);
    let catalogue: BTreeMap<&str, &Product> =
        products.iter().map(|product| (product.sku.as_str(), product)).collect();
    let mut counted = Counted::default();
    for message in messages(&plan) {
        counted.count(&parsed(&message), &catalogue);
    }
    counted
});

impl Counted {
    fn count(&mut self, json: &Value, catalogue: &BTreeMap<&str, &Product>) {
        let name = name(json);
        *self.events.entry(name.to_owned()).or_default() += 1;
        let given = &json["properties"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = text(&json["userId"]);
        match name {
            "page" => {
                let agent = json["context"]["userAgent"].as_str().unwrap();
                self.mobile += usize::from(agent.contains("Mobile"));
            }
            "identify" if json["traits"]["province"].is_string() => {
                self.provinces.insert(user, text(&json["traits"]["province"]));
            }
            "Product Added" => {
                self.carts.insert(text(&given["cart_id"]));
            }
            "Checkout Started" if given["order_id"].is_string() => {
                self.ordered.insert(text(&given["cart_id"]));
            }
            "Order Completed" => self.paid(json, catalogue),
            "Order Refunded" => {
                for line in given["products"].as_array().into_iter().flatten() {
                    let category = &catalogue[line["product_id"].as_str().unwrap()].category;
                    self.lines.entry(category.clone()).or_default().1 += 1;
                }
            }
            "referral.made" => {
                *self.introduced.entry(text(&given["introduced_by"])).or_default() += 1;
            }
            _ => {}
        }
    }

    fn paid(&mut self, json: &Value, catalogue: &BTreeMap<&str, &Product>) {
        let user = json["userId"].as_str().unwrap();
        let (day, second) = local(json);
        self.paid.entry(user.to_owned()).or_default().push(day);
        let phone = json["properties"]["shipping_address"]["phone"].as_str().unwrap();
        self.sent.entry(user.to_owned()).or_default().push(phone.to_owned());
        *self.days.entry(day).or_default() += 1;
        self.hours[usize::try_from(second % 86_400 / 3600).unwrap()] += 1;
        for line in json["properties"]["products"].as_array().unwrap() {
            let product = catalogue[line["product_id"].as_str().unwrap()];
            assert_eq!(line["category"], product.category.as_str());
            self.lines.entry(product.category.clone()).or_default().0 += 1;
            let province = self.provinces[user].clone();
            *self.tastes.entry((province, product.category.clone())).or_default() += 1;
            let reduced = self.reduced.entry(user.to_owned()).or_default();
            reduced.0 += 1;
            reduced.1 += usize::from(fen(&line["price"]) < product.price_minor);
        }
    }

    fn events(&self, name: &str) -> f64 {
        self.events.get(name).copied().unwrap_or_default() as f64
    }

    /// Payments on an average day from `first` for so many days.
    fn daily(&self, first: &str, offset: i32, days: i32) -> f64 {
        let first = first.parse::<Date>().unwrap().0 + offset;
        self.days.range(first..first + days).map(|(_, count)| *count as f64).sum::<f64>()
            / f64::from(days)
    }
}

fn near(measured: f64, planted: f64, by: f64) {
    assert!((measured - planted).abs() <= by, "{measured} instead of {planted} ± {by}");
}

/// Of the buyers of an 11 November: how many there are, and what shares of them paid an order in
/// the 30 and the 90 days before it.
fn bought_before(paid: &[Vec<i32>], eleven: i32) -> (usize, f64, f64) {
    let buyers: Vec<&Vec<i32>> = paid.iter().filter(|paid| paid.contains(&eleven)).collect();
    let within = |days: i32| {
        let before = |day: &i32| (eleven - days..eleven).contains(day);
        let bought = buyers.iter().filter(|paid| paid.iter().any(before));
        bought.count() as f64 / buyers.len() as f64
    };
    (buyers.len(), within(30), within(90))
}

/// The days on which each buyer of a shop pays, from what happens to them.
fn days_of_payment(plan: &Plan) -> Vec<Vec<i32>> {
    let shop = shop::Shop::of(plan);
    let day = |event: event::Event| match event.what {
        event::What::Paid(_) => Some(calendar::day_of(event.said / 1000)),
        _ => None,
    };
    let life = |index| life::events(&shop, index).into_iter().filter_map(day).collect();
    (0..plan.customers).map(life).collect()
}

#[test]
fn buyers_of_double_eleven_bought_before() {
    let shares = |paid: &[Vec<i32>], eleven: &str, least: usize, by: f64| {
        let (buyers, month, quarter) = bought_before(paid, eleven.parse::<Date>().unwrap().0);
        assert!(buyers >= least, "{buyers} buyers");
        near(month, facts::ELEVEN_WITHIN_30_DAYS, by);
        near(quarter, facts::ELEVEN_WITHIN_90_DAYS, by);
    };
    let told: Vec<Vec<i32>> = COUNTED.paid.values().cloned().collect();
    let paid = days_of_payment(&plan(20_000, 7));
    for eleven in ["2025-11-11", "2026-11-11"] {
        shares(&told, eleven, 100, 0.025);
        shares(&paid, eleven, 500, 0.015);
    }
    // Wherever the two years begin and end.
    for (until, elevens) in [
        ("2026-10-31", ["2024-11-11", "2025-11-11"]),
        ("2026-11-11", ["2025-11-11", "2026-11-11"]),
        ("2024-12-31", ["2023-11-11", "2024-11-11"]),
    ] {
        let plan = Plan { until: until.parse().unwrap(), ..plan(6000, 11) };
        let paid = days_of_payment(&plan);
        elevens.iter().for_each(|eleven| shares(&paid, eleven, 20, 0.04));
    }
}

#[test]
fn provinces_have_their_taste() {
    for fact in facts::LIKINGS {
        let share = |inside: bool| {
            let there =
                COUNTED.tastes.iter().filter(|((at, _), _)| (at == fact.province) == inside);
            let all: usize = there.clone().map(|(_, count)| count).sum();
            let liked = there.filter(|((_, category), _)| category == fact.category);
            liked.map(|(_, count)| count).sum::<usize>() as f64 / all as f64
        };
        let times = share(true) / share(false);
        assert!(times >= fact.times_at_least, "{}: {times} times", fact.province);
    }
}

#[test]
fn seasons_move_what_is_bought() {
    let counted = &*COUNTED;
    let ordinary = counted.daily("2026-05-01", 0, 31);
    assert!(counted.daily("2026-06-18", 0, 1) > 3.0 * ordinary);
    for year in ["2025", "2026"] {
        let eleven = format!("{year}-11-11");
        let day = |offset| counted.daily(&eleven, offset, 1);
        assert!((-10..0).all(|offset| day(offset) * 2.0 < day(0)), "11 November is the peak");
        let before = counted.daily(&eleven, -31, 21);
        assert!(counted.daily(&eleven, -10, 11) > 1.8 * before);
    }
    for new_year in ["2025-01-29", "2026-02-17"] {
        let around =
            f64::midpoint(counted.daily(new_year, -40, 18), counted.daily(new_year, 8, 18));
        assert!(counted.daily(new_year, -21, 18) > 1.25 * around, "{new_year}");
        assert!(counted.daily(new_year, 0, 7) < 0.6 * around, "{new_year}");
    }
}

#[test]
fn days_have_their_hours() {
    let counted = &*COUNTED;
    let all: usize = counted.hours.iter().sum();
    let share = |hours: std::ops::Range<usize>| {
        counted.hours[hours].iter().sum::<usize>() as f64 / all as f64
    };
    let planted = |hours: std::ops::Range<usize>| {
        f64::from(facts::HOURS[hours].iter().sum::<u32>())
            / f64::from(facts::HOURS.iter().sum::<u32>())
    };
    near(share(20..23), planted(20..23), 0.03);
    near(share(2..6), planted(2..6), 0.01);
}

#[test]
fn shares_are_as_planted() {
    let counted = &*COUNTED;
    let placed = counted.events("Order Placed");
    near(1.0 - counted.events("Order Completed") / placed, facts::UNPAID, 0.02);
    let ordered = counted.ordered.intersection(&counted.carts).count() as f64;
    near(1.0 - ordered / counted.carts.len() as f64, facts::ABANDONED, 0.03);
    let reviewed = counted.events("Product Reviewed") / counted.events("Order Received");
    near(reviewed, facts::REVIEWED, 0.02);
    near(counted.mobile as f64 / counted.events("page"), facts::MOBILE, 0.08);
    let buyers = counted.paid.len() as f64;
    near(1.0 - buyers / f64::from(CUSTOMERS), 0.3, 0.03);
    let orders = counted.events("Order Completed") / buyers;
    assert!((2.9..4.0).contains(&orders), "{orders} orders of a buyer");
    for category in &wares::CATEGORIES {
        let (lines, returned) = counted.lines[category.name];
        let planted = f64::from(category.returned) / 1000.0;
        // Three standard errors, and what the last days have not sent back yet.
        let error = 3.0 * (planted * (1.0 - planted) / lines as f64).sqrt();
        near(returned as f64 / lines as f64, planted, error + 0.015);
    }
}

#[test]
fn a_few_introduce_many() {
    let counted = &*COUNTED;
    let introduced: usize = counted.introduced.values().sum();
    let registered = counted.provinces.len();
    near(introduced as f64 / registered as f64, facts::INTRODUCED, 0.04);
    let mut counts: Vec<usize> = counted.introduced.values().copied().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let top: usize = counts.iter().take(counts.len() / 10).sum();
    assert!(top * 10 > introduced * 3, "the top tenth introduced {top} of {introduced}");
    assert!(counted.introduced.keys().all(|by| counted.paid.contains_key(by)));
}

#[test]
fn some_orders_go_to_friends() {
    let counted = &*COUNTED;
    let (mut gifts, mut orders) = (0, 0);
    for (user, phones) in &counted.sent {
        let index = user.trim_start_matches('U').parse::<u32>().unwrap() - 1_000_001;
        let own = delivery::phone(index);
        gifts += phones.iter().filter(|phone| **phone != own).count();
        orders += phones.len();
    }
    near(gifts as f64 / orders as f64, facts::GIFTED, 0.01);
}

#[test]
fn truths_state_what_buyers_live_by() {
    let mut text = Vec::new();
    write_truths(&plan(CUSTOMERS, 7), &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let facts = lines.next().unwrap();
    assert_eq!((&facts["shop"], &facts["until"]), (&SHOP.into(), &UNTIL.into()));
    let counted = &*COUNTED;
    let (mut buyers, mut rates, mut sensitive) = (0, 0.0, [(0, 0); 2]);
    let (mut again, mut expected) = (0.0, 0.0);
    let end = UNTIL.parse::<Date>().unwrap().0 + 1;
    for buyer in lines {
        let user = buyer["user_id"].as_str().unwrap();
        assert_eq!(counted.paid[user].len() as u64, buyer["paid_orders"].as_u64().unwrap());
        assert_eq!(counted.provinces[user], buyer["province"].as_str().unwrap());
        assert!(buyer["first_seen"].as_str() < buyer["first_order"].as_str());
        buyers += 1;
        let day = |key: &str| {
            let at: Time = buyer[key].as_str().unwrap().parse().unwrap();
            at.micros() as f64 / base::time::DAY_MICROS as f64 + 8.0 / 24.0
        };
        let alive = day("alive_until").min(f64::from(end)) - day("first_order");
        expected += alive * buyer["purchase_rate"].as_f64().unwrap();
        again += counted.paid[user].len() as f64 - 1.0;
        rates += buyer["purchase_rate"].as_f64().unwrap();
        let sensitivity = buyer["price_sensitivity"].as_f64().unwrap();
        if !(0.3..0.7).contains(&sensitivity) {
            let place = &mut sensitive[usize::from(sensitivity > 0.5)];
            place.0 += counted.reduced[user].0;
            place.1 += counted.reduced[user].1;
        }
    }
    assert_eq!(buyers, counted.paid.len());
    near(rates / f64::from(buyers as u32), facts::RATE.0, 0.001);
    near(again / expected, 1.0, 0.08);
    let [indifferent, keen] = sensitive.map(|(all, reduced)| reduced as f64 / all as f64);
    assert!(keen > 1.3 * indifferent, "{keen} against {indifferent}");
}
