//! placeholder
/// Preview.
pub fn preview() {}
