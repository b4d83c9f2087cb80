//! What is planted, found again. What is measured may differ from what is planted by so many
//! standard errors of a share or a ratio as a count of so many allows.

use super::*;

/// Customers: as few as leave each planted fact many standard errors away from its absence.
const CUSTOMERS: &str = "3000";
/// Standard errors by which a measured figure may differ.
const ERRORS: f64 = 3.0;
/// The same where many figures are looked at.
const ERRORS_OF_MANY: f64 = 4.0;
/// By how much the generator's own calibration may be off: its tests measure larger shops.
const CALIBRATION: f64 = 0.01;

/// Paid orders with the shop's day of payment.
const PAID: &str = "select customer_id, order_id, cast(paid_at + interval '8 hours' as date) as day
    from orders where kind = 'order' and paid_minor > 0";

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

async fn numbers(cx: &Cx, home: &Home, sql: &str) -> Vec<f64> {
    rows(cx, home, sql).await[0].iter().map(|text| number(text)).collect()
}

/// A share of so many, with its standard error.
fn share(part: f64, all: f64) -> (f64, f64) {
    let share = part / all;
    (share, (share * (1.0 - share) / all).sqrt())
}

/// How many times a rate is another: counts, and how much each is of. With the standard error of
/// its logarithm.
fn times((a, of_a): (f64, f64), (b, of_b): (f64, f64)) -> (f64, f64) {
    ((a / of_a) / (b / of_b), (1.0 / a + 1.0 / b).sqrt())
}

/// Ranks, the same for equals.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for same in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let below = values.iter().filter(|value| **value < values[same[0]]).count();
        same.iter().for_each(|at| ranks[*at] = below as f64 + (same.len() - 1) as f64 / 2.0);
    }
    ranks
}

/// Spearman's rank correlation. Without any connection it is 0, with a standard error of one by
/// the root of how many there are.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() - 1) as f64 / 2.0;
    let product = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_truths_are_found_again_by_plain_sql() {
    let home = Home::sqlite().await;
    let cx = made(&home, CUSTOMERS).await;
    let (facts, buyers) = truths(&home);
    double_eleven(&cx, &home, &facts).await;
    regions(&cx, &home, &facts).await;
    tastes(&cx, &home, &facts).await;
    seasons(&cx, &home, &facts).await;
    unpaid_and_returned(&cx, &home, &facts).await;
    said(&cx, &home, &facts).await;
    introductions(&cx, &home, &buyers).await;
    relations(&cx, &home, &buyers).await;
    gifts(&cx, &home, &facts).await;
    people(&cx, &home, &buyers).await;
    rates(&cx, &home, &buyers).await;
    sensitivity(&cx, &home, &buyers).await;
    channels(&cx, &home).await;
}

/// Most shop with a phone, and every order is known to have come from somewhere.
async fn channels(cx: &Cx, home: &Home) {
    let sql = "select channel, count(*) from orders where kind = 'order' group by 1 order by 1";
    let found = rows(cx, home, sql).await;
    let names: Vec<&str> = found.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["App", "官网", "小程序"]);
    assert!(number(&found[0][1]) > number(&found[1][1]), "{found:?}");
}

/// Of ten buyers in a row eight bought within 30 days before and nine within 90; so of any number
/// at most an unfinished ten differs: by 1.6 buyers and by 0.9.
async fn double_eleven(cx: &Cx, home: &Home, facts: &Value) {
    let planted = &facts["double_eleven"];
    let days = planted["days"].as_array().unwrap();
    assert_eq!(days.len(), 2);
    for day in days {
        let eleven = day.as_str().unwrap();
        let sql = format!(
            "with paid as ({PAID}),
            last as (select customer_id, max(day) as day from paid
                where day < date '{eleven}' group by customer_id)
            select count(*), sum(case when l.day >= date '{eleven}' - interval '30 days'
                    then 1 else 0 end),
                sum(case when l.day >= date '{eleven}' - interval '90 days' then 1 else 0 end)
            from (select distinct customer_id from paid where day = date '{eleven}') b
            left join last l on l.customer_id = b.customer_id"
        );
        let found = numbers(cx, home, &sql).await;
        let (all, month, quarter) = (found[0], found[1], found[2]);
        let away = |count: f64, share: &str| (count - all * planted[share].as_f64().unwrap()).abs();
        assert!(all >= 50.0, "{all} buyers on {eleven}");
        assert!(away(month, "within_30_days") <= 1.6 + 1e-9, "{month} of {all} on {eleven}");
        assert!(away(quarter, "within_90_days") <= 0.9 + 1e-9, "{quarter} of {all} on {eleven}");
    }
}

