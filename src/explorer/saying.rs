//! Actions in words, and whose they are.

use dhcpfo_engine::state::Role;
use dhcpfo_report::words::Words;
use dhcpfo_world::action::{Action, Deed, Order, Since, Timer, What};
use dhcpfo_world::clients::Body;
use dhcpfo_world::play::Scale;
use dhcpfo_world::system::System;

/// Words without times: those of an order have no length.
pub fn words(now: dhcpfo_time::Time) -> Words {
    Words { scale: Scale { per_second: 1 }, now }
}

/// Under which heading an action stands.
pub fn actor(action: &Action) -> String {
    match action.what {
        What::Tick => "time".to_owned(),
        _ if action.crash_after.is_some() => "faults".to_owned(),
        What::Connect | What::Reconnect | What::Break | What::Deafen(_) => "link".to_owned(),
        What::Crash { .. } | What::Restart(_) | What::Lose(_) | What::Duplicate(_) => "faults".to_owned(),
        What::Operator(..) | What::RestartChanged(_) | What::SwapRoles | What::BackUp(_) | What::PutBack(_) => {
            "operator".to_owned()
        }
        What::Wake(role) | What::Over(_, role) | What::Deliver(role) | What::Notice(role) => role.name().to_owned(),
        What::Client { lost: true, .. } => "faults".to_owned(),
        What::Client { client, .. } => format!("client {client}"),
        What::Arrive(packet) => match packet.body {
            Body::Ask(_) => packet.server.name().to_owned(),
            Body::Answer(_) => format!("client {}", packet.client),
        },
    }
}

/// An action as a sentence.
pub fn sentence(system: &System, now: dhcpfo_time::Time, action: &Action) -> String {
    let mut text = what(system, now, &action.what);
    if let Some(places) = action.places {
        text += &format!(", looking at{places}, in this order");
    }
    if let Some(effects) = action.crash_after {
        let effects = if effects == 1 { "its first effect".to_owned() } else { format!("{effects} effects") };
        text += &format!(", and crashes after {effects}");
    }
    text
}

fn what(system: &System, now: dhcpfo_time::Time, what: &What) -> String {
    let the = |role: Role| format!("the {}", role.name());
    match *what {
        What::Tick => "time passes, to the next instant that can be told apart".to_owned(),
        What::Wake(role) => format!("{} does what is due", the(role)),
        What::Over(Timer::Startup, role) => format!("STARTUP is over for {}", the(role)),
        What::Over(Timer::SafePeriod, role) => format!("the safe period is over for {}", the(role)),
        What::Deliver(role) => {
            let message = system.link.head(role).map(|message| words(now).message(message)).unwrap_or_default();
            format!("{} reads {message}", the(role))
        }
        What::Notice(role) => format!("{} notices that the connection is gone", the(role)),
        What::Connect => "the servers connect".to_owned(),
        What::Reconnect => "the servers connect anew; one of them still believed in the old connection".to_owned(),
        What::Break => "the connection breaks".to_owned(),
        What::Deafen(role) => format!("nothing arrives at {} any more, while its partner still hears it", the(role)),
        What::Crash { server, storage: false } => format!("{} crashes", the(server)),
        What::Crash { server, storage: true } => format!("{} crashes, and its stable storage is lost", the(server)),
        What::Restart(role) => format!("{} is started", the(role)),
        What::RestartChanged(role) => format!("{} is started with its configuration changed", the(role)),
        What::SwapRoles => "the operator gives each server the other one's role".to_owned(),
        What::BackUp(role) => format!("the operator copies the stable storage of {}", the(role)),
        What::PutBack(role) => {
            format!("the operator puts the copy back in place of the stable storage of {}", the(role))
        }
        What::Operator(role, order) => match order {
            Order::PartnerDown => format!("the operator tells {} that its partner is down", the(role)),
            Order::PartnerDownSince(Since::Stop) => {
                format!("the operator tells {} that its partner is down since it stopped serving", the(role))
            }
            Order::PartnerDownSince(Since::Contact) => {
                format!("the operator tells {} that its partner is down since the connection was lost", the(role))
            }
            Order::Set(state) => format!("the operator puts {} into {}", the(role), state.name()),
            Order::Pause => format!("the operator pauses {}", the(role)),
            Order::Shutdown => format!("the operator shuts {} down", the(role)),
            Order::Reset(address) => format!("the operator resets a{} at {}", address.0, the(role)),
            Order::Rebalance => format!("the operator has {} restore the balance", the(role)),
        },
        What::Client { client, deed, server, lost } => {
            let with = server.map(|role| format!(" with {}", the(role))).unwrap_or_default();
            let lost = if lost { "; the answer is lost" } else { "" };
            match deed {
                Deed::Obtain(address) => format!("client {client} obtains a{}{with}{lost}", address.0),
                Deed::Discover => format!("client {client} sends DHCPDISCOVER"),
                Deed::Renew => format!("client {client} renews{with}{lost}"),
                Deed::Rebind => format!("client {client} rebinds{with}{lost}"),
                Deed::Reboot => format!("client {client} reboots and asks for its address{with}{lost}"),
                Deed::Release => format!("client {client} releases its address{with}"),
                Deed::Decline => format!("client {client} declines its address{with}"),
                Deed::Inform => format!("client {client} asks for parameters only{with}"),
                Deed::Switch => format!("client {client} turns to its other interface"),
                Deed::GiveUp => format!("client {client} stops waiting for an answer"),
            }
        }
        What::Arrive(packet) => format!("arrives: {packet}"),
        What::Lose(packet) => format!("is lost: {packet}"),
        What::Duplicate(packet) => format!("is duplicated: {packet}"),
    }
}
