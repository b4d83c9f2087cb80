//! The matrix of who may do what: every operation that the API describes, called as nobody, as each
//! role, and as another shop's owner. An operation without a row fails.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, keys};

/// The roles that every shop has.
const ROLES: [&str; 5] = ["owner", "operator", "analyst", "agent", "readonly"];

/// Who may use a permission besides the owner: letters of operator, analyst, agent (g), readonly.
const PERMISSIONS: [(&str, &str); 27] = [
    ("customers.read", "oagr"),
    ("customers.edit", "og"),
    ("customers.reveal", "og"),
    ("customers.erase", ""),
    ("orders.read", "oagr"),
    ("products.read", "oagr"),
    ("events.read", "oagr"),
    ("rfm.read", "oar"),
    ("rfm.edit", "oa"),
    ("segments.read", "oagr"),
    ("segments.write", "oa"),
    ("benefits.read", "oagr"),
    ("benefits.write", "o"),
    ("kpi.read", "oar"),
    ("imports.read", "oar"),
    ("imports.write", "o"),
    ("sources.read", "oar"),
    ("sources.write", "o"),
    ("query.run", "oa"),
    ("exports.run", "oa"),
    ("staff.read", "o"),
    ("staff.write", ""),
    ("keys.read", "o"),
    ("keys.write", ""),
    ("shop.edit", "o"),
    ("audit.read", "o"),
    ("system.read", "oar"),
];

/// Whom an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Whoever asks.
    Everybody,
    /// Who has a write key.
    Writers,
    /// Who has signed in, wherever they work.
    People,
    /// Who works in the shop.
    Members,
    /// Who owns a shop.
    Owners,
    /// Who has a permission in the shop.
    Those(&'static str),
}

