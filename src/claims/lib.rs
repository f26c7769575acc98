//! The catalogue of claims: what each is called and says, where the specification says so, what it does not say, and who
//! judges it. Whoever judges refers to an entry here, so that a sentence stands once and a name means one thing.
//!
//! * `entry`: what an entry has;
//! * [`common`]: what is claimed of more than one protocol. Claims that mean the same name the same entry as their base;
//! * [`draft_12`]: the claims about the failover protocol;
//! * [`kea_ha`]: those about Kea's high availability, which searches and the audit judge. Those of any other small protocol
//!   stand in its own folder;
//! * [`fair`]: what is taken to be fair where something is claimed of whole runs.
//!
//! Claims judge what clients hold and what servers store and send. The state of a server counts among that: it is
//! recorded, and said in STATE; and a server that answers nothing yet, as it is in STARTUP, says that, too. A claim that looks
//! at anything else of what a server thinks says so in [`Entry::reads`], with the reason.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod common;
pub mod draft_12;
mod entry;
pub mod fair;
pub mod kea_ha;

pub use entry::{Entry, Judge};
