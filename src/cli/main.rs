//! The `dhcpfo` command.
fn main() {}
