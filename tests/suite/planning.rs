//! The plan of levels: who reaches which by what they buy, for how long, what it would cost, and
//! what it brings, on both databases and through the API.

use base::time::DAY_MICROS;
use base::{Code, Time, Zone};
use benefit::ledger::{self, Deal, Matter, Unit};
use benefit::tier::plan::foreseen::{foreseen, progress};
use benefit::tier::plan::rule::{Keep, Need, Plan};
use benefit::tier::plan::{self, Keeper};
use benefit::tier::{self, Way};
use perceive::identity::Verdict;
use serde_json::{Value, json};
use shuke_tests::{Home, Server, file, import, until};
use store::Cx;
use stratify::sales::Sales;

/// ann and bob buy early, cat in February and twice, and dan is only known.
const ORDERS: &str = "order_id,customer_id,sku,quantity,price,订单状态,placed_at\n\
    A,ann,s1,1,1200.00,交易成功,2025-03-10 10:00:00\n\
    B,bob,s1,1,300.00,交易成功,2025-06-01 10:00:00\n\
    C,cat,s1,1,200.00,交易成功,2026-02-01 10:00:00\n\
    D,cat,s2,1,50.00,交易成功,2026-02-02 10:00:00\n\
    E,dan,s2,1,50.00,待付款,2026-02-02 10:00:00\n";

async fn shop(home: &Home) -> Cx {
    let path = file(home, "orders.csv", ORDERS);
    let (cx, ..) = import(home, "s", "orders", &[path]).await.unwrap();
    for (name, times) in [("普通会员", 1), ("铜牌会员", 2), ("钻石会员", 3)] {
        let wish = tier::Wish { name: Some(name.to_owned()), ..tier::Wish::default() };
        assert_eq!(tier::make(&cx, wish).await.unwrap().number, times);
    }
    cx.at(march(1))
}

fn march(day: i64) -> Time {
    "2026-03-01T00:00:00Z".parse::<Time>().unwrap().plus((day - 1) * DAY_MICROS)
}

fn plan_of(levels: &Value) -> Plan {
    let plan = json!({
        "active": true, "window": {"kind": "days", "days": 365}, "levels": levels,
        "keep": {"kind": "days", "days": 30}, "grace_days": 2,
    });
    serde_json::from_value(plan).unwrap()
}

fn usual() -> Plan {
    plan_of(&json!([
        {"tier": 1, "needs": [{"kind": "orders", "at_least": 1}]},
        {"tier": 2, "needs": [{"kind": "spend", "at_least": 25_000},
            {"kind": "growth", "at_least": 500}]},
        {"tier": 3, "needs": [{"kind": "spend", "at_least": 100_000}],
            "benefits": {"discount": 500, "points_times": 1_500}},
    ]))
}

async fn sales(cx: &Cx) -> Sales {
    let mut sales = Sales::default();
    sales.refresh(cx).await.unwrap();
    sales
}

/// Works levels out where something has changed.
async fn turn(cx: &Cx, zone: &Zone, keeper: &mut Keeper) {
    let sales = sales(cx).await;
    if let Some(seen) = keeper.due(cx, zone).await.unwrap() {
        keeper.turn((cx, zone), &sales, seen).await.unwrap();
        // Whoever looks again within seconds finds nothing to do.
        assert_eq!(keeper.due(cx, zone).await.unwrap(), None);
    }
    tier::refresh(cx).await.unwrap();
}

