//! A DHCP client for tests, many clients in one: it takes leases like a relay agent's subnet and keeps its own record
//! of what it was given, which is the only judge of duplicates and of leases that were lost.

mod exchange;
mod packet;
mod record;

pub use exchange::{Action, Options, Summary, run};
pub use record::{Held, Record};
