//! The first page: what is in a shop, and who its customers are to it. It needs no script and
//! nothing from elsewhere, and shows nothing of any single person.

mod part;

use std::net::IpAddr;
use std::sync::LazyLock;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base::{Code, Error, Result};
use base64::Engine;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use store::shop::{self, Shop};
use url::form_urlencoded;

use super::App;
use super::asked::{Asked, Said, Wish};
use super::error::Refusal;
use super::key::Reads;
use crate::lang::Lang;
use crate::text::page as text;

const STYLE: &str = include_str!("style.css");

/// What a browser may do with the page: show it, in its own style.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
});

/// The permission to see what is shown to this machine alone: whoever asks has addressed it by a
/// name of its own. A page from elsewhere that has made its name lead here is refused.
pub(super) struct Local;

impl FromRequestParts<App> for Local {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let through = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];
        if let Some(name) = through.into_iter().find(|name| parts.headers.contains_key(*name)) {
            let error = Error::new(Code::Forbidden, "comes through a proxy");
            return Err(error.field(name).hint("open it on this machine itself").into());
        }
        let host = parts.headers.get(header::HOST).map_or(Some(""), |host| host.to_str().ok());
        if host.is_some_and(|host| host.is_empty() || is_local(host)) {
            return Ok(Self);
        }
        let error = Error::new(Code::Forbidden, "is not a name of this machine");
        Err(error.field("Host").hint("use 127.0.0.1; a proxy must say so, too").into())
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default();
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Which page.
pub(super) struct Wanted {
    shop: Option<String>,
    lang: Option<Lang>,
}

impl Wish for Wanted {
    fn read(said: &mut Said) -> Result<Self> {
        let shop = said.text("shop")?;
        let langs = [Lang::Chinese, Lang::English];
        let lang = said.word("lang", &langs.map(Lang::tag))?;
        Ok(Self { shop, lang: lang.and_then(|place| langs.get(place).copied()) })
    }
}

/// The page.
pub(super) async fn show(
    State(app): State<App>,
    _: Local,
    headers: HeaderMap,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Refusal> {
    let (status, page) = page(&app, wanted, &headers).await?;
    Ok((status, framed(), Html(page.into_string())).into_response())
}

fn framed() -> [(HeaderName, HeaderValue); 5] {
    let policy = HeaderValue::from_str(&POLICY);
    [
        (
            header::CONTENT_SECURITY_POLICY,
            policy.unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::VARY, HeaderValue::from_static("Accept-Language")),
    ]
}

/// A page and where it stands: the shops, the one shown, the language.
struct Place<'a> {
    shops: &'a [Shop],
    shop: Option<&'a str>,
    lang: Lang,
    /// Whether the address names the language.
    named: bool,
}

async fn page(app: &App, wanted: Wanted, headers: &HeaderMap) -> Result<(StatusCode, Markup)> {
    let cx = app.place.cx();
    let shops = shop::list(&cx).await?;
    let asked = wanted.shop.as_deref();
    let shop = match asked {
        Some(name) => shops.iter().find(|shop| shop.name == name),
        None => shops.first(),
    };
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let own = || shop.and_then(|shop| Lang::parse(&shop.language)).unwrap_or(Lang::Chinese);
    let spoken = || accepted.and_then(Lang::of_header);
    let lang = wanted.lang.or_else(spoken).unwrap_or_else(own);
    let name = shop.map(|shop| shop.name.as_str());
    let place = Place { shops: &shops, shop: name, lang, named: wanted.lang.is_some() };
    let Some(shop) = shop else {
        let (status, body) = match asked {
            Some(name) => (StatusCode::NOT_FOUND, part::unknown(&place, name)),
            None => (StatusCode::OK, part::empty(&place)),
        };
        return Ok((status, whole(&place, &body)));
    };
    let reads = Reads { cx: cx.of(shop.id), shop: shop.clone() };
    app.place.holds_history(&reads.cx).await?;
    let census = app.census(&reads).await?;
    let report = app.rfm(&reads).await?;
    let body = part::shop(&place, shop, (&census, &report));
    Ok((StatusCode::OK, whole(&place, &body)))
}

/// The address of the same page of a shop, in a language.
fn address(place: &Place<'_>, shop: Option<&str>, lang: Option<Lang>) -> String {
    let lang = lang.or(place.named.then_some(place.lang));
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(shop) = shop {
        query.append_pair("shop", shop);
    }
    if let Some(lang) = lang {
        query.append_pair("lang", lang.tag());
    }
    format!("/?{}", query.finish())
}

fn whole(place: &Place<'_>, body: &Markup) -> Markup {
    let words = text::words(place.lang);
    let title =
        place.shop.map_or_else(|| words.name.to_owned(), |shop| format!("{shop} · {}", words.name));
    html! {
        (DOCTYPE)
        html lang=(place.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    a.brand href=(address(place, None, None)) { (words.name) }
                    @if place.shops.len() > 1 { (chooser(place)) }
                    nav.lang aria-label=(words.language) {
                        @for (lang, name) in [(Lang::Chinese, "中文"), (Lang::English, "English")] {
                            a href=(address(place, place.shop, Some(lang))) lang=(lang.tag())
                                aria-current=[(lang == place.lang).then_some("true")] { (name) }
                        }
                    }
                }
                main { (body) }
                footer.soft {
                    (words.name) " " (env!("CARGO_PKG_VERSION")) " · "
                    a href="/api/openapi.json" { (words.api) }
                }
            }
        }
    }
}

fn chooser(place: &Place<'_>) -> Markup {
    html! {
        nav aria-label=(text::words(place.lang).shops) {
            @for shop in place.shops {
                a href=(address(place, Some(&shop.name), None))
                    aria-current=[(place.shop == Some(&shop.name)).then_some("page")] {
                    (shop.name)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for (host, local) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.1", true),
            ("LocalHost:1", true),
            ("[::1]:8080", true),
            ("shop.example:8080", false),
            ("127.0.0.1.example", false),
            ("192.168.0.1", false),
            ("", false),
        ] {
            assert_eq!(is_local(host), local, "{host}");
        }
    }
}
