//! The log on standard error, and traces for an OpenTelemetry collector where one is named.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use base::{Code, Error, Result};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::cli::Logs;

/// How long a collector may take with what it is sent.
const EXPORT_MAX: Duration = Duration::from_secs(10);
/// Where a collector takes traces, below its address (OTLP 1.0, section on OTLP/HTTP requests).
const TRACES: &str = "v1/traces";
/// What collectors call this program.
const SERVICE: &str = "shuke";

/// Traces that wait to be sent.
#[derive(Debug)]
pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Sends what waits.
    pub(crate) fn end(self) {
        if let Some(Err(error)) = self.0.map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Reads what a caller says of the trace that its request belongs to.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// The span of a request, which goes on with its caller's trace where that is told (W3C Trace
/// Context). Its names are those of OpenTelemetry's semantic conventions for HTTP servers.
pub(crate) fn request(
    (method, route): (&'static str, &str),
    id: &str,
    headers: &HeaderMap,
) -> Span {
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        request = id,
    );
    if !span.is_disabled() {
        let caller = TraceContextPropagator::new().extract(&Headers(headers));
        // One that is not traced has no parent either.
        let _ = span.set_parent(caller);
    }
    span
}

/// Begins with the log and with traces. To be called before there is a runtime: the sender of
/// traces has one of its own.
///
/// # Errors
/// `wrong_use` for a level or an address that will not do.
pub(crate) fn begin(asked: &Logs) -> Result<Traces> {
    let levels = EnvFilter::try_new(&asked.log).map_err(|cause| {
        Error::new(Code::WrongUse, format!("{:?} is no level of the log", asked.log))
            .field("--log")
            .hint("use error, warn, info, debug or trace, or such as warn,shuke=info")
            .because(cause)
    })?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match asked.log_format.as_str() {
        "json" => lines.json().flatten_event(true).with_current_span(true).boxed(),
        _ => lines.boxed(),
    };
    let provider = asked.otlp.as_deref().map(provider).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(SERVICE))
            .with_filter(filter_fn(|meta| meta.is_span() && *meta.level() <= LevelFilter::INFO))
    });
    tracing_subscriber::registry().with(spans).with(lines.with_filter(levels)).init();
    Ok(Traces(provider))
}

/// What sends traces to the collector at that address.
fn provider(address: &str) -> Result<SdkTracerProvider> {
    let wrong = |text: &str| {
        // The address may hold a password.
        Error::new(Code::WrongUse, text)
            .field("--otlp")
            .hint("use one such as http://127.0.0.1:4318")
    };
    let parsed = url::Url::parse(address).map_err(|cause| wrong("is no address").because(cause))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(wrong("is no address of HTTP"));
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/{TRACES}", address.trim_end_matches('/')))
        .with_timeout(EXPORT_MAX)
        .build()
        .map_err(|cause| wrong("cannot be sent to").because(cause))?;
    let resource = Resource::builder().with_service_name(SERVICE);
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = resource.with_attribute(version).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}
