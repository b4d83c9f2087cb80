//! placeholder
use base::Result;
use store::Cx;
use super::{Progress, Report, Request};
/// Preview.
pub async fn preview(_: Option<&Cx>, _: &Request, _: &mut (dyn FnMut(Progress) + Send)) -> Result<Report> { Ok(Report::default()) }
