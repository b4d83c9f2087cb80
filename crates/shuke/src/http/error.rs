//! The one shape of an error, and where it comes from.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Code, Error};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::lang::Lang;
use crate::text::catalogue;

/// Seconds after which a client that was told to wait may come again.
const RETRY_SECONDS: &str = "1";
/// What a caller must show where it has not.
const CHALLENGE: &str = "Bearer realm=\"shuke\"";

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// The error.
    error: ErrorShape,
}

/// An error.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ErrorShape {
    /// What kind of error, for programs.
    #[schema(example = "bad_input")]
    code: &'static str,
    /// What is wrong, for people.
    message: String,
    /// The parameter, header or field that is wrong, if it is one.
    field: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// An error as an answer. A caller never sees what lies beneath it; the log does.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// What lies beneath an answer that is the server's fault, on its way to the log.
#[derive(Clone)]
pub(super) struct Failure(pub(super) Arc<str>);

fn status(code: Code) -> StatusCode {
    match code {
        Code::Busy => StatusCode::TOO_MANY_REQUESTS,
        code => StatusCode::from_u16(code.row().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn shape(error: &Error) -> ErrorShape {
    let inner = matches!(error.code, Code::Internal | Code::Damaged);
    let message = if inner { "something went wrong" } else { &error.message };
    let shown = |text: &Option<String>| text.clone().filter(|_| !inner);
    ErrorShape {
        code: error.code.name(),
        message: message.to_owned(),
        field: shown(&error.field),
        hint: shown(&error.hint),
    }
}

/// An error on its way to whoever may read it in another language.
#[derive(Clone)]
struct Told(Arc<ErrorShape>);

/// Puts an answer that is an error into the language of whoever asked.
pub(super) fn translate(lang: Lang, response: Response) -> Response {
    let Some(Told(told)) = response.extensions().get::<Told>().cloned() else { return response };
    let sentence = |text: &String| catalogue::sentence(lang, text);
    let error = ErrorShape {
        code: told.code,
        message: sentence(&told.message),
        field: told.field.clone(),
        hint: told.hint.as_ref().map(sentence),
    };
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.name()));
    let body = serde_json::to_vec(&ErrorBody { error }).unwrap_or_default();
    Response::from_parts(head, Body::from(body))
}

fn answer(error: &Error, body: impl Serialize) -> Response {
    let status = status(error.code);
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        _ => {}
    }
    if status.is_server_error() {
        response.extensions_mut().insert(Failure(error.chain().into()));
    }
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let shape = shape(&self.0);
        let told = Told(Arc::new(shape.clone()));
        let mut response = answer(&self.0, ErrorBody { error: shape });
        response.extensions_mut().insert(told);
        response
    }
}

/// An error to a client of Segment's, which looks for three words of its own.
#[derive(Serialize, ToSchema)]
pub(super) struct CollectError {
    /// Never.
    success: bool,
    /// As in `error`.
    code: &'static str,
    /// As in `error`.
    message: String,
    /// The error.
    error: ErrorShape,
}

/// An error as a client of Segment's understands it.
pub(super) fn refusal(error: &Error) -> Response {
    let error_shape = shape(error);
    let (code, message) = (error_shape.code, error_shape.message.clone());
    answer(error, CollectError { success: false, code, message, error: error_shape })
}

/// What any part of the API may answer besides what was asked for.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) enum Refusals {
    /// A parameter is wrong
    #[response(status = 400)]
    Bad(ErrorBody),
    /// Nobody has signed in, or the secret key is wrong
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// Whoever asks may not do this
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// Too much is going on; try again after the seconds in `Retry-After`
    #[response(status = 429)]
    Busy(ErrorBody),
    /// Something went wrong here
    #[response(status = 500)]
    Internal(ErrorBody),
    /// It took too long
    #[response(status = 504)]
    Timeout(ErrorBody),
}

/// Nothing is at that address.
pub(super) async fn nothing() -> Refusal {
    Refusal(Error::missing("nothing is at this address").hint("GET /api/openapi.json lists all"))
}

/// Something is at that address, but not for this method.
pub(super) async fn other_method() -> Refusal {
    let error = Error::new(Code::WrongMethod, "this address does not answer that method");
    Refusal(error.hint("the header Allow names those that it answers"))
}
