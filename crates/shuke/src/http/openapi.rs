//! The description of the API, as OpenAPI 3.1. It is made of the handlers themselves, and kept in
//! `docs/openapi.json`.

use axum::Router;
use base::{Error, Result};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityScheme,
};
use utoipa::openapi::{OpenApi as Document, SecurityRequirement};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use super::who::COOKIE;
use super::{App, api, collect, error};

/// What the handlers do not say.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Shuke",
        description = "What a shop's clients write and programs read. Reading needs a secret key \
            (`shuke key --secret`), writing a write key (`shuke key`); both name their shop. \
            Amounts are whole minor units of a currency, times are UTC, ids are text."
    ),
    // What the handlers' sets of answers name is not found by itself.
    components(schemas(error::ErrorBody, error::CollectError, collect::Call, collect::Message)),
    modifiers(&Keys),
    security(("session" = []), ("secret_key" = []), ("secret_key_basic" = [])),
    tags(
        (name = "start", description = "The first start, invitations and new passwords"),
        (name = "session", description = "Signing in and out"),
        (name = "me", description = "What people change about themselves"),
        (name = "staff", description = "Who works in a shop, and in which roles"),
        (name = "shop", description = "The shop itself"),
        (name = "sources", description = "Who writes events, and with which key"),
        (name = "keys", description = "Secret keys, with which programs ask"),
        (name = "audit", description = "What was done, by whom"),
        (name = "views", description = "Filters that people keep"),
        (name = "query", description = "SQL over the shop"),
        (name = "kpi", description = "The figures of a period"),
        (name = "customers", description = "Who buys"),
        (name = "orders", description = "What was bought, given back and corrected"),
        (name = "products", description = "What is sold"),
        (name = "events", description = "What happened"),
        (name = "segments", description = "Whom the shop means"),
        (name = "benefits", description = "What brings people back"),
        (name = "tags", description = "Words that people put on customers"),
        (name = "rfm", description = "Who the customers are to the shop"),
        (name = "collect", description = "Where clients of Segment's and RudderStack's write")
    )
)]
struct Head;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("sk_…")
            .description(Some("A secret key"));
        let basic = |what: &str| {
            let mut basic = Http::new(HttpAuthScheme::Basic);
            basic.description = Some(what.to_owned());
            SecurityScheme::Http(basic)
        };
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("secret_key", SecurityScheme::Http(bearer.build()));
        components.add_security_scheme("secret_key_basic", basic("A secret key as the user"));
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            COOKIE,
            "A session's cookie; with `X-Shop`, and with `X-CSRF-Token` for more than a look",
        ));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        components.add_security_scheme("write_key", basic("A write key as the user"));
    }
}

/// The described routes and their description.
pub(super) fn described() -> (Router<App>, Document) {
    let router = OpenApiRouter::with_openapi(Head::openapi());
    let (router, mut document) =
        router.merge(api::routes()).merge(collect::routes()).split_for_parts();
    for item in document.paths.paths.values_mut() {
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in all.into_iter().flatten() {
            public(operation);
        }
    }
    (router, document)
}

/// An operation that asks for nothing says so with an empty list, not with a way that is empty.
fn public(operation: &mut Operation) {
    let nothing = SecurityRequirement::default();
    if operation.security.as_ref().is_some_and(|ways| ways.iter().all(|way| *way == nothing)) {
        operation.security = Some(Vec::new());
    }
}

pub(super) fn text(document: &Document) -> Result<String> {
    let text = document.to_pretty_json();
    Ok(text.map_err(|cause| Error::internal("the API could not be described", cause))? + "\n")
}

/// The description of the API.
///
/// # Errors
/// `internal` when it cannot be written.
pub(crate) fn document() -> Result<String> {
    text(&described().1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_that_of_the_handlers() {
        let kept = include_str!("../../../../docs/openapi.json");
        let same = super::document().unwrap() == kept;
        assert!(same, "refresh it: cargo run -- openapi > docs/openapi.json");
    }
}
