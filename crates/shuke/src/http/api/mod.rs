//! `/api/v1`: what is in a shop, for programs that have a secret key of it.

mod activity;
mod audit;
mod checkout;
mod coupon;
mod customer;
mod earn;
mod event;
mod exchange;
pub(crate) mod export;
mod import;
mod job;
mod key;
mod kpi;
mod ledger;
mod lifecycle;
mod me;
mod oidc;
mod order;
mod plan;
mod points;
mod positioning;
mod preference;
mod privacy;
mod product;
mod promotion;
pub(crate) mod query;
mod quote;
mod reward;
mod rfm;
pub(super) mod segment;
mod session;
mod shop;
mod source;
mod stacking;
mod staff;
mod start;
mod state;
mod system;
mod tag;
mod tail;
mod tier;
mod upload;
mod view;
mod wallet;

use std::path::Path;

use axum::Json;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base::{Error, Result, Time};
use serde::Serialize;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::asked::mark;
use super::error::{ErrorBody, Refusal};

/// What a handler answers.
type Answer<T> = Result<Json<T>, Refusal>;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Paged<T> {
    /// The rows.
    data: Vec<T>,
    /// What to send as `after` for the next page; null after the last row.
    #[schema(required = true)]
    next: Option<String>,
    /// Rows of all pages, where the list counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
}

pub(super) fn routes() -> OpenApiRouter<App> {
    customers()
        .merge(segments())
        .merge(benefits())
        .routes(routes!(view::list, view::make))
        .routes(routes!(view::remove))
        .routes(routes!(order::list::list))
        .routes(routes!(order::whole))
        .routes(routes!(order::one))
        .routes(routes!(product::list))
        .routes(routes!(product::one))
        .routes(routes!(event::list))
        .routes(routes!(rfm::show))
        .routes(routes!(rfm::runs))
        .routes(routes!(rfm::movement))
        .routes(routes!(rfm::preview))
        .routes(routes!(rfm::set))
        .routes(routes!(upload::receive))
        .routes(routes!(upload::mappings))
        .routes(routes!(import::preview))
        .routes(routes!(import::list, import::begin))
        .routes(routes!(import::one))
        .routes(routes!(import::resume))
        .routes(routes!(import::undo))
        .routes(routes!(import::cancel))
        .routes(routes!(import::rejects))
        .routes(routes!(import::rejects_file))
        .routes(routes!(job::list))
        .routes(routes!(job::one, job::cancel))
        .routes(routes!(export::begin))
        .routes(routes!(export::fetch))
        .routes(routes!(source::list, source::make))
        .routes(routes!(source::set_pace))
        .routes(routes!(tail::list))
        .routes(routes!(source::remove))
        .routes(routes!(key::list, key::make))
        .routes(routes!(key::rotate))
        .routes(routes!(key::remove))
        .routes(routes!(audit::list))
        .routes(routes!(shop::show, shop::edit))
        .routes(routes!(shop::make))
        .routes(routes!(shop::demo))
        .routes(routes!(system::show))
        .routes(routes!(kpi::show))
        .routes(routes!(state::show))
        .routes(routes!(state::todo))
        .routes(routes!(query::ask))
        .routes(routes!(query::schema))
        .routes(routes!(start::show, start::begin))
        .routes(routes!(start::link, start::follow))
        .routes(routes!(session::show, session::begin, session::end))
        .routes(routes!(session::list, session::end_others))
        .routes(routes!(session::end_one))
        .routes(routes!(oidc::begin))
        .routes(routes!(oidc::back))
        .routes(routes!(me::edit))
        .routes(routes!(me::password))
        .routes(routes!(me::begin, me::confirm, me::drop))
        .routes(routes!(staff::list))
        .routes(routes!(staff::invite_one))
        .routes(routes!(staff::uninvite))
        .routes(routes!(staff::set_role, staff::remove))
        .routes(routes!(staff::reset))
        .routes(routes!(staff::roles))
        .routes(routes!(staff::put_role, staff::remove_role))
}

fn customers() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(customer::list::list))
        .routes(routes!(customer::list::facets))
        .routes(routes!(customer::one))
        .routes(routes!(customer::whole::show))
        .routes(routes!(customer::whole::reveal))
        .routes(routes!(customer::merge::merge_preview, customer::merge::merge))
        .routes(routes!(customer::merge::unmerge_preview, customer::merge::unmerge))
        .routes(routes!(customer::erase::erase))
        .routes(routes!(customer::erase::privacy))
        .routes(routes!(privacy::show, privacy::set))
        .routes(routes!(customer::timeline::list))
        .routes(routes!(customer::note::list, customer::note::add))
        .routes(routes!(customer::note::remove))
}

