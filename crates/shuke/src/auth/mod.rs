//! Who may come in, and what they may do.

pub(crate) mod apikey;
pub(crate) mod link;
pub(crate) mod oidc;
mod password;
pub(crate) mod permission;
pub(crate) mod session;
pub(crate) mod staff;
mod totp;
pub(crate) mod user;
