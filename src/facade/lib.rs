//! DHCP failover, searched, played and run at random: the library behind the command `dhcpfo`.
//!
//! # The contract
//!
//! A *model* is a closed system (two servers, clients, a network, an operator) with budgets, claims about it, and states
//! that it must reach. A search of a model ends in one of three verdicts:
//!
//! * **holds**: every state was visited that the model can reach within its budgets, and no claim is violated in any. Under the
//!   default clock (`timeout-order`) that is so for all lengths that satisfy the declared inequalities. Nothing is said
//!   about one crash more. States are told apart by 64-bit fingerprints; the answer has the odds of a loss.
//! * **refuted**: there is a shortest path to a violation, and it has real times for the model's lengths, with which it was
//!   replayed. A path without such times is no refutation: [`Times::Unrealisable`](study::answer::Times) says why.
//! * **cut-off**: a bound was met first. What was seen is as claimed; nothing is known of the rest. It never counts as holds.
//!
//! *Deterministic:* a model gives the same verdict, counts and counterexample lengths for any number of threads, unless it is
//! cut off by time or by a hand. A seed decides a random run, on any machine. The clock is read for time limits and the
//! elapsed time only. Model and scenario files are read by the function that you hand in; [`files::from_disk`] is one.
//!
//! # The rooms
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`files`] | model and scenario files to values, with errors that say line, key and what would be accepted |
//! | [`check`] | one model, one answer; what a changed rule changes; all combinations of budgets |
//! | [`simulate`] | random runs of a model; a pair of servers with many clients over years |
//! | [`audit`] | captures of real servers, held against the claims |
//! | [`report`] | transcripts, traces, diagrams, pages, packet captures |
//! | [`study`], [`protocols`] | a protocol of your own, searched, played and run at random; four small ones |
//! | [`world`], [`properties`] | the closed system and its actions; the claims and the states to be reached |
//! | [`engine`] | one failover endpoint and the lease rules, without clock, input or output |
//! | [`wire`] | failover frames, sessions and client packets as octets, without a socket |
//! | [`search`] | the searches; to them a state is octets |
//! | [`clock`], [`time`], [`header`] | notions of time; what a time is; what all model files have in common |
//!
//! The reference server, the page of the explorer and the command are no library: run `dhcpfo`.
//!
//! # An example
//!
//! In PARTNER-DOWN a server waits MCLT before it gives an address away that its partner may have leased. With that rule nothing
//! is refuted in the first six actions; without it the shortest way to a duplicate address has four.
//!
//! ```
//! use dhcpfo::check::run::{RunOptions, Times, run};
//! use dhcpfo::files::{from_disk, model::model};
//! use dhcpfo::search::Bound;
//!
//! const FILE: &str = r#"
//!     title = "One address, two clients"
//!     class = "smoke"
//!     claims = ["no-duplicate-address"]
//!     reaches = ["lease-given"]
//!
//!     [system]
//!     addresses = ["primary"]
//!     clients = 2
//!     split-steps = false             # no crash in the middle of a step
//!
//!     [budgets]
//!     leases = 2
//!     crashes = 1
//!     partner-downs = 1               # the operator's command, given when it is true
//!
//!     [expect]
//!     verdict = "holds"
//! "#;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The path of a file goes to disk, with those that it builds on; ours is above.
//! let read = |path: &str| if path == "mine.toml" { Ok(FILE.to_owned()) } else { from_disk(path) };
//! let mut file = model("mine.toml", &read)?;
//!
//! // `RunOptions::whole()` searches to the end: 1.8 million states here, and it holds.
//! let options = RunOptions { max_depth: Some(6), ..RunOptions::whole() };
//! let (answer, _) = run(&file.model, &options, &mut |_| ())?;
//! assert_eq!(answer.cut_off, Some(Bound::Depth));                       // cut-off: none is violated so far,
//! assert!(answer.claims[0].is_none() && answer.witnesses[0].is_some()); // and not for nothing
//!
//! file.overlay("partner-down-wait", "no-mclt")?;                        // the rule is left out
//! let (answer, _) = run(&file.model, &options, &mut |_| ())?;
//! let found = answer.claims[0].as_ref().ok_or("nothing is refuted")?;   // refuted
//! assert_eq!(found.length, 4);
//! let Times::Realised { actions, .. } = &found.times else { return Err("no real times".into()) };
//! for (seconds, action) in actions {
//!     println!("{seconds:>8}  {action}");                               // `dhcpfo play` takes such actions
//! }
//! # assert_eq!(actions.len(), 4);
//! # Ok(())
//! # }
//! ```

pub use dhcpfo_audit as audit;
pub use dhcpfo_check as check;
pub use dhcpfo_claims as claims;
pub use dhcpfo_clock as clock;
pub use dhcpfo_documents as documents;
pub use dhcpfo_engine as engine;
pub use dhcpfo_files as files;
pub use dhcpfo_header as header;
pub use dhcpfo_properties as properties;
pub use dhcpfo_protocols as protocols;
pub use dhcpfo_report as report;
pub use dhcpfo_search as search;
pub use dhcpfo_simulate as simulate;
pub use dhcpfo_study as study;
pub use dhcpfo_time as time;
pub use dhcpfo_wire as wire;
pub use dhcpfo_world as world;
