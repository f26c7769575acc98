//! The state of a system as lines of text, one for each thing that a reader follows.

use crate::words::Words;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::endpoint::{Phase, Session};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock as _, Standing};
use dhcpfo_world::clients::{Client, Lease, Waiting};
use dhcpfo_world::model::{Exchange, Model};
use dhcpfo_world::play::{Condition, Moment, Scale};
use dhcpfo_world::system::Server;

/// A line: whose it is, and what it says.
pub type StateLine = (String, String);

/// Every line of a moment, in a fixed order.
pub fn scene(model: &Model, scale: Scale, moment: &Moment) -> Vec<StateLine> {
    let words = Words { scale, now: moment.now };
    let link = match (moment.system.link.intact, moment.system.link.deaf) {
        (true, Some(end)) => format!("up, but nothing reaches the {} any more", end.name()),
        (true, None) => "up".to_owned(),
        (false, _) => "down".to_owned(),
    };
    let mut lines = vec![("link".to_owned(), link)];
    for role in Role::ALL {
        let server = moment.system.server(role);
        lines.push((role.name().to_owned(), condition(model, words, role, server)));
        for address in (0..model.addresses.len() as u32).map(AddressId) {
            let binding = server.durable().table().get(address);
            lines.push((role.name().to_owned(), words.binding(address, &binding)));
        }
    }
    for (number, state) in moment.system.clients[..model.client_count()].iter().enumerate() {
        lines.push((format!("client {number}"), client(words, state)));
    }
    if model.exchange == Exchange::Packets {
        let packets: Vec<String> = moment.system.packets(&Standing(moment.now)).collect();
        lines.push(("network".to_owned(), if packets.is_empty() { "quiet".to_owned() } else { packets.join(", ") }));
    }
    lines
}

/// The lines of `after` that say something else than those of `before`.
pub fn changed(model: &Model, scale: Scale, before: &Moment, after: &Moment) -> Vec<StateLine> {
    let (before, after) = (scene(model, scale, before), scene(model, scale, after));
    before.into_iter().zip(after).filter(|(before, after)| before != after).map(|(_, after)| after).collect()
}

fn condition(model: &Model, words: Words, role: Role, server: &Server) -> String {
    let condition = Condition::of(server);
    let record = server.durable().endpoint();
    let mut parts = vec![condition.name().to_owned()];
    if !matches!(condition, Condition::In(_)) {
        parts.push(record.map_or_else(|| "nothing recorded".to_owned(), |r| format!("recorded {}", r.state.name())));
    }
    if let Some(record) = record {
        let (name, ends) = match record.state {
            State::PartnerDown => ("partner's addresses rest until", record.partner_down_wait_ends),
            State::Recover | State::RecoverWait => ("RECOVER-WAIT ends", record.recover_wait_ends),
            _ => ("", dhcpfo_time::Time::LONG_AGO),
        };
        parts.extend(words.from_start(ends).map(|time| format!("{name} {time}")));
    }
    let Some(endpoint) = server.endpoint() else { return parts.join(", ") };
    let volatile = endpoint.volatile();
    if let Phase::Startup { ends } = volatile.phase {
        parts.extend(words.from_start(ends).map(|time| format!("ends {time}")));
    }
    if let Some(ends) = volatile.safe_period_ends {
        parts.extend(words.from_start(ends).map(|time| format!("safe period ends {time}")));
    }
    match volatile.session {
        Session::Down => parts.push("not connected".to_owned()),
        Session::Connected(_) => parts.push("connected".to_owned()),
        Session::Ok(conversation) => parts.push(format!("partner {}", conversation.partner.name())),
    }
    if endpoint.is_due(model.config(role), &Standing(words.now)) {
        parts.push("something is due".to_owned());
    }
    parts.join(", ")
}

fn client(words: Words, client: &Client) -> String {
    let mut parts = Vec::new();
    let running = |lease: Option<Lease>| lease.filter(|lease| !Standing(words.now).passed(lease.ends));
    let told = |lease: Lease| {
        let ends = words.from_start(lease.ends).map(|time| format!(" until {time}")).unwrap_or_default();
        format!("a{}{ends}, from the {}", lease.address.0, lease.from.name())
    };
    parts.push(running(client.lease).map_or_else(|| "no address".to_owned(), told));
    parts.extend(running(client.other).map(|lease| format!("on its other interface {}", told(lease))));
    match client.waiting {
        Waiting::Nothing => {}
        Waiting::Offer => parts.push("waits for an OFFER".to_owned()),
        Waiting::Choice(role, address) => parts.push(format!("waits for a{} of the {}", address.0, role.name())),
        Waiting::Extension => parts.push("waits for an extension".to_owned()),
    }
    parts.join(", ")
}
