//! What is said of secret keys.

use serde_json::{Value, json};

use crate::auth::apikey::ApiKey;
use crate::lang::Lang;

/// A secret key as `key --secret --json` prints it; only a new one has its secret.
pub(crate) fn json(key: &ApiKey, secret: Option<&str>) -> Value {
    let mut value = json!({
        "key": key.number,
        "name": key.name,
        "created_at": key.created_at.to_string(),
        "revoked_at": key.revoked_at.map(|at| at.to_string()),
    });
    if let (Some(secret), Some(object)) = (secret, value.as_object_mut()) {
        object.insert("secret".to_owned(), secret.into());
    }
    value
}

/// A shop's secret keys for people, below the one that was just made.
pub(crate) fn list(lang: Lang, keys: &[ApiKey], made: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(secret) = made {
        let once = lang.pick("密钥只显示这一次，请现在保存", "shown this once: keep it now");
        text += &format!("{secret}  ({once})\n");
    }
    for key in keys {
        let made = key.created_at;
        let state = key.revoked_at.map_or_else(
            || lang.pick(format!("{made} 创建"), format!("made {made}")),
            |at| lang.pick(format!("{at} 停用"), format!("revoked {at}")),
        );
        text += &format!("{}  {state}\n", key.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use base::Time;
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_secret_is_shown_once() {
        let key = |number, revoked: Option<i64>| ApiKey {
            number,
            name: format!("key {number}"),
            created_at: Time::from_micros(1_767_225_600_000_000),
            permissions: crate::auth::apikey::reads(),
            expires_at: None,
            used_at: None,
            revoked_at: revoked.map(Time::from_micros),
        };
        let keys = [key(1, Some(1_767_312_000_000_000)), key(2, None)];
        expect![[r#"
            sk_1_ab  (shown this once: keep it now)
            key 1  revoked 2026-01-02T00:00:00Z
            key 2  made 2026-01-01T00:00:00Z
        "#]]
        .assert_eq(&list(Lang::English, &keys, Some("sk_1_ab")));
        expect![[r#"
            key 1  2026-01-02T00:00:00Z 停用
            key 2  2026-01-01T00:00:00Z 创建
        "#]]
        .assert_eq(&list(Lang::Chinese, &keys, None));
        let shown = json(&keys[1], Some("sk_1_ab")).to_string();
        assert!(shown.contains("\"secret\":\"sk_1_ab\""), "{shown}");
        assert!(!json(&keys[1], None).to_string().contains("secret"));
    }
}
