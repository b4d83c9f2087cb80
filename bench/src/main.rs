//! Shuke's side of `cargo xtask bench`.

fn main() {}