async fn regions(cx: &Cx, home: &Home, facts: &Value) {
    for taste in facts["regions"].as_array().unwrap() {
        let (province, category) =
            (taste["province"].as_str().unwrap(), taste["category"].as_str().unwrap());
        let sql = format!(
            "select sum(case when here and liked then 1 else 0 end),
                sum(case when here then 1 else 0 end),
                sum(case when not here and liked then 1 else 0 end),
                sum(case when here then 0 else 1 end)
            from (select c.province = '{province}' as here, p.category = '{category}' as liked
                from order_lines l join orders o on o.order_id = l.order_id
                join customers c on c.customer_id = o.customer_id
                join products p on p.product_id = l.product_id where o.paid_minor > 0)"
        );
        let found = numbers(cx, home, &sql).await;
        let (times, error) = times((found[0], found[1]), (found[2], found[3]));
        let planted = taste["times_at_least"].as_f64().unwrap();
        assert!(times.ln() + ERRORS * error >= planted.ln(), "{province}: {times} times");
        assert!(times.ln() - ERRORS * error > 0.0, "{province}: {times} times is no taste");
    }
}

/// What the provinces are said to like is what was planted, and hardly anything else.
async fn tastes(cx: &Cx, home: &Home, facts: &Value) {
    let (mut mirror, mut sales) = (Mirror::empty(cx.shop), Sales::default());
    mirror.refresh(cx).await.unwrap();
    sales.refresh(cx).await.unwrap();
    let zone = base::Zone::named("Asia/Shanghai").unwrap();
    let whole = Whole {
        cx,
        zone: &zone,
        lake: &home.lake,
        mirror: &mirror,
        scores: &[],
        stages: &[],
        sets: &Sets::default(),
        sales: &sales,
        carts: &Carts::default(),
        threads: 2,
    };
    let taste = preference::taste(&whole).await.unwrap();
    let planted = facts["regions"].as_array().unwrap();
    for own in planted {
        let likes = taste.of(own["province"].as_str().unwrap());
        let first = likes.first().map(|one| one.category.as_str());
        assert_eq!(first, own["category"].as_str(), "{likes:?}");
    }
    let likes = taste.regions.iter().flat_map(|region| &region.likes).count();
    assert!(likes <= planted.len() + 1, "{:?}", taste.regions);
}

async fn seasons(cx: &Cx, home: &Home, facts: &Value) {
    let planted = |name: &str| facts["seasons"][name].as_f64().unwrap();
    let rate = async |from: &str, offset: i32, days: i32| {
        let first = base::Date(from.parse::<base::Date>().unwrap().0 + offset);
        let sql = format!(
            "select count(*) from ({PAID}) where day >= date '{first}'
                and day < date '{}'",
            base::Date(first.0 + days)
        );
        (numbers(cx, home, &sql).await[0], f64::from(days))
    };
    // First orders come when somebody is new, which they are not seven times as often.
    let (day, error) = times(rate("2025-06-18", 0, 1).await, rate("2025-05-01", 0, 31).await);
    assert!(day.ln() + ERRORS * error >= (planted("day_of_618") / 2.0).ln(), "618: {day} times");
    assert!(day.ln() - ERRORS * error > 0.0, "618: {day} times is no season");
    let around = [rate("2025-01-29", -40, 18).await, rate("2025-01-29", 8, 18).await];
    let around = (around[0].0 + around[1].0, around[0].1 + around[1].1);
    let (before, error) = times(rate("2025-01-29", -21, 18).await, around);
    let (holiday, calm) = times(rate("2025-01-29", 0, 7).await, around);
    assert!(before.ln() - ERRORS * error > 0.0, "{before} times before the Spring Festival");
    assert!(before.ln() - ERRORS * error < planted("before_spring_festival").ln());
    assert!(holiday.ln() + ERRORS * calm < 0.0, "{holiday} times in the Spring Festival");
    assert!(holiday.ln() + ERRORS * calm > planted("spring_festival").ln());
}

