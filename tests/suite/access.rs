//! Who comes in, and who does not: the first start, passwords, second factors, sessions, links,
//! roles, keys, and the log of all that, on both databases.

use serde_json::{Value, json};
use shuke_tests::{Home, PASSWORD, Person, Server, keys, shuke_at, user};
use totp_rs::{Builder, Secret};

const OWNER: &str = "owner@shop.example";

/// The code of the moment.
#[expect(clippy::disallowed_methods, reason = "the server's clock is this machine's")]
fn code(secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap());
    let totp = totp.with_account_name("").build().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    totp.generate(now.as_secs()).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_begins_once_and_comes_again() {
    for home in Home::each().await {
        let server = Server::start(&home);
        assert_eq!(server.get("/api/v1/start", "").json()["needed"], true);
        let wrong = json!({
            "token": "00", "user": { "email": OWNER, "name": "x", "password": PASSWORD },
            "shop": { "name": "a", "currency": "CNY", "time_zone": "UTC", "language": "en" },
        });
        assert_eq!(server.post("/api/v1/start", &wrong).status, 404, "{}", home.kind);
        let owner = server.begin(&home, "花店");
        assert_eq!(server.get("/api/v1/start", "").json()["needed"], false);
        let session = server.look(&owner, "/api/v1/session").json();
        assert_eq!(session["shops"][0]["name"], "花店");
        assert_eq!(session["shops"][0]["role"], "owner");
        let again = shuke_at(&home)
            .args(["user", "--begin", "--data"])
            .arg(home.dir.path())
            .output()
            .unwrap();
        assert!(!again.status.success(), "nobody begins twice");

        assert_eq!(server.sign_in(OWNER, "another password").status, 401);
        assert_eq!(server.sign_in("nobody@shop.example", PASSWORD).status, 401);
        let second = Person::of(&server.sign_in("Owner@Shop.Example", PASSWORD));
        let cookie = server.sign_in(OWNER, PASSWORD).header("set-cookie").unwrap().to_owned();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
        let sessions = server.look(&second, "/api/v1/sessions").json();
        assert_eq!(sessions.as_array().unwrap().len(), 3, "{}", home.kind);
        assert_eq!(server.send(&second, "DELETE /api/v1/sessions", &Value::Null).status, 204);
        assert_eq!(server.look(&owner, "/api/v1/session").status, 401);
        assert_eq!(server.send(&second, "DELETE /api/v1/session", &Value::Null).status, 204);
        assert_eq!(server.look(&second, "/api/v1/session").status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_lock_an_account_and_a_link_opens_it() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let _owner = server.begin(&home, "s");
        for _ in 0..5 {
            assert_eq!(server.sign_in(OWNER, "wrong wrong wrong").status, 401);
        }
        assert_eq!(server.sign_in(OWNER, PASSWORD).status, 429, "{}", home.kind);
        let link = user(&home, &["--reset", OWNER]);
        let path = format!("/api/v1{}", link.trim());
        assert_eq!(server.get(&path, "").json()["kind"], "reset");
        let weak = server.post(&path, &json!({ "password": "short" }));
        assert_eq!((weak.status, &weak.json()["error"]["field"]), (400, &json!("password")));
        let new = "a new password of mine";
        assert_eq!(server.post(&path, &json!({ "password": new })).status, 200);
        assert_eq!(server.post(&path, &json!({ "password": new })).status, 404, "once");
        assert_eq!(server.sign_in(OWNER, new).status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_for_and_counts_once() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let path = "/api/v1/me/second-factor";
        let own = json!({ "password": PASSWORD });
        let wrong = json!({ "password": "not mine, not mine" });
        assert_eq!(server.send(&owner, &format!("POST {path}"), &wrong).status, 403);
        let begun = server.send(&owner, &format!("POST {path}"), &own).json();
        let secret = begun["secret"].as_str().unwrap().to_owned();
        assert_eq!(server.sign_in(OWNER, PASSWORD).status, 200, "not before it was confirmed");
        let bad = server.send(&owner, &format!("PUT {path}"), &json!({ "code": "000000x" }));
        assert_eq!(bad.status, 400, "{bad:?}");
        let now = code(&secret);
        let confirmed = server.send(&owner, &format!("PUT {path}"), &json!({ "code": now }));
        assert_eq!(confirmed.status, 200, "{confirmed:?}");
        let recovery = confirmed.json()["recovery_codes"][0].as_str().unwrap().to_owned();

        let asked = server.sign_in(OWNER, PASSWORD);
        let code = asked.json()["error"]["code"].as_str().unwrap().to_owned();
        assert_eq!((asked.status, code.as_str()), (401, "second_factor"));
        let with = |code: &str| {
            let shown = json!({ "email": OWNER, "password": PASSWORD, "code": code });
            server.post("/api/v1/session", &shown).status
        };
        assert_eq!(with(&now), 401, "{}: the code was used", home.kind);
        assert_eq!(with(&recovery), 200);
        assert_eq!(with(&recovery), 401, "{}: a recovery code is good once", home.kind);
        assert_eq!(server.send(&owner, &format!("DELETE {path}"), &own).status, 204);
        assert_eq!(server.sign_in(OWNER, PASSWORD).status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_a_page_elsewhere_sends_is_refused() {
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    let owner = server.begin(&home, "s");
    let edit = json!({ "name": "other" });
    let sent = |headers: &str| {
        let Person { cookie, shop, .. } = &owner;
        let head = format!("PATCH /api/v1/me\nCookie: {cookie}\nX-Shop: {shop}\n{headers}");
        server.ask(&head, &edit.to_string()).status
    };
    let json = "Content-Type: application/json";
    let csrf = format!("X-CSRF-Token: {}", owner.csrf);
    assert_eq!(sent(json), 403, "without the session's own text");
    assert_eq!(sent(&format!("{json}\n{csrf}\nSec-Fetch-Site: cross-site")), 403);
    assert_eq!(sent(&format!("Content-Type: text/plain\n{csrf}")), 415);
    assert_eq!(sent(&format!("{json}\n{csrf}\nSec-Fetch-Site: same-origin")), 200);
    let sign_in =
        "POST /api/v1/session\nContent-Type: application/json\nSec-Fetch-Site: cross-site";
    assert_eq!(server.ask(sign_in, "{}").status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_away_more_than_they_have() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let role = json!({ "permissions": ["staff.read", "staff.write", "customers.read"] });
        assert_eq!(server.send(&owner, "PUT /api/v1/roles/hr", &role).status, 204);
        let hr = server.join(&owner, "hr");
        let invite = |role: &str| {
            let body = json!({ "email": format!("x-{role}@shop.example"), "role": role });
            server.send(&hr, "POST /api/v1/staff/invites", &body).status
        };
        assert_eq!(invite("owner"), 403, "{}", home.kind);
        assert_eq!(invite("baron"), 404);
        assert_eq!(invite("hr"), 200);
        let up = json!({ "role": "owner" });
        let own = format!("PATCH /api/v1/staff/{}", hr.id);
        assert_eq!(server.send(&hr, &own, &up).status, 403);
        let other = format!("DELETE /api/v1/staff/{}", owner.id);
        assert_eq!(server.send(&hr, &other, &Value::Null).status, 403);
        let wide = json!({ "permissions": ["customers.erase"] });
        assert_eq!(server.send(&hr, "PUT /api/v1/roles/more", &wide).status, 403);
        let down = json!({ "role": "readonly" });
        let last = format!("PATCH /api/v1/staff/{}", owner.id);
        assert_eq!(server.send(&owner, &last, &down).status, 409, "a shop needs an owner");
        assert_eq!(server.send(&owner, "DELETE /api/v1/roles/hr", &Value::Null).status, 409);
        assert_eq!(server.send(&owner, &own, &down).status, 204);
        assert_eq!(server.look(&hr, "/api/v1/staff").status, 403, "at once");
        assert_eq!(server.send(&owner, "DELETE /api/v1/roles/hr", &Value::Null).status, 204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_end_and_do_what_they_were_made_for() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let make = |body: Value| server.send(&owner, "POST /api/v1/keys", &body);
        let made = make(json!({ "name": "orders", "permissions": ["orders.read"] })).json();
        let secret = made["secret"].as_str().unwrap().to_owned();
        assert_eq!(server.get("/api/v1/orders", &secret).status, 200);
        assert_eq!(server.get("/api/v1/customers", &secret).status, 403, "{}", home.kind);
        let past = make(json!({
            "name": "past", "permissions": [], "expires_at": "2020-01-01T00:00:00Z",
        }));
        assert_eq!(past.status, 400);
        assert_eq!(make(json!({ "name": "x", "permissions": ["all"] })).status, 400);
        let path = format!("/api/v1/keys/{}", made["key_id"].as_str().unwrap());
        let turned = server.send(&owner, &format!("POST {path}/rotate"), &Value::Null).json();
        assert_eq!(server.get("/api/v1/orders", &secret).status, 401);
        let next = turned["secret"].as_str().unwrap().to_owned();
        assert_eq!(server.get("/api/v1/orders", &next).status, 200);
        let listed = server.look(&owner, "/api/v1/keys").json();
        assert!(listed[0]["used_at"].is_string(), "{listed}");
        assert!(!listed.to_string().contains(&next));
        assert_eq!(server.send(&owner, &format!("DELETE {path}"), &Value::Null).status, 204);
        assert_eq!(server.get("/api/v1/orders", &next).status, 401);
        // A key of the command line reads as it did before there were permissions.
        let list = keys(&home, &["--shop", "s", "--secret", "--name", "old"]);
        let old = list.as_array().unwrap().iter().find_map(|key| key["secret"].as_str()).unwrap();
        assert_eq!(server.get("/api/v1/customers", old).status, 200);
        assert_eq!(server.get("/api/v1/staff", old).status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_who_did_what_and_when_it_was_changed() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let reader = server.join(&owner, "readonly");
        let role = json!({ "role": "analyst" });
        let set = server.send(&owner, &format!("PATCH /api/v1/staff/{}", reader.id), &role);
        assert_eq!(set.status, 204, "{set:?}");
        let page = server.look(&owner, "/api/v1/audit?action=staff.").json();
        let told: Vec<_> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["action"].as_str().unwrap(), row["actor"].as_str().unwrap()))
            .collect();
        let expected = [
            ("staff.role", owner.id.as_str()),
            ("staff.join", reader.id.as_str()),
            ("staff.invite", owner.id.as_str()),
        ];
        assert_eq!(told, expected, "{}", home.kind);
        assert_eq!(page["data"][0]["after"], "\"analyst\"");
        let walked = server.look(&owner, "/api/v1/audit?limit=1").json();
        assert!(walked["next"].is_string());
        server.stop();
        let verify = || {
            let mut command = shuke_at(&home);
            let done = command.args(["audit", "--data"]).arg(home.dir.path()).arg("verify");
            let done = done.output().unwrap();
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            (done.status.success(), said)
        };
        assert!(verify().0, "{:?}", verify());
        change(&home, "update audit set actor = 'somebody' where audit_no = 2 and shop_id = 1")
            .await;
        let (whole, said) = verify();
        assert!(!whole && said.contains("row 2"), "{}: {said}", home.kind);
        change(&home, "delete from audit where shop_id = 1 and audit_no > 1").await;
        let (whole, said) = verify();
        assert!(!whole && said.contains("row 2"), "{}: {said}", home.kind);
    }
}

/// Changes the database behind the program's back.
async fn change(home: &Home, sql: &'static str) {
    let mut tx = home.cx.write().await.unwrap();
    assert!(tx.exec(sql, vec![]).await.unwrap() > 0);
    tx.commit().await.unwrap();
}
