//! placeholder
use base::Result;
use store::Cx;
/// Refresh.
pub async fn refresh(_cx: &Cx) -> Result<()> { Ok(()) }