/// Every operation, and whom it is for.
const OPERATIONS: &[(&str, For)] = &[
    ("start", For::Everybody),
    ("begin", For::Everybody),
    ("link", For::Everybody),
    ("follow_link", For::Everybody),
    ("sign_in", For::Everybody),
    ("oidc", For::Everybody),
    ("oidc_back", For::Everybody),
    ("collect", For::Writers),
    ("settings", For::Everybody),
    ("session", For::People),
    ("sign_out", For::People),
    ("sessions", For::People),
    ("end_session", For::People),
    ("edit_me", For::People),
    ("set_password", For::People),
    ("begin_second_factor", For::People),
    ("confirm_second_factor", For::People),
    ("drop_second_factor", For::People),
    ("make_shop", For::Owners),
    ("make_demo", For::Owners),
    ("customers", For::Those("customers.read")),
    ("customer_facets", For::Those("customers.read")),
    ("customer", For::Those("customers.read")),
    ("customer_timeline", For::Those("customers.read")),
    ("notes", For::Those("customers.read")),
    ("add_note", For::Those("customers.edit")),
    ("remove_note", For::Those("customers.edit")),
    ("views", For::Those("customers.read")),
    ("make_view", For::Those("customers.read")),
    ("remove_view", For::Those("customers.read")),
    ("order_whole", For::Those("orders.read")),
    ("customer_profile", For::Those("customers.read")),
    ("merge_preview", For::Those("customers.read")),
    ("unmerge_preview", For::Those("customers.edit")),
    ("merge", For::Those("customers.edit")),
    ("unmerge", For::Those("customers.edit")),
    ("reveal_customer", For::Those("customers.reveal")),
    ("erase_customer", For::Those("customers.erase")),
    ("privacy", For::Those("audit.read")),
    ("orders", For::Those("orders.read")),
    ("order", For::Those("orders.read")),
    ("products", For::Those("products.read")),
    ("product", For::Those("products.read")),
    ("events", For::Those("events.read")),
    ("rfm", For::Those("rfm.read")),
    ("rfm_runs", For::Those("rfm.read")),
    ("rfm_movement", For::Those("rfm.read")),
    ("rfm_preview", For::Those("rfm.read")),
    ("set_rfm", For::Those("rfm.edit")),
    ("segments", For::Those("segments.read")),
    ("make_segment", For::Those("segments.write")),
    ("make_list", For::Those("segments.write")),
    ("preview_segment", For::Those("segments.read")),
    ("explain_segment", For::Those("segments.read")),
    ("read_phrase", For::Those("segments.read")),
    ("segment_overlap", For::Those("segments.read")),
    ("compare_segments", For::Those("segments.read")),
    ("segment_fields", For::Those("segments.read")),
    ("ready_segments", For::Those("segments.read")),
    ("segment", For::Those("segments.read")),
    ("edit_segment", For::Those("segments.write")),
    ("remove_segment", For::Those("segments.write")),
    ("set_segment_state", For::Those("segments.write")),
    ("snapshot_segment", For::Those("segments.write")),
    ("segment_versions", For::Those("segments.read")),
    ("segment_growth", For::Those("segments.read")),
    ("segment_moves", For::Those("segments.read")),
    ("segment_movers", For::Those("segments.read")),
    ("segment_schema", For::Those("segments.read")),
    ("segment_breakdown", For::Those("segments.read")),
    ("tags", For::Those("segments.read")),
    ("make_tag", For::Those("segments.write")),
    ("edit_tag", For::Those("segments.write")),
    ("remove_tag", For::Those("segments.write")),
    ("tag_people", For::Those("customers.edit")),
    ("tag_batches", For::Those("segments.read")),
    ("undo_tagging", For::Those("customers.edit")),
    ("customer_tags", For::Those("customers.read")),
    ("customer_tag_history", For::Those("customers.read")),
    ("batch_people", For::Those("customers.read")),
    ("wallet", For::Those("customers.read")),
    ("customer_transfers", For::Those("customers.read")),
    ("adjust", For::Those("benefits.write")),
    ("adjustments", For::Those("customers.read")),
    ("decide_adjustment", For::Those("benefits.write")),
    ("earn_rules", For::Those("benefits.read")),
    ("make_earn_rule", For::Those("benefits.write")),
    ("edit_earn_rule", For::Those("benefits.write")),
    ("remove_earn_rule", For::Those("benefits.write")),
    ("would_earn", For::Those("benefits.read")),
    ("earn_points", For::Those("benefits.write")),
    ("spend_points", For::Those("benefits.write")),
    ("refund_points", For::Those("benefits.write")),
    ("settle_points", For::Those("benefits.write")),
    ("ledger", For::Those("benefits.read")),
    ("set_policy", For::Those("benefits.write")),
    ("tiers", For::Those("benefits.read")),
    ("tier_plan", For::Those("benefits.read")),
    ("usual_tier_plan", For::Those("benefits.read")),
    ("preview_tier_plan", For::Those("benefits.read")),
    ("set_tier_plan", For::Those("benefits.write")),
    ("make_tier", For::Those("benefits.write")),
    ("edit_tier", For::Those("benefits.write")),
    ("remove_tier", For::Those("benefits.write")),
    ("grant_tier", For::Those("benefits.write")),
    ("tier_grants", For::Those("benefits.read")),
    ("end_grant", For::Those("benefits.write")),
    ("customer_tier", For::Those("customers.read")),
    ("activities", For::Those("benefits.read")),
    ("make_activity", For::Those("benefits.write")),
    ("edit_activity", For::Those("benefits.write")),
    ("remove_activity", For::Those("benefits.write")),
    ("coupons", For::Those("benefits.read")),
    ("coupon", For::Those("benefits.read")),
    ("make_coupon", For::Those("benefits.write")),
    ("edit_coupon", For::Those("benefits.write")),
    ("end_coupon", For::Those("benefits.write")),
    ("decide_coupon", For::Those("benefits.write")),
    ("coupon_cost", For::Those("benefits.read")),
    ("coupon_policy", For::Those("benefits.read")),
    ("set_coupon_policy", For::Those("benefits.write")),
    ("coupon_batches", For::Those("benefits.read")),
    ("issue_coupons", For::Those("benefits.write")),
    ("cancel_coupon_batch", For::Those("benefits.write")),
    ("batch_codes", For::Those("benefits.write")),
    ("claim_coupon", For::Those("benefits.write")),
    ("validate_coupon", For::Those("benefits.write")),
    ("lock_coupon", For::Those("benefits.write")),
    ("redeem_coupon", For::Those("benefits.write")),
    ("rollback_coupon", For::Those("benefits.write")),
    ("coupon_code", For::Those("benefits.read")),
    ("withdraw_code", For::Those("benefits.write")),
    ("customer_coupons", For::Those("customers.read")),
    ("promotions", For::Those("benefits.read")),
    ("promotion", For::Those("benefits.read")),
    ("make_promotion", For::Those("benefits.write")),
    ("edit_promotion", For::Those("benefits.write")),
    ("end_promotion", For::Those("benefits.write")),
    ("remove_promotion", For::Those("benefits.write")),
    ("stacking", For::Those("benefits.read")),
    ("set_stacking", For::Those("benefits.write")),
    ("quote", For::Those("benefits.write")),
    ("checkouts", For::Those("benefits.read")),
    ("checkout", For::Those("benefits.read")),
    ("lock_checkout", For::Those("benefits.write")),
    ("redeem_checkout", For::Those("benefits.write")),
    ("rollback_checkout", For::Those("benefits.write")),
    ("refund_checkout", For::Those("benefits.write")),
    ("preview_checkout_refund", For::Those("benefits.read")),
    ("rewards", For::Those("benefits.read")),
    ("make_reward", For::Those("benefits.write")),
    ("edit_reward", For::Those("benefits.write")),
    ("remove_reward", For::Those("benefits.write")),
    ("take_reward", For::Those("benefits.write")),
    ("exchanges", For::Those("benefits.read")),
    ("finish_exchange", For::Those("benefits.write")),
    ("cancel_exchange", For::Those("benefits.write")),
    ("customer_exchanges", For::Those("customers.read")),
    ("privacy_setting", For::Those("system.read")),
    ("set_privacy", For::Those("shop.edit")),
    ("why_in_segment", For::Those("segments.read")),
    ("lifecycle", For::Those("segments.read")),
    ("preview_lifecycle", For::Those("segments.read")),
    ("set_lifecycle", For::Those("segments.write")),
    ("positioning", For::Those("segments.read")),
    ("set_positioning", For::Those("segments.write")),
    ("preferences", For::Those("segments.read")),
    ("set_guidance", For::Those("segments.write")),
    ("customer_preferences", For::Those("customers.read")),
    ("customer_relations", For::Those("customers.read")),
    ("set_consent", For::Those("customers.edit")),
    ("kpi", For::Those("kpi.read")),
    ("state", For::Those("kpi.read")),
    ("todo", For::Those("kpi.read")),
    ("query", For::Those("query.run")),
    ("query_schema", For::Those("query.run")),
    ("sources", For::Those("sources.read")),
    ("tail", For::Those("events.read")),
    ("make_source", For::Those("sources.write")),
    ("remove_source", For::Those("sources.write")),
    ("set_pace", For::Those("sources.write")),
    ("upload", For::Those("imports.write")),
    ("mappings", For::Those("imports.read")),
    ("preview_import", For::Those("imports.write")),
    ("begin_import", For::Those("imports.write")),
    ("imports", For::Those("imports.read")),
    ("import", For::Those("imports.read")),
    ("resume_import", For::Those("imports.write")),
    ("undo_import", For::Those("imports.write")),
    ("cancel_import", For::Those("imports.write")),
    ("rejects", For::Those("imports.read")),
    ("rejects_file", For::Those("imports.read")),
    ("jobs", For::Members),
    ("job", For::Members),
    ("cancel_job", For::Members),
    ("export", For::Those("exports.run")),
    ("export_file", For::Those("exports.run")),
    ("staff", For::Those("staff.read")),
    ("invite", For::Those("staff.write")),
    ("uninvite", For::Those("staff.write")),
    ("set_role", For::Those("staff.write")),
    ("remove_staff", For::Those("staff.write")),
    ("reset_password", For::Those("staff.write")),
    ("roles", For::Those("staff.read")),
    ("put_role", For::Those("staff.write")),
    ("remove_role", For::Those("staff.write")),
    ("keys", For::Those("keys.read")),
    ("make_key", For::Those("keys.write")),
    ("rotate_key", For::Those("keys.write")),
    ("remove_key", For::Those("keys.write")),
    ("shop", For::Those("system.read")),
    ("system", For::Those("system.read")),
    ("edit_shop", For::Those("shop.edit")),
    ("audit", For::Those("audit.read")),
    // It ends the sessions with which everything before is asked.
    ("end_sessions", For::People),
];

