//! The endpoint's states and arcs, as the code has them: `endpoint-states.md` and `endpoint-states.dot`.
//!
//! Everything here asks the engine's own functions; nothing is typed in. The table that was
//! typed in from the text is `src/engine/spec/transitions.toml`, which the engine's tests compare.

use std::fmt::Write as _;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::config::{Config, Pool};
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::endpoint::Endpoint;
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::Inline;
use dhcpfo_engine::transition::{Cause, Next, asks_for_updates, transition};
use dhcpfo_time::{Clock, Span, Time};

/// What one cause does in one state, to either role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The state.
    pub state: State,
    /// The cause.
    pub cause: Cause,
    /// What comes of it, primary first.
    pub next: [Next; 2],
}

/// Everything a partner can report.
fn reports() -> impl Iterator<Item = Reported> {
    State::ALL.into_iter().map(Reported::In).chain([Reported::Paused, Reported::Shutdown])
}

fn causes() -> impl Iterator<Item = Cause> {
    let others = [
        Cause::UpdateDone,
        Cause::CommunicationsFailed,
        Cause::PartnerDownCommand,
        Cause::SafePeriodOver,
        Cause::RecoverWaitOver,
    ];
    reports().map(Cause::Partner).chain(others)
}

/// Every state and cause, in the order of the documents.
pub fn endpoint_states(rules: &Rules) -> Vec<Row> {
    let row = |state, cause| {
        let next = Role::ALL.map(|role| transition(rules, role, state, cause, None));
        Row { state, cause, next }
    };
    State::ALL.into_iter().flat_map(|state| causes().map(move |cause| (state, cause))).map(|(s, c)| row(s, c)).collect()
}

fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::Partner(partner) => partner.name(),
        Cause::UpdateDone => "UPDDONE",
        Cause::CommunicationsFailed => "communications failed",
        Cause::PartnerDownCommand => "operator: partner down",
        Cause::SafePeriodOver => "safe period over",
        Cause::RecoverWaitOver => "RECOVER-WAIT over",
    }
}

fn next_word(next: Next) -> &'static str {
    match next {
        Next::Stay => "stays",
        Next::To(state) => state.name(),
        Next::Halt => "halts",
    }
}

fn service_word(service: Service) -> &'static str {
    match service {
        Service::Silent => "unresponsive",
        Service::RenewOnly => "renewals only",
        Service::Balanced => "balanced",
        Service::Responsive => "responsive",
    }
}

/// One label for causes that do the same: what the partner reports, then the rest.
fn causes_word(causes: &[Cause]) -> String {
    let words = |partner: bool| {
        let of = causes.iter().filter(|cause| matches!(cause, Cause::Partner(_)) == partner);
        of.map(|&cause| cause_word(cause)).collect::<Vec<_>>().join(", ")
    };
    let (partner, other) = (words(true), words(false));
    match (partner.is_empty(), other.is_empty()) {
        (true, _) => other,
        (false, true) => format!("partner {partner}"),
        (false, false) => format!("partner {partner}; {other}"),
    }
}

/// Causes of one state with the same outcome, in the order of the first of them.
fn grouped(rows: &[Row], state: State) -> Vec<([Next; 2], Vec<Cause>)> {
    let mut groups: Vec<([Next; 2], Vec<Cause>)> = Vec::new();
    for row in rows.iter().filter(|row| row.state == state) {
        match groups.iter_mut().find(|(next, _)| *next == row.next) {
            Some((_, causes)) => causes.push(row.cause),
            None => groups.push((row.next, vec![row.cause])),
        }
    }
    groups
}

/// A clock for finding out where a restart leads: it stands still, and every span is over at once.
struct Still;

impl Clock for Still {
    fn now(&self) -> Time {
        Time::from_raw(1)
    }

    fn after(&mut self, base: Time, _: Span) -> Time {
        base
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

/// The state in which a server resumes after a restart that found `state`.
fn resumes(rules: &Rules, role: Role, state: State) -> State {
    let config = Config {
        role,
        rules: *rules,
        buckets: Buckets::first(128),
        pool: Pool { secondary_share: 50, slack: None, ask: false, cover: false },
        safe_period: false,
        remember_last: false,
    };
    let found = Durable::found(Some(EndpointRecord::of(state)), Inline::<1>::new(&[], &[]));
    Endpoint::<Inline<1>, 1>::start(&config, found, &mut Still, &mut |_| {}).state()
}

/// The partner's states in which updates are asked for.
fn asking(rules: &Rules, role: Role, state: State) -> String {
    let partners: Vec<_> = reports().filter(|&partner| asks_for_updates(rules, role, state, partner)).collect();
    if partners.is_empty() {
        "no".into()
    } else if partners.len() == reports().count() {
        "always".into()
    } else {
        partners.iter().map(|partner| partner.name()).collect::<Vec<_>>().join(", ")
    }
}

fn both(words: [String; 2]) -> String {
    let [primary, secondary] = words;
    if primary == secondary { primary } else { format!("primary {primary}; secondary {secondary}") }
}

/// The text of `endpoint-states.md`.
pub fn markdown(rules: &Rules, dialect: &str) -> String {
    let rows = endpoint_states(rules);
    let mut out = format!(
        "# Endpoint states\n\nGenerated from the engine, dialect `{dialect}`; do not edit. `partner` lists what a STATE \
         message reports.\nAfter a restart a server is in STARTUP first, and unresponsive.\n\n\
         | state | clients | asks for updates, partner in | after a restart |\n| --- | --- | --- | --- |\n"
    );
    for state in State::ALL {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            state.name(),
            service_word(service(rules, state, None)),
            both(Role::ALL.map(|role| asking(rules, role, state))),
            both(Role::ALL.map(|role| resumes(rules, role, state).name().to_string())),
        );
    }
    for state in State::ALL {
        let _ = write!(out, "\n## {}\n\n| cause | next |\n| --- | --- |\n", state.name());
        for (next, causes) in grouped(&rows, state) {
            let next = both(next.map(|next| next_word(next).to_string()));
            let _ = writeln!(out, "| {} | {next} |", causes_word(&causes));
        }
    }
    out
}

/// The text of `endpoint-states.dot`, for Graphviz. Arcs that lead nowhere are left out.
pub fn dot(rules: &Rules, dialect: &str) -> String {
    let rows = endpoint_states(rules);
    let mut out =
        format!("// Generated from the engine, dialect {dialect}; do not edit.\ndigraph endpoint_states {{\n");
    out.push_str(
        "  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=9];\n",
    );
    for state in State::ALL {
        let clients = service_word(service(rules, state, None));
        let _ = writeln!(out, "  \"{0}\" [label=\"{0}\\n({clients})\"];", state.name());
    }
    for state in State::ALL {
        for (next, causes) in grouped(&rows, state) {
            let [primary, secondary] = next;
            let arcs: &[(&str, Next)] = &[("primary: ", primary), ("secondary: ", secondary)];
            let arcs = if primary == secondary { &[("", primary)] } else { arcs };
            for (who, next) in arcs {
                if *next != Next::Stay {
                    let label = format!("{who}{}", causes_word(&causes)).replace(", ", ",\\n").replace("; ", ";\\n");
                    let _ = writeln!(out, "  \"{}\" -> \"{}\" [label=\"{label}\"];", state.name(), next_word(*next));
                }
            }
        }
    }
    out.push_str("}\n");
    out
}
