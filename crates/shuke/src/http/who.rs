//! Who asks, and whether they may: a person with a session's cookie, or a program with a secret
//! key. A handler names its permission as the type of one of its arguments.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use base::{Actor, Code, Error, Result, ShopId};
use store::Cx;
use store::shop::{self, Shop};

use super::App;
use super::error::Refusal;
use super::key::shown;
use super::request::Client;
use crate::auth::permission::{OWNER, Permission, Permissions};
use crate::auth::session::{self, Session};
use crate::auth::user::User;
use crate::auth::{apikey, staff};

/// The cookie that holds a session's token.
pub(super) const COOKIE: &str = "shuke_session";
/// The header in which a page shows that it can read the session's answers.
const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");
/// The header that says which of a person's shops a request is about.
const SHOP: HeaderName = HeaderName::from_static("x-shop");
/// What browsers say of where a request comes from.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What somebody may look at or change.
#[derive(Clone)]
pub(super) struct Access {
    /// A context of the shop, acting for whoever asks.
    pub(super) cx: Cx,
    /// The shop.
    pub(super) shop: Shop,
    /// What whoever asks may do there.
    pub(super) permissions: Permissions,
}

impl Access {
    /// Refuses who lacks a permission.
    ///
    /// # Errors
    /// `forbidden`.
    pub(super) fn needs(&self, permission: Permission) -> Result<()> {
        if self.permissions.has(permission) { Ok(()) } else { Err(lacking(permission)) }
    }
}

/// Access of somebody who has the permission of that code.
pub(super) struct May<const PERMISSION: u8>(Access);

impl<const PERMISSION: u8> Deref for May<PERMISSION> {
    type Target = Access;

    fn deref(&self) -> &Access {
        &self.0
    }
}

/// Names for what handlers ask for.
macro_rules! may {
    ($($name:ident = $permission:ident;)*) => { $(
        pub(super) type $name = May<{ Permission::$permission as u8 }>;
    )* };
}

may! {
    ReadsCustomers = CustomersRead;
    EditsCustomers = CustomersEdit;
    RevealsCustomers = CustomersReveal;
    ErasesCustomers = CustomersErase;
    ReadsOrders = OrdersRead;
    ReadsProducts = ProductsRead;
    ReadsEvents = EventsRead;
    ReadsRfm = RfmRead;
    EditsRfm = RfmEdit;
    ReadsSegments = SegmentsRead;
    WritesSegments = SegmentsWrite;
    ReadsBenefits = BenefitsRead;
    WritesBenefits = BenefitsWrite;
    ReadsKpi = KpiRead;
    ReadsImports = ImportsRead;
    WritesImports = ImportsWrite;
    RunsQueries = QueryRun;
    RunsExports = ExportsRun;
    ReadsSources = SourcesRead;
    WritesSources = SourcesWrite;
    ReadsStaff = StaffRead;
    WritesStaff = StaffWrite;
    ReadsKeys = KeysRead;
    WritesKeys = KeysWrite;
    EditsShop = ShopEdit;
    ReadsAudit = AuditRead;
    ReadsSystem = SystemRead;
}

/// The refusal of who lacks a permission.
pub(super) fn lacking(permission: Permission) -> Error {
    let text = format!("needs the permission {}", permission.name());
    Error::new(Code::Forbidden, text).hint("an owner of the shop can give it")
}

impl<const PERMISSION: u8> FromRequestParts<App> for May<PERMISSION> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let access = access(parts, app).await?;
        let wanted = Permission::of(PERMISSION);
        if wanted.is_some_and(|wanted| access.permissions.has(wanted)) {
            return Ok(Self(access));
        }
        let none = Error::new(Code::Forbidden, "there is no such permission");
        Err(wanted.map_or(none, lacking).into())
    }
}

/// Access of anybody who works in the shop.
pub(super) struct SignedIn(pub(super) Access);

impl FromRequestParts<App> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Ok(Self(access(parts, app).await?))
    }
}

/// Somebody who has signed in.
pub(super) struct Person {
    /// A context of no shop, acting for them.
    pub(super) cx: Cx,
    /// Who.
    pub(super) user: User,
    /// Through which session.
    pub(super) session: Session,
    /// Its token.
    pub(super) token: String,
}