async fn have(cx: &Cx) -> Vec<Vec<u32>> {
    let mut all = Vec::new();
    for number in 1..=3 {
        all.push(tier::members(cx, number).await.unwrap().into_iter().collect());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_are_reached_by_what_customers_buy() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let (plan, orders) = (usual(), sales(&cx).await);
        let told = foreseen((&cx, &zone), &orders, &plan).await.unwrap();
        let after: Vec<u64> = told.levels.iter().map(|level| level.after).collect();
        assert_eq!((after, told.effect.up), (vec![0, 2, 1], 3), "{}", home.kind);
        assert_eq!((told.levels[2].spent_minor, told.levels[2].discount_minor), (120_000, 6_000));
        assert_eq!(have(&cx).await, [vec![], vec![], vec![0; 0]], "it was only asked");

        plan::set(&cx, &plan).await.unwrap();
        let mut keeper = Keeper::default();
        turn(&cx, &zone, &mut keeper).await;
        assert_eq!(have(&cx).await, [vec![], vec![2, 3], vec![1]], "{}", home.kind);
        let off = Plan { active: false, ..plan.clone() };
        let told = foreseen((&cx, &zone), &orders, &off).await.unwrap();
        assert_eq!((told.effect.up, told.effect.down), (0, 3), "without it nobody has one");
        let standing = tier::of_person(&cx, 1).await.unwrap();
        let because = &standing.because[0];
        assert_eq!((&because.way, because.tier), (&Way::Plan, 3));
        // Thirty days from the first of March, and two of grace.
        let last = zone.end_of("2026-04-01".parse().unwrap()).unwrap();
        assert_eq!(because.until, Some(last.plus(1)));

        // The next spring: ann's purchase lies more than a year back, cat's does not.
        let grace = cx.at(march(32));
        turn(&grace, &zone, &mut keeper).await;
        assert_eq!(have(&grace).await, [vec![], vec![2, 3], vec![1]], "grace, {}", home.kind);
        let over = cx.at(march(34));
        turn(&over, &zone, &mut keeper).await;
        assert_eq!(have(&over).await, [vec![], vec![2, 3], vec![0; 0]], "{}", home.kind);
        let late = cx.at(march(500));
        turn(&late, &zone, &mut keeper).await;
        assert_eq!(have(&late).await, [vec![], vec![], vec![0; 0]], "{}", home.kind);
    }
}

