//! A state in words.

use crate::server::{Disabled, Lease, Request, Server, Update};
use crate::state::{Client, State, Wrong};
use crate::system::KeaHa;
use dhcpfo_time::Time;

type Say<'a> = &'a dyn Fn(Time) -> String;

impl KeaHa {
    pub(crate) fn lines(&self, state: &State, time: Say<'_>) -> Vec<(String, String)> {
        let servers = (0..2).flat_map(|server| self.server(server, &state.servers[server], time));
        let client = |number: u8| {
            let text = match state.clients[usize::from(number)] {
                Client::Without => "has no lease".to_owned(),
                Client::Holds { address, end } => format!("holds a{address} until {}", time(end)),
            };
            (format!("c{number}"), text)
        };
        let clients = (0..self.clients).map(client);
        let links = [("links".to_owned(), links(state, time))];
        let wrong = match state.wrong {
            Wrong::Nothing => None,
            Wrong::Refused => Some("a client was refused the lease that it had"),
            Wrong::AnsweredWithoutCopy => Some("a client was answered without a copy at the partner"),
            Wrong::LacksLease => Some("a server has synchronised, and lacks a lease of its partner"),
        };
        let wrong = wrong.map(|text| ("wrong".to_owned(), text.to_owned()));
        servers.chain(clients).chain(links).chain(wrong).collect()
    }

    fn server(&self, number: usize, server: &Server, time: Say<'_>) -> Vec<(String, String)> {
        let mut text = server.mode.to_string();
        let partner = server.partner.map_or("unavailable".to_owned(), |partner| partner.to_string());
        text += &format!(", partner {partner}");
        if let Some(end) = server.news {
            text += &format!(", next heartbeat by {}", time(end));
        }
        if let Some(end) = server.silence {
            text += &format!(", silent (too long from {})", time(end));
        }
        for (is, word) in [
            (server.unacked, "clients unanswered"),
            (server.unsent, "gave what was not sent"),
            (server.notified, "told that its partner is synchronised"),
            (server.read, "has read"),
            (server.queue.overflown, "queue overflown"),
            (server.rejected.iter().any(|end| *end != Time::LONG_AGO), "updates rejected"),
            (server.waits != Time::LONG_AGO, "waits"),
        ] {
            if is {
                text += &format!(", {word}");
            }
        }
        match server.disabled {
            Disabled::No => {}
            Disabled::Local => text += ", service off",
            Disabled::Reset => text += ", service off until its next heartbeat",
            Disabled::Until(end) => text += &format!(", service off until {}", time(end)),
        }
        let lease = |address: u8| {
            let lease = server.leases[usize::from(address)];
            format!("a{address} {}", lease.map_or("free".to_owned(), |lease| of_client(lease, time)))
        };
        let leases: Vec<String> = self.pool().map(lease).collect();
        let sent = (0..)
            .zip(server.requests.iter().flatten())
            .map(|(place, request)| (format!("s{number} request {place}"), sent(request, time)));
        let queued =
            server.queue.last.iter().flatten().map(|update| (format!("s{number} queued"), update_text(update, time)));
        let lines = [(format!("s{number}"), text), (format!("s{number} leases"), leases.join(", "))];
        lines.into_iter().chain(sent).chain(queued).collect()
    }
}

fn of_client(lease: Lease, time: Say<'_>) -> String {
    format!("c{} until {}", lease.client, time(lease.end))
}

fn update_text(update: &Update, time: Say<'_>) -> String {
    match update.deleted {
        true => format!("delete a{}", update.address),
        false => format!("a{} {}", update.address, of_client(update.lease, time)),
    }
}

fn sent(request: &Request, time: Say<'_>) -> String {
    let what = request.update.map_or("held up".to_owned(), |update| update_text(&update, time));
    let parked = if request.promised.is_some() { ", a client waits" } else { "" };
    format!("{what}{parked}, given up at {}", time(request.until))
}

fn links(state: &State, time: Say<'_>) -> String {
    let links = &state.links;
    let mut text = if links.cut { "control link cut".to_owned() } else { "control link works".to_owned() };
    for server in (0..2).filter(|&server| links.off_lan[server]) {
        text += &format!(", s{server} cut off from the clients");
    }
    if let Some((server, update)) = &links.late {
        text += &format!(", late for s{server}: {}", update_text(update, time));
    }
    if links.clocks_apart {
        text += ", clocks apart";
    }
    text
}
