//! The description of the API, as OpenAPI 3.1. It is made of the handlers themselves, and kept in
//! `docs/openapi.json`.

use axum::Router;
use base::{Error, Result};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Http, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

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
    security(("secret_key" = []), ("secret_key_basic" = [])),
    tags(
        (name = "customers", description = "Who buys"),
        (name = "orders", description = "What was bought, given back and corrected"),
        (name = "products", description = "What is sold"),
        (name = "events", description = "What happened"),
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
        components.add_security_scheme("write_key", basic("A write key as the user"));
    }
}

/// The described routes and their description.
pub(super) fn described() -> (Router<App>, Document) {
    let router = OpenApiRouter::with_openapi(Head::openapi());
    router.merge(api::routes()).merge(collect::routes()).split_for_parts()
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