async fn unpaid_and_returned(cx: &Cx, home: &Home, facts: &Value) {
    let sql = "select sum(case when paid_minor = 0 then 1 else 0 end), count(*) from orders
        where kind = 'order'";
    let found = numbers(cx, home, sql).await;
    let (unpaid, error) = share(found[0], found[1]);
    let planted = facts["unpaid_orders"].as_f64().unwrap();
    assert!((unpaid - planted).abs() <= ERRORS * error + CALIBRATION, "{unpaid} are not paid");

    // Of orders of one line, whose refund tells what came back. A price is adjusted by a quarter
    // at the most, and what was paid in the last month may still come back.
    let sql = "with one as (select order_id, min(product_id) as product_id,
            sum(amount_minor) as amount from order_lines group by order_id having count(*) = 1),
        back as (select of_order, sum(refunded_minor) as refunded from orders
            where kind = 'refund' group by of_order)
        select p.category, sum(case when b.refunded >= one.amount then 1 else 0 end), count(*)
        from one join orders o on o.order_id = one.order_id
        join products p on p.product_id = one.product_id
        left join back b on b.of_order = o.external_id
        where o.kind = 'order' and o.paid_minor > 0
            and o.paid_at < timestamp '2025-12-01T00:00:00Z'
        group by p.category";
    let found: BTreeMap<String, (f64, f64)> = rows(cx, home, sql)
        .await
        .into_iter()
        .map(|row| (row[0].clone(), (number(&row[1]), number(&row[2]))))
        .collect();
    let planted = facts["returned_lines"].as_array().unwrap();
    assert_eq!(found.len(), planted.len(), "{found:?}");
    let mut spread = Vec::new();
    for category in planted {
        let (back, all) = found[category["category"].as_str().unwrap()];
        let planted = category["share"].as_f64().unwrap();
        let error = (planted * (1.0 - planted) / all).sqrt();
        assert!((back / all - planted).abs() <= ERRORS_OF_MANY * error, "{category}: {back}/{all}");
        spread.push((planted, back / all));
    }
    let (planted, measured): (Vec<f64>, Vec<f64>) = spread.into_iter().unzip();
    let together = correlation(&planted, &measured);
    assert!(together > ERRORS / (planted.len() as f64).sqrt(), "{together}");
}

/// Reviews of what was received and kept, and questions and complaints about what was paid; what
/// the last weeks brought may still be spoken of.
async fn said(cx: &Cx, home: &Home, facts: &Value) {
    let kept = "left join orders b on b.of_order = o.external_id and b.kind = 'refund'
        where o.kind = 'order' and o.received_at < timestamp '2025-12-19T00:00:00Z'
            and b.order_id is null";
    let paid = "where o.kind = 'order' and o.paid_minor > 0
        and o.paid_at < timestamp '2025-12-10T00:00:00Z'";
    for (event, of, name) in [
        ("Product Reviewed", kept, "reviewed_orders"),
        ("chat.said", paid, "asked_orders"),
        ("complaint.filed", paid, "complained_orders"),
    ] {
        let sql = format!(
            "select count(s.order_id), count(*) from orders o left join
                (select distinct order_id from events where event = '{event}') s
                on s.order_id = o.order_id {of}"
        );
        let found = numbers(cx, home, &sql).await;
        let planted = facts[name].as_f64().unwrap();
        let (measured, all) = (found[0] / found[1], found[1]);
        let error = (planted * (1.0 - planted) / all).sqrt();
        assert!((measured - planted).abs() <= ERRORS * error, "{name}: {measured} of {all}");
    }
}

/// Who introduced whom is in the events, and only buyers do.
async fn introductions(cx: &Cx, home: &Home, buyers: &BTreeMap<String, Value>) {
    let sql = "select c.external_id, b.external_id, b.first_paid_at < e.event_time
        from events e join customers c on c.customer_id = e.customer_id
        left join customers b on b.external_id =
            substr(e.properties, strpos(e.properties, '\"introduced_by\":\"') + 17, 8)
        where e.event = 'referral.made' order by 1";
    let found = rows(cx, home, sql).await;
    let told: BTreeMap<&str, &str> =
        found.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(told.len(), found.len(), "nobody is introduced twice");
    assert!(found.iter().all(|row| row[2] == "true"), "somebody bought after introducing");
    let true_ones = buyers
        .iter()
        .filter_map(|(id, buyer)| Some((id.as_str(), buyer["introduced_by"].as_str()?)));
    let true_ones: BTreeMap<&str, &str> = true_ones.collect();
    assert!(true_ones.len() > 100);
    assert!(true_ones.iter().all(|(id, by)| told.get(id) == Some(by)));
}

/// Who introduced somebody and who lives with them is what the truths say, as far as the other
/// ordered something home.
async fn relations(cx: &Cx, home: &Home, buyers: &BTreeMap<String, Value>) {
    let sql = "select external_id, customer_id from customers where external_id is not null";
    let numbers: BTreeMap<String, i64> = rows(cx, home, sql)
        .await
        .into_iter()
        .map(|row| (row[0].clone(), row[1].parse().unwrap()))
        .collect();
    let names: BTreeMap<i64, &String> =
        numbers.iter().map(|(name, number)| (*number, name)).collect();
    let (mut together, mut found) = (0, 0);
    let mut tx = cx.read().await.unwrap();
    for (id, buyer) in buyers.iter().step_by(3) {
        let around = relation::around(&mut tx, numbers[id]).await.unwrap();
        let of = |kind: Kind| {
            let ties = around.ties.iter().filter(move |tie| tie.step == 1 && tie.kind == kind);
            ties.map(|tie| names[&tie.person].as_str()).collect::<Vec<_>>()
        };
        let introducer: Vec<&str> = buyer["introduced_by"].as_str().into_iter().collect();
        assert_eq!(of(Kind::Introducer), introducer, "{id}");
        let lives_with = buyer["lives_with"].as_str().filter(|other| buyers.contains_key(*other));
        let household = of(Kind::Household);
        together += usize::from(lives_with.is_some());
        found += household.len();
        assert!(household.iter().all(|one| Some(*one) == buyer["lives_with"].as_str()), "{id}");
    }
    assert!(together > 20 && found * 10 > together * 8, "{found} of {together} households");
}

