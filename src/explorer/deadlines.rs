//! The times of a state by name, in their order: a line with the present instant on it.

use crate::walk::Moment;
pub use dhcpfo_clock::Place;
use dhcpfo_engine::effect::Answer;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::Time;
use dhcpfo_world::clients::Body;
use dhcpfo_world::model::Model;
use dhcpfo_world::system::{Server, System};

/// Every time of a system that a person asks for, with its name, long and short.
pub fn named(model: &Model, system: &System) -> Vec<(Time, String, String)> {
    let mut all = Vec::new();
    for (number, client) in system.clients[..model.client_count()].iter().enumerate() {
        if let Some(lease) = client.lease {
            let address = lease.address.0;
            all.push((lease.ends, format!("client {number} a{address} ends"), format!("c{number}·a{address}")));
        }
    }
    for role in Role::ALL {
        of_server(model, system.server(role), role, &mut all);
        let (name, letter) = (role.name(), letter(role));
        for flying in &system.link.towards[role.index()] {
            all.push((flying.by, format!("{name}: message read or given up"), format!("{letter}·read")));
        }
        let notice = system.link.notice_by[role.index()];
        all.push((notice, format!("{name}: the break is noticed"), format!("{letter}·notice")));
    }
    for packet in &system.network {
        if let Body::Answer(Answer::Ack(address, ends)) = packet.body {
            let (client, address) = (packet.client, address.0);
            let name = format!("ACK to client {client}: a{address} ends");
            all.push((ends, name, format!("ack·a{address}")));
        }
    }
    all
}

/// One letter for a server.
pub fn letter(role: Role) -> &'static str {
    match role {
        Role::Primary => "P",
        Role::Secondary => "S",
    }
}

fn of_server(model: &Model, server: &Server, role: Role, all: &mut Vec<(Time, String, String)>) {
    let (name, letter) = (role.name(), letter(role));
    let mut add =
        |time, long: String, short: String| all.push((time, format!("{name} {long}"), format!("{letter}·{short}")));
    let durable = server.durable();
    for number in 0..model.addresses.len() as u32 {
        let binding = durable.table().get(dhcpfo_engine::binding::AddressId(number));
        let times = [
            (binding.lease_expiration, "ends"),
            (binding.sent_potential_expiration, "sent"),
            (binding.acked_potential_expiration, "acked"),
            (binding.received_potential_expiration, "received"),
            (binding.wait_ends, "rests"),
        ];
        for (time, name) in times {
            add(time, format!("a{number} {name}"), format!("a{number}.{name}"));
        }
    }
    if let Some(record) = durable.endpoint() {
        match record.state {
            State::PartnerDown => {
                add(record.partner_down_wait_ends, "partner's addresses rest".to_owned(), "rest".to_owned());
            }
            State::Recover | State::RecoverWait => {
                add(record.recover_wait_ends, "RECOVER-WAIT ends".to_owned(), "recover-wait".to_owned());
            }
            _ => {}
        }
    }
    if let Some(endpoint) = server.endpoint() {
        if let Phase::Startup { ends } = endpoint.volatile().phase {
            add(ends, "STARTUP ends".to_owned(), "startup".to_owned());
        }
        if let Some(ends) = endpoint.volatile().safe_period_ends {
            add(ends, "safe period ends".to_owned(), "safe-period".to_owned());
        }
    }
}

/// The instants from now on that can be told apart, each with the names of what falls on it, long and short. The
/// first is now; what comes sometime is at the end.
pub fn line(model: &Model, moment: &Moment) -> Vec<(Place, Vec<(String, String)>)> {
    let mut line: Vec<(Place, Vec<(String, String)>)> = vec![(Place::Ahead(0), Vec::new())];
    let mut times = named(model, &moment.state);
    times.sort_by_key(|(time, ..)| Place::of(*time, moment.now));
    for (time, long, short) in times {
        let place = Place::of(time, moment.now);
        if place == Place::Past {
            continue;
        }
        match line.last_mut().filter(|(last, _)| *last == place) {
            Some((_, names)) => names.push((long, short)),
            None => line.push((place, vec![(long, short)])),
        }
    }
    line
}

/// The line in one row of text: `now < c0·a0 = P·a0.ends < P·a0.sent`.
pub fn in_words(model: &Model, moment: &Moment) -> String {
    let part = |(place, names): &(Place, Vec<(String, String)>)| {
        let names: Vec<&str> = names.iter().map(|(_, short)| short.as_str()).collect();
        match (place, names.is_empty()) {
            (Place::Ahead(0), true) => "now".to_owned(),
            (Place::Ahead(0), false) => format!("now = {}", names.join(" = ")),
            (Place::Sometime, _) => format!("sometime: {}", names.join(", ")),
            _ => names.join(" = "),
        }
    };
    line(model, moment).iter().map(part).collect::<Vec<_>>().join(" < ")
}