async fn grow(cx: &Cx, zone: &Zone, amount: i64) {
    let deal = Deal {
        person: 4,
        unit: Unit::Growth,
        amount,
        cause: format!("grow/{amount}"),
        source: (Matter::Call, 4),
        reason: "a course".to_owned(),
    };
    let mut tx = cx.write().await.unwrap();
    ledger::earn(&mut tx, (cx, zone), deal, None).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_are_and_have_decides() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let zone = Zone::named("Asia/Shanghai").unwrap();
        plan::set(&cx, &Plan { keep: Keep::Met, grace_days: 0, ..usual() }).await.unwrap();
        let mut keeper = Keeper::default();
        turn(&cx, &zone, &mut keeper).await;
        grow(&cx, &zone, 400).await;
        let sold = sales(&cx).await;
        let own = progress((&cx, &zone), &sold, (4, None)).await.unwrap().next.unwrap();
        assert_eq!((own.tier, own.steps[0].has), (1, Some(0)), "an unpaid order is none");
        let own = progress((&cx, &zone), &sold, (4, Some(1))).await.unwrap().next.unwrap();
        let steps: Vec<_> = own.steps.iter().map(|step| step.has).collect();
        assert_eq!((own.tier, steps), (2, vec![Some(0), Some(400)]), "{}", home.kind);
        grow(&cx, &zone, 100).await;
        assert_eq!(keeper.due(&cx, &zone).await.unwrap(), None, "not twice within a moment");
        let later = cx.at(cx.now.plus(6_000_000));
        turn(&later, &zone, &mut keeper).await;
        assert_eq!(have(&later).await[1], [2, 3, 4], "{}", home.kind);

        // Who turns out to be one has what both bought, and parted again each their own.
        perceive::profile::decide(&later, (2, 3), Verdict::Together).await.unwrap();
        let later = cx.at(cx.now.plus(12_000_000));
        turn(&later, &zone, &mut keeper).await;
        assert_eq!(have(&later).await[1], [2, 4], "{}", home.kind);
        perceive::profile::decide(&later, (2, 3), Verdict::Apart).await.unwrap();
        let later = cx.at(cx.now.plus(18_000_000));
        turn(&later, &zone, &mut keeper).await;
        assert_eq!(have(&later).await[1], [2, 3, 4], "{}", home.kind);

        // Off, it gives nobody anything; a level that is no more is none of the plan's.
        plan::set(&later, &Plan { active: false, ..usual() }).await.unwrap();
        turn(&later, &zone, &mut keeper).await;
        assert_eq!(have(&later).await, [vec![], vec![], vec![0; 0]], "{}", home.kind);
        tier::remove(&later, 3).await.unwrap();
        let left = plan::get(&mut later.read().await.unwrap()).await.unwrap();
        assert_eq!(left.levels.len(), 2);
        let mut wrong = usual();
        let refused = plan::set(&later, &wrong).await.unwrap_err();
        assert_eq!(refused.code, Code::BadInput);
        assert_eq!(refused.field.as_deref(), Some("levels[2].tier"));
        wrong.levels.pop();
        wrong.levels[1].needs = vec![Need::Segment { segment: 9 }];
        let refused = plan::set(&later, &wrong).await.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("levels[1].needs[0].segment"), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_owner_sets_a_plan_and_sees_what_it_does() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let path = file(&home, "orders.csv", ORDERS);
        import(&home, "s", "orders", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 4);
        let send = |line: &str, body: &Value| server.send(&owner, line, body);
        for name in ["普通会员", "铜牌会员", "钻石会员"] {
            assert_eq!(send("POST /api/v1/tiers", &json!({ "name": name })).status, 200);
        }
        let off = server.look(&owner, "/api/v1/tiers/plan").json();
        assert_eq!((&off["active"], &off["levels"]), (&json!(false), &json!([])), "{off}");
        let mut plan = server.look(&owner, "/api/v1/tiers/plan/usual").json();
        assert_eq!(plan["levels"].as_array().unwrap().len(), 3, "{plan}");
        plan["window"] = json!({ "kind": "ever" });
        plan["active"] = json!(true);
        plan["levels"][2]["benefits"]["points_times"] = json!(2_000);
        let told = send("POST /api/v1/tiers/plan/preview", &plan).json();
        assert_eq!(told["up"], 3, "{told}");
        let set = send("PUT /api/v1/tiers/plan", &plan);
        assert_eq!(set.status, 200, "{set:?}");
        let tiers = server.look(&owner, "/api/v1/tiers").json();
        let after: Vec<&Value> = told["levels"].as_array().unwrap().iter().collect();
        for (tier, told) in tiers.as_array().unwrap().iter().zip(after) {
            assert_eq!(tier["customers"], told["after"], "what was foreseen has come: {told}");
        }
        let own = server.look(&owner, "/api/v1/customers/1/tier").json();
        assert_eq!(own["because"][0]["by"], "plan", "{own}");
        assert_eq!(own["progress"]["benefits"]["points_times"], 2_000, "{own}");

        // By the highest level an order earns twice as many points.
        let rule = json!({
            "name": "a point a yuan", "unit": "points", "active": true,
            "terms": {"trigger": {"kind": "order_paid"}, "from": "2026-01-01",
                "formula": {"kind": "per_money", "amount": 1, "per_minor": 100}},
        });
        assert_eq!(send("POST /api/v1/earn_rules", &rule).status, 200);
        let items = json!([{"sku": "s1", "quantity": 1, "amount_minor": 10_000}]);
        let cart = |id: &str| json!({ "customer_id": id, "items": items });
        let would = |id: &str| send("POST /api/v1/earn_rules/would", &cart(id)).json();
        assert_eq!(would("1")[0]["amount"], 200, "{}", would("1"));
        assert_eq!(would("4")[0]["amount"], 100, "{}", would("4"));

        // What somebody has can be asked for like anything else.
        let more = json!({ "unit": "points", "amount": 300, "reason": "sorry" });
        assert_eq!(send("POST /api/v1/customers/4/adjustments", &more).status, 200);
        let rules = json!([{ "field": "points", "operator": ">=", "value": 300 }]);
        let form = json!({ "expr": { "combinator": "and", "rules": rules } });
        let meant = send("POST /api/v1/segments/preview", &form).json();
        assert_eq!(meant["count"], 1, "{meant}");

        plan["keep"] = json!({ "kind": "days", "days": 0 });
        let refused = send("PUT /api/v1/tiers/plan", &plan);
        assert_eq!((refused.status, &refused.json()["error"]["field"]), (400, &json!("keep.days")));
        let agent = server.join(&owner, "agent");
        assert_eq!(server.send(&agent, "PUT /api/v1/tiers/plan", &plan).status, 403);
    }
}
