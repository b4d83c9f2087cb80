//! Who may come in, and what they may do.

pub(crate) mod apikey;