impl FromRequestParts<App> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        person(parts, app).await?.ok_or_else(|| nobody().into())
    }
}

/// Somebody who has signed in and owns a shop.
pub(super) struct Owner(pub(super) Person);

impl FromRequestParts<App> for Owner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let person = Person::from_request_parts(parts, app).await?;
        let places = staff::places(&person.cx, person.user.id).await?;
        if places.iter().any(|place| place.role == OWNER) {
            return Ok(Self(person));
        }
        Err(Error::new(Code::Forbidden, "needs somebody who owns a shop").into())
    }
}

/// A context of no shop for a request of anybody.
pub(super) struct Anybody(pub(super) Cx);

impl FromRequestParts<App> for Anybody {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        own_site(&parts.headers)?;
        Ok(Self(context(parts, app)))
    }
}

/// The same for a request that another site may send a browser with: it must not do anything for
/// whoever has signed in.
pub(super) struct Passing(pub(super) Cx);

impl FromRequestParts<App> for Passing {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        Ok(Self(context(parts, app)))
    }
}

fn nobody() -> Error {
    Error::new(Code::Unauthorized, "nobody has signed in")
        .field("Authorization")
        .hint("sign in, or send `Authorization: Bearer KEY`; `shuke key --secret` makes one")
}

fn context(parts: &Parts, app: &App) -> Cx {
    let mut cx = app.place.cx();
    let client = parts.extensions.get::<Client>();
    cx.actor = Actor::System;
    cx.request = client.map(|client| client.request.clone()).unwrap_or_default();
    cx.address = client.map(|client| client.address.clone()).unwrap_or_default();
    cx
}

async fn access(parts: &Parts, app: &App) -> Result<Access> {
    let cx = context(parts, app);
    if let Some(secret) = shown(&parts.headers)? {
        let (shop, key) = apikey::open(&cx, &secret).await?;
        let cx = cx.of(shop).acting(Actor::Key(key.number.to_string()));
        app.place.holds_history(&cx).await?;
        let shop = shop::get(&cx).await?;
        return Ok(Access { cx, shop, permissions: key.permissions });
    }
    let Person { cx, user, .. } = person(parts, app).await?.ok_or_else(nobody)?;
    let missing = || Error::missing("there is no such shop").field("X-Shop");
    let cx = cx.of(asked_shop(&parts.headers)?);
    let permissions = staff::permissions(&cx, user.id).await?.ok_or_else(missing)?;
    app.place.holds_history(&cx).await?;
    let shop = shop::get(&cx).await?;
    Ok(Access { cx, shop, permissions })
}

async fn person(parts: &Parts, app: &App) -> Result<Option<Person>> {
    let Some(token) = cookie_named(&parts.headers, COOKIE) else { return Ok(None) };
    let cx = context(parts, app);
    let Some((session, user)) = session::find(&cx, &token).await? else { return Ok(None) };
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        own_site(&parts.headers)?;
        let shown = parts.headers.get(CSRF).and_then(|shown| shown.to_str().ok());
        if shown != Some(session::csrf(&token).as_str()) {
            return Err(Error::new(Code::Forbidden, "is not that of the session")
                .field("X-CSRF-Token")
                .hint("send the `csrf` of GET /api/v1/session"));
        }
    }
    let cx = cx.acting(Actor::User(user.id.to_string()));
    Ok(Some(Person { cx, user, session, token }))
}

/// Refuses what a page of another site has a browser send.
fn own_site(headers: &HeaderMap) -> Result<()> {
    let site = headers.get(SITE).map(header::HeaderValue::as_bytes);
    if site.is_none_or(|site| matches!(site, b"same-origin" | b"none")) {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden, "comes from another site").field("Sec-Fetch-Site"))
}

fn asked_shop(headers: &HeaderMap) -> Result<ShopId> {
    let missing = || {
        Error::bad("says which shop this is about")
            .field("X-Shop")
            .hint("send the `shop_id` of one of GET /api/v1/session")
    };
    let number = headers.get(SHOP).ok_or_else(missing)?.to_str().ok();
    number.and_then(|number| number.parse().ok()).map(ShopId).ok_or_else(missing)
}

/// What a cookie says.
pub(super) fn cookie_named(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(name, _)| name.trim() == wanted);
    found.map(|(_, token)| token.trim().to_owned()).filter(|token| !token.is_empty())
}
