//! Somebody who uses the console: a session's cookie, and what goes with it.

use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::{Home, json as answered, shuke_at};

/// A password that will do.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The cookie's name and value.
    pub cookie: String,
    /// What more than a look needs.
    pub csrf: String,
    /// The shop that requests are about.
    pub shop: String,
    /// Their id.
    pub id: String,
}

impl Person {
    /// From the answer to whatever signs somebody in; the shop is their first.
    ///
    /// # Panics
    /// When nobody has signed in.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let said = answer.json();
        let text = |path: &str| said.pointer(path).and_then(Value::as_str).map(str::to_owned);
        Self {
            cookie,
            csrf: text("/csrf").expect("a csrf"),
            shop: text("/shops/0/shop_id").unwrap_or_default(),
            id: text("/user/user_id").expect("a user"),
        }
    }

    /// The headers of a request.
    #[must_use]
    pub fn headers(&self) -> String {
        let Self { cookie, csrf, shop, .. } = self;
        format!(
            "Cookie: {cookie}\nX-CSRF-Token: {csrf}\nX-Shop: {shop}\n\
             Content-Type: application/json"
        )
    }
}

impl Server {
    /// The first user of an installation, with a shop.
    ///
    /// # Panics
    /// When there is one already.
    #[must_use]
    pub fn begin(&self, home: &Home, shop: &str) -> Person {
        let link = user(home, &["--begin"]);
        let token = link.trim().strip_prefix("/start#").expect("a token").to_owned();
        let body = json!({
            "token": token,
            "user": { "email": "owner@shop.example", "name": "掌柜", "password": PASSWORD },
            "shop": {
                "name": shop, "currency": "CNY", "time_zone": "Asia/Shanghai", "language": "zh-CN",
            },
        });
        Person::of(&self.post("/api/v1/start", &body))
    }

    /// Somebody whom `owner` invites to work in that role.
    ///
    /// # Panics
    /// When they cannot come.
    #[must_use]
    pub fn join(&self, owner: &Person, role: &str) -> Person {
        let email = format!("{role}-{}@shop.example", owner.shop);
        let invite = json!({ "email": email, "role": role });
        let made = self.send(owner, "POST /api/v1/staff/invites", &invite);
        assert_eq!(made.status, 200, "{made:?}");
        let made = made.json();
        let token = made.get("token").and_then(Value::as_str).expect("a token");
        let follow = json!({ "name": role, "password": PASSWORD });
        Person::of(&self.post(&format!("/api/v1/links/{token}"), &follow))
    }

    /// Signs somebody in.
    #[must_use]
    pub fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/session", &json!({ "email": email, "password": password }))
    }

    /// Posts JSON as nobody.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(&format!("POST {path}\nContent-Type: application/json"), &body.to_string())
    }

    /// Sends JSON as somebody: `line` is a method and a path.
    #[must_use]
    pub fn send(&self, person: &Person, line: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.ask(&format!("{line}\n{}", person.headers()), &body)
    }

    /// Looks as somebody.
    #[must_use]
    pub fn look(&self, person: &Person, path: &str) -> Answer {
        self.send(person, &format!("GET {path}"), &Value::Null)
    }
}

/// What `shuke user` prints.
///
/// # Panics
/// When it is refused.
#[must_use]
pub fn user(home: &Home, args: &[&str]) -> String {
    let mut command = shuke_at(home);
    command.arg("user").arg("--data").arg(home.dir.path()).args(args);
    let done = command.output().expect("the program starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// What `shuke key` prints as JSON.
#[must_use]
pub fn keys(home: &Home, args: &[&str]) -> Value {
    let mut command = shuke_at(home);
    command.arg("key").arg("--data").arg(home.dir.path()).args(args).arg("--json");
    answered(&command.output().expect("the program starts"))
}