fn segments() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(segment::list, segment::make))
        .routes(routes!(segment::listed::make))
        .routes(routes!(segment::look::preview))
        .routes(routes!(segment::look::explain))
        .routes(routes!(segment::phrase::read))
        .routes(routes!(segment::look::overlap))
        .routes(routes!(segment::look::compared))
        .routes(routes!(segment::word::list))
        .routes(routes!(segment::word::ready))
        .routes(routes!(segment::one, segment::edit, segment::remove))
        .routes(routes!(segment::set_state))
        .routes(routes!(segment::snapshot))
        .routes(routes!(segment::versions))
        .routes(routes!(segment::growth))
        .routes(routes!(segment::moves))
        .routes(routes!(segment::mover::list))
        .routes(routes!(segment::schema::show))
        .routes(routes!(segment::breakdown))
        .routes(routes!(segment::look::why))
        .routes(routes!(earn::list, earn::make))
        .routes(routes!(earn::edit, earn::remove))
        .routes(routes!(earn::would))
        .routes(routes!(tag::list, tag::make))
        .routes(routes!(tag::edit, tag::remove))
        .routes(routes!(tag::people_of))
        .routes(routes!(tag::batches))
        .routes(routes!(tag::undo))
        .routes(routes!(tag::deed::people))
        .routes(routes!(tag::of_customer))
        .routes(routes!(tag::deed::history))
        .routes(routes!(lifecycle::show))
        .routes(routes!(lifecycle::preview))
        .routes(routes!(lifecycle::set))
        .routes(routes!(positioning::show))
        .routes(routes!(positioning::set))
        .routes(routes!(preference::show))
        .routes(routes!(preference::set))
        .routes(routes!(preference::of_customer))
        .routes(routes!(customer::relation::relations))
        .routes(routes!(customer::consent::set))
}

fn benefits() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tier::list, tier::make))
        .routes(routes!(tier::edit, tier::remove))
        .routes(routes!(tier::grant))
        .routes(routes!(tier::grants))
        .routes(routes!(tier::end))
        .routes(routes!(tier::of_customer))
        .routes(routes!(plan::show, plan::set))
        .routes(routes!(plan::usual))
        .routes(routes!(plan::preview))
        .routes(routes!(activity::list, activity::make))
        .routes(routes!(activity::edit, activity::remove))
        .routes(routes!(wallet::show))
        .routes(routes!(wallet::transfers))
        .routes(routes!(wallet::adjust))
        .routes(routes!(wallet::adjustments))
        .routes(routes!(wallet::decide))
        .routes(routes!(points::earn))
        .routes(routes!(points::spend))
        .routes(routes!(points::refund))
        .routes(routes!(points::settle))
        .routes(routes!(ledger::show))
        .routes(routes!(ledger::set_policy))
        .merge(coupons())
        .merge(offers())
}

fn offers() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(promotion::list, promotion::make))
        .routes(routes!(promotion::one, promotion::edit, promotion::remove))
        .routes(routes!(promotion::end))
        .routes(routes!(stacking::show, stacking::set))
        .routes(routes!(quote::ask))
        .routes(routes!(reward::rewards, reward::make))
        .routes(routes!(reward::edit, reward::remove))
        .routes(routes!(exchange::take))
        .routes(routes!(exchange::list))
        .routes(routes!(exchange::done))
        .routes(routes!(exchange::cancel))
        .routes(routes!(exchange::of_customer))
        .routes(routes!(checkout::list, checkout::lock))
        .routes(routes!(checkout::one))
        .routes(routes!(checkout::redeem))
        .routes(routes!(checkout::rollback))
        .routes(routes!(checkout::refund))
        .routes(routes!(checkout::preview))
}

fn coupons() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(coupon::list, coupon::make))
        .routes(routes!(coupon::one, coupon::edit))
        .routes(routes!(coupon::end))
        .routes(routes!(coupon::decide))
        .routes(routes!(coupon::cost))
        .routes(routes!(coupon::policy, coupon::set_policy))
        .routes(routes!(coupon::batch::list, coupon::batch::issue))
        .routes(routes!(coupon::batch::cancel))
        .routes(routes!(coupon::batch::codes))
        .routes(routes!(coupon::batch::claim))
        .routes(routes!(coupon::code::validate))
        .routes(routes!(coupon::code::lock))
        .routes(routes!(coupon::code::redeem))
        .routes(routes!(coupon::code::rollback))
        .routes(routes!(coupon::code::find, coupon::code::withdraw))
        .routes(routes!(coupon::code::of_customer))
}

/// The first `limit` of `rows`, which are one more where there are more; `place` is a row's in the
/// list.
fn paged<R, M: Serialize, T>(
    rows: Vec<R>,
    limit: u32,
    place: impl Fn(&R) -> M,
    show: impl FnMut(R) -> T,
) -> Result<Paged<T>> {
    let Paged { data, next, total } = paged_of(rows, limit, place)?;
    Ok(Paged { data: data.into_iter().map(show).collect(), next, total })
}

/// As [`paged`], of rows that are not shown yet.
fn paged_of<R, M: Serialize>(
    mut rows: Vec<R>,
    limit: u32,
    place: impl Fn(&R) -> M,
) -> Result<Paged<R>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| mark(&place(row))).transpose()?;
    Ok(Paged { data: rows, next, total: None })
}

/// A moment as answers show it.
fn micros(at: Time) -> String {
    at.to_string()
}

/// A stored moment as answers show it.
fn time(micros: Option<i64>) -> Option<String> {
    micros.map(|micros| Time::from_micros(micros).to_string())
}

/// A file of ours to be kept by whoever asks.
async fn file(path: &Path, name: String) -> Result<Response, Refusal> {
    let missing = |_| Error::missing("there is no such file, or it has had its time");
    let file = tokio::fs::File::open(path).await.map_err(missing)?;
    let length = file.metadata().await.map_err(Error::from)?.len();
    Ok(attached(&name, length, Body::from_stream(ReaderStream::new(file))))
}

/// A file of so many bytes as an answer.
fn attached(name: &str, bytes: u64, body: Body) -> Response {
    let kept = format!("attachment;filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv;charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, kept),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body).into_response()
}