/// Which operations end the session that calls them, and so need one of their own.
const ENDING: [&str; 2] = ["sign_out", "end_sessions"];

/// An operation as the description has it: its method and path.
fn described(server: &Server) -> BTreeMap<String, (String, String, Value)> {
    let document = server.get("/api/openapi.json", "").json();
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let security = operation.get("security").cloned().unwrap_or(Value::Null);
            let what = (method.to_uppercase(), path.clone(), security);
            assert!(found.insert(id.to_owned(), what).is_none(), "{id} twice");
        }
    }
    found
}

/// The path with something in the place of its parameters that there is not.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "0" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn letter(role: &str) -> char {
    match role {
        "agent" => 'g',
        role => role.chars().next().unwrap_or_default(),
    }
}

fn may(whom: For, role: &str) -> bool {
    match whom {
        For::Everybody | For::Writers | For::People | For::Members => true,
        For::Owners => role == "owner",
        For::Those(permission) => {
            let row = PERMISSIONS.iter().find(|(name, _)| *name == permission);
            let (_, others) = row.unwrap_or_else(|| unreachable!("{permission} has no row"));
            role == "owner" || others.contains(letter(role))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_for_whom_its_row_says() {
    // Permissions do not touch the database's dialect: one is enough.
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    let owner = server.begin(&home, "ours");
    let people: Vec<(&str, Person)> = ROLES
        .iter()
        .map(|role| match *role {
            "owner" => (*role, owner.clone()),
            role => (role, server.join(&owner, role)),
        })
        .collect();
    let stranger = stranger(&server, &owner);
    let operations = described(&server);
    let made = keys(&home, &["--shop", "ours"]);
    let write = made[0]["write_key"].as_str().unwrap();
    for id in operations.keys() {
        assert!(OPERATIONS.iter().any(|(own, _)| own == id), "{id} has no row");
    }
    for (id, whom) in OPERATIONS {
        let (method, path, security) = operations.get(*id).unwrap_or_else(|| {
            unreachable!("the API has no operation {id}");
        });
        let path = match *id {
            "collect" => "/v1/track".to_owned(),
            "settings" => format!("/v1/projects/{write}/settings"),
            _ => filled(path),
        };
        let line = format!("{method} {path}");
        let public = *whom == For::Everybody;
        assert_eq!(*security == json!([]), public, "{id}: {security}");
        let nobody = server.ask(&format!("{line}\nContent-Type: application/json"), "{}");
        let refused = matches!(nobody.status, 401 | 403);
        assert_eq!(refused, !public, "{id} as nobody: {nobody:?}");
        if public || *whom == For::Writers {
            continue;
        }
        for (role, person) in &people {
            let person =
                if ENDING.contains(id) { again(&server, role, &owner) } else { person.clone() };
            let said = server.send(&person, &line, &json!({}));
            assert!(said.status < 500, "{id} as {role}: {said:?}");
            let refused = matches!(said.status, 401 | 403) && !own_password(id, &said.body);
            assert_eq!(refused, !may(*whom, role), "{id} as {role}: {said:?}");
        }
        if matches!(whom, For::Those(_) | For::Members) {
            let elsewhere = Person { shop: owner.shop.clone(), ..stranger.clone() };
            let said = server.send(&elsewhere, &line, &json!({}));
            let field = said.json()["error"]["field"].clone();
            assert_eq!((said.status, field), (404, json!("X-Shop")), "{id} from elsewhere");
        }
    }
    assert_eq!(server.get("/api/v1/orders", write).status, 401, "a write key only writes");
}

/// Some operations refuse a wrong password with the same status.
fn own_password(id: &str, body: &str) -> bool {
    matches!(id, "set_password" | "begin_second_factor" | "drop_second_factor")
        && body.contains("password")
}

/// A new session of who works in that role.
fn again(server: &Server, role: &str, owner: &Person) -> Person {
    let email = match role {
        "owner" => "owner@shop.example".to_owned(),
        role => format!("{role}-{}@shop.example", owner.shop),
    };
    Person::of(&server.sign_in(&email, shuke_tests::PASSWORD))
}

/// The owner of another shop.
fn stranger(server: &Server, owner: &Person) -> Person {
    let shop = json!({
        "name": "theirs", "currency": "CNY", "time_zone": "Asia/Shanghai", "language": "en",
    });
    let made = server.send(owner, "POST /api/v1/shops", &shop).json();
    let theirs = Person { shop: made["shop_id"].as_str().unwrap().to_owned(), ..owner.clone() };
    let stranger = server.join(&theirs, "owner");
    assert_ne!(stranger.shop, owner.shop);
    stranger
}
