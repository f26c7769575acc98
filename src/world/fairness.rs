//! What is not put off for ever, where a model assumes so: conditions under which whole runs are judged.
//!
//! A condition is about a kind of action and, where that is one of a server, about one server. It is never about one client or
//! address: where those that are alike are not told apart, a cycle of the search comes back with others in their places, and
//! of which of them something is demanded would be lost. That *some* client asks again and again is the same for all names.
//!
//! An action counts as done only if it is done to its end: not if the server crashes within it, nor if the answer is lost.

use crate::action::{Action, Deed, Order, Timer, What};
use crate::clients::Body;
use dhcpfo_claims::fair::Condition;
use dhcpfo_engine::state::Role;

/// Every condition, in the order of the documents.
pub const CONDITIONS: [Condition; 11] = [
    of("wakes", "a server does what is due", 2),
    of("startups", "the time of STARTUP is over", 2),
    of("safe-periods", "the safe period is over", 2),
    of("deliveries", "a message that is under way to a server is delivered", 2),
    of("notices", "a server notices that the connection is gone", 2),
    of("contact", "two servers that look for each other are connected", 1),
    of("restarts", "a server that is off is started, as it was configured", 2),
    of("declarations", "an operator declares a partner down, where a budget allows that", 2),
    of("requests", "some client that has no lease asks for one, and is answered", 1),
    of("renewals", "some client asks for more time, and is answered", 1),
    of("arrivals", "a packet between a client and a server arrives", 4),
];

const fn of(name: &'static str, about: &'static str, parts: u32) -> Condition {
    Condition { name, about, parts }
}

/// The condition that an action meets, by its name, and which part of it.
pub fn met_by(action: &Action) -> Option<(&'static str, u32)> {
    if action.crash_after.is_some() {
        return None;
    }
    let of_server = |name, role: Role| Some((name, role.index() as u32));
    match action.what {
        What::Wake(role) => of_server("wakes", role),
        What::Over(Timer::Startup, role) => of_server("startups", role),
        What::Over(Timer::SafePeriod, role) => of_server("safe-periods", role),
        What::Deliver(role) => of_server("deliveries", role),
        What::Notice(role) => of_server("notices", role),
        What::Connect => Some(("contact", 0)),
        What::Restart(role) => of_server("restarts", role),
        What::Operator(role, Order::PartnerDown) => of_server("declarations", role),
        What::Client { deed: Deed::Obtain(_) | Deed::Discover, lost: false, .. } => Some(("requests", 0)),
        What::Client { deed: Deed::Renew | Deed::Rebind | Deed::Reboot, lost: false, .. } => Some(("renewals", 0)),
        What::Arrive(packet) => {
            let to_client = u32::from(matches!(packet.body, Body::Answer(_)));
            Some(("arrivals", 2 * to_client + packet.server.index() as u32))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_is_a_condition_that_has_such_a_part() {
        let texts = [
            "wake primary",
            "startup over secondary",
            "safe-period over primary",
            "deliver secondary",
            "notice primary",
            "link up",
            "restart secondary",
            "operator secondary partner-down",
            "client 0 obtain a0 primary",
            "client 1 renew secondary",
            "arrive secondary to client 0 NAK",
        ];
        let met: Vec<_> = texts.map(|text| met_by(&text.parse().expect(text)).expect(text)).into_iter().collect();
        for (condition, (name, part)) in CONDITIONS.iter().zip(met) {
            assert_eq!(condition.name, name);
            assert!(part < condition.parts, "{name} {part}");
        }
        for text in ["deliver secondary, crash after 1", "client 1 renew secondary answer lost", "crash primary"] {
            assert_eq!(met_by(&text.parse().expect(text)), None, "{text}");
        }
    }
}