/// As many buyers send gifts as their orders let expect.
async fn gifts(cx: &Cx, home: &Home, facts: &Value) {
    let sql = "select orders, count(*), sum(case when gift_receivers > 0 then 1 else 0 end)
        from customers where paid_orders > 0 group by orders";
    let share = facts["gifted_orders"].as_f64().unwrap();
    let (mut expected, mut variance, mut found) = (0.0, 0.0, 0.0);
    for row in rows(cx, home, sql).await {
        let [orders, people, givers] = [0, 1, 2].map(|at| number(&row[at]));
        let gives = 1.0 - (1.0 - share).powf(orders);
        expected += people * gives;
        variance += people * gives * (1.0 - gives);
        found += givers;
    }
    let error = ERRORS_OF_MANY * f64::sqrt(variance);
    assert!((found - expected).abs() < error, "{found} givers, not {expected} ± {error}");
}

/// Nothing of anybody is lost or doubled on the way: what the truths say of buyers is what SQL has.
async fn people(cx: &Cx, home: &Home, buyers: &BTreeMap<String, Value>) {
    let sql = "select external_id, paid_orders, province, city, gender from customers
        where paid_orders > 0 order by external_id";
    let found = rows(cx, home, sql).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let expected: Vec<Vec<String>> = buyers
        .iter()
        .map(|(id, buyer)| {
            let [province, city, gender] =
                ["province", "city", "gender"].map(|of| text(&buyer[of]));
            vec![id.clone(), buyer["paid_orders"].to_string(), province, city, gender]
        })
        .collect();
    let parts = found.iter().zip(&expected).find(|(found, expected)| found != expected);
    assert_eq!((parts, found.len()), (None, expected.len()));
}

/// Buyers who mean to buy more often have more orders.
async fn rates(cx: &Cx, home: &Home, buyers: &BTreeMap<String, Value>) {
    let sql = "select external_id, paid_orders from customers where paid_orders > 0";
    let end = UNTIL.parse::<base::Date>().unwrap().0 + 1;
    let (mut orders, mut rate, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows(cx, home, sql).await {
        let buyer = &buyers[&row[0]];
        let day = |key: &str| {
            let at: Time = buyer[key].as_str().unwrap().parse().unwrap();
            at.micros() as f64 / base::time::DAY_MICROS as f64
        };
        let alive = day("alive_until").min(f64::from(end)) - day("first_order");
        orders.push(number(&row[1]));
        rate.push(buyer["purchase_rate"].as_f64().unwrap());
        expected.push(buyer["purchase_rate"].as_f64().unwrap() * alive);
    }
    let (by_rate, by_both) = (correlation(&rate, &orders), correlation(&expected, &orders));
    // Without a connection it would be 0 ± 0.02.
    assert!(by_rate > 0.3, "{by_rate}");
    assert!(by_both > 0.6, "{by_both}");
}

/// Sales and low prices draw those whom they are said to draw.
async fn sensitivity(cx: &Cx, home: &Home, buyers: &BTreeMap<String, Value>) {
    let sql = "select c.external_id, count(*),
            sum(case when l.unit_price_minor < p.price_minor then 1 else 0 end)
        from order_lines l join orders o on o.order_id = l.order_id
        join customers c on c.customer_id = o.customer_id
        join products p on p.product_id = l.product_id
        where o.paid_minor > 0 group by c.external_id";
    let (mut groups, mut shares, mut sensitive) = ([(0.0, 0.0); 2], Vec::new(), Vec::new());
    for row in rows(cx, home, sql).await {
        let sensitivity = buyers[&row[0]]["price_sensitivity"].as_f64().unwrap();
        let (all, reduced) = (number(&row[1]), number(&row[2]));
        shares.push(reduced / all);
        sensitive.push(sensitivity);
        if !(0.3..0.7).contains(&sensitivity) {
            let group = &mut groups[usize::from(sensitivity > 0.5)];
            *group = (group.0 + reduced, group.1 + all);
        }
    }
    let (times, error) = times(groups[1], groups[0]);
    let together = correlation(&sensitive, &shares);
    assert!(times.ln() - ERRORS * error > 0.0, "{times} times as many reduced lines");
    assert!(together > ERRORS / (shares.len() as f64).sqrt(), "{together}");
}
