//! Every action has one text form that parses back.

use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::{Standing, Time};
use dhcpfo_world::action::{Action, Deed, Order, Since, Timer, What};
use dhcpfo_world::clients::{Body, Network, Packet};
use dhcpfo_world::places::Places;

const ADDRESSES: [AddressId; 2] = [AddressId(0), AddressId(3)];

fn asks() -> Vec<Ask> {
    let mut asks = vec![Ask::Discover, Ask::Inform];
    for address in ADDRESSES {
        asks.extend([Ask::Select(address), Ask::Reboot(address), Ask::Renew(address)]);
        asks.extend([Ask::Rebind(address), Ask::Decline(address), Ask::Release(address)]);
    }
    asks
}

fn packets() -> Vec<Packet> {
    let mut bodies: Vec<Body> = asks().into_iter().map(Body::Ask).collect();
    for address in ADDRESSES {
        bodies.push(Body::Answer(Answer::Offer(address)));
        // In place of when the lease ends stands which of the ends under way that is.
        bodies.extend([0, 1, 7].map(|end| Body::Answer(Answer::Ack(address, Time::from_raw(end)))));
    }
    bodies.extend([Answer::Nak, Answer::Informed].map(Body::Answer));
    let of = |body: Body| Role::ALL.map(|server| Packet { client: 2, server, body });
    bodies.into_iter().flat_map(of).collect()
}

fn deeds() -> Vec<Deed> {
    let mut deeds: Vec<Deed> = ADDRESSES.map(Deed::Obtain).to_vec();
    deeds.extend([Deed::Discover, Deed::Renew, Deed::Rebind, Deed::Reboot, Deed::Release, Deed::Decline]);
    deeds.extend([Deed::Inform, Deed::GiveUp, Deed::Switch]);
    deeds
}

fn orders() -> Vec<Order> {
    let mut orders: Vec<Order> = ADDRESSES.map(Order::Reset).to_vec();
    orders.extend([Order::PartnerDown, Order::Pause, Order::Shutdown, Order::Rebalance]);
    orders.extend(Since::ALL.map(Order::PartnerDownSince));
    orders.extend(State::ALL.map(Order::Set));
    orders
}

/// One of each kind with each of its particulars. The match below fails to compile where a kind is missing.
fn everything() -> Vec<What> {
    let mut all = vec![What::Tick, What::Connect, What::Reconnect, What::Break, What::SwapRoles];
    for role in Role::ALL {
        all.extend([What::Wake(role), What::Deliver(role), What::Notice(role), What::Restart(role)]);
        all.extend([What::BackUp(role), What::PutBack(role), What::Deafen(role), What::RestartChanged(role)]);
        all.extend([Timer::Startup, Timer::SafePeriod].map(|timer| What::Over(timer, role)));
        all.extend([false, true].map(|storage| What::Crash { server: role, storage }));
        all.extend(orders().into_iter().map(|order| What::Operator(role, order)));
    }
    for deed in deeds() {
        // Only in whole exchanges is there an answer in the same action.
        all.push(What::Client { client: 1, deed, server: None, lost: false });
        for server in Role::ALL.map(Some) {
            all.extend([false, true].map(|lost| What::Client { client: 1, deed, server, lost }));
        }
    }
    for packet in packets() {
        all.extend([What::Arrive(packet), What::Lose(packet), What::Duplicate(packet)]);
    }
    all
}

/// The number of a kind, so that none can be forgotten.
fn kind(what: &What) -> usize {
    match what {
        What::Tick => 0,
        What::Wake(_) => 1,
        What::Over(..) => 2,
        What::Deliver(_) => 3,
        What::Notice(_) => 4,
        What::Connect => 5,
        What::Break => 6,
        What::Crash { .. } => 7,
        What::Restart(_) => 8,
        What::Operator(..) => 9,
        What::Client { .. } => 10,
        What::Arrive(_) => 11,
        What::Lose(_) => 12,
        What::Duplicate(_) => 13,
        What::BackUp(_) => 14,
        What::PutBack(_) => 15,
        What::Reconnect => 16,
        What::Deafen(_) => 17,
        What::RestartChanged(_) => 18,
        What::SwapRoles => 19,
    }
}

/// Every action with each place for a crash and each order that it may have.
fn actions() -> Vec<Action> {
    let mut all = Vec::new();
    for what in everything() {
        let crashes: &[_] = if what.may_be_split() { &[None, Some(1), Some(200)] } else { &[None] };
        let orders = [None, Places::of(&[1, 0]), Places::of(&[2, 3, 1, 0])];
        let orders = if what.depends_on_order() { &orders[..] } else { &orders[..1] };
        for &crash_after in crashes {
            all.extend(orders.iter().map(|&places| Action { what, crash_after, places }));
        }
    }
    all
}

#[test]
fn every_action_round_trips() {
    let all = everything();
    assert!((0..20).all(|number| all.iter().any(|what| kind(what) == number)));
    let mut texts = std::collections::HashSet::new();
    for action in actions() {
        let text = action.to_string();
        assert_eq!(text.parse(), Ok(action), "{text}");
        assert!(texts.insert(text.clone()), "two actions have the text `{text}`");
    }
}

/// One blank between two words, none around a comma but the one behind it.
fn plain(text: &str) -> String {
    let words: Vec<String> =
        text.split(',').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    words.join(", ")
}

/// Nothing that stands in a line is dropped: what is read has just that text, blanks aside.
#[test]
fn a_line_is_read_whole_or_refused() {
    let junk = [
        "banana",
        "losing storage",
        "losing",
        "answer lost",
        "answer",
        "lost",
        "primary",
        "secondary",
        "a0",
        "a1 a0",
        "0",
        "2",
        "end 2",
        "end",
        ",",
        ", crash after 2",
        ", crash after 2 banana",
        ", crash",
        ", crash after",
        ", looking at a1 a0",
        ", looking at",
        ", looking",
        ", crash primary",
        "over",
        "~1",
        "#",
        "+1",
        "at 1h",
        "partner-down",
        "tick",
        "1h",
        "\u{a0}x",
        "ä",
        "\t",
        " ",
    ];
    let mut refused = 0;
    for action in actions() {
        let text = action.to_string();
        for junk in junk {
            for line in
                [format!("{text} {junk}"), format!("{text}{junk}"), format!("{junk} {text}"), format!("{junk}{text}")]
            {
                match line.parse::<Action>() {
                    Ok(read) => assert_eq!(read.to_string(), plain(&line), "`{line}` is read as another action"),
                    Err(error) => {
                        refused += 1;
                        assert!(line.chars().count() + 1 >= error.column, "{line}: {error}");
                    }
                }
            }
        }
        for (cut, _) in text.char_indices() {
            if let Ok(read) = text[..cut].parse::<Action>() {
                assert_eq!(read.to_string(), plain(&text[..cut]));
            }
        }
    }
    assert!(refused > 10_000);
}

/// Acknowledgements that differ only in when their leases end are told apart by the order of these, under any clock.
#[test]
fn alike_acknowledgements_are_named_by_the_order_of_their_ends() {
    let ack =
        |server, end| Packet { client: 0, server, body: Body::Answer(Answer::Ack(AddressId(1), Time::from_raw(end))) };
    let now = Time::from_raw(5_000);
    let ends = [9_000, 7_000, 4_000, 3_000, 9_000];
    let mut network: Network = ends.into_iter().map(|end| ack(Role::Primary, end)).collect();
    network.push(ack(Role::Secondary, 8_000));
    let texts: Vec<String> = network.iter().map(|packet| packet.named(&network, &Standing(now)).to_string()).collect();
    // Those whose ends have passed are alike, and so are copies.
    let of_primary = ["ACK a1 end 3", "ACK a1 end 2", "ACK a1", "ACK a1", "ACK a1 end 3"];
    assert_eq!(texts[..5], of_primary.map(|ack| format!("primary to client 0 {ack}")));
    assert_eq!(texts[5], "secondary to client 0 ACK a1");
}

#[test]
fn blanks_do_not_matter_and_other_words_do() {
    assert_eq!("  link   down ".parse(), Ok(Action::of(What::Break)));
    let cases = [
        ("", "", "tick, wake"),
        ("crash", "", "primary or secondary"),
        ("crash both", "both", "primary or secondary"),
        ("crash primary losing", "", "storage"),
        ("client 0 obtain", "", "an address such as a0"),
        ("client 0 obtain 0", "0", "an address such as a0"),
        ("client 300 renew primary", "300", "a client's number"),
        ("client 0 renew primary answer", "", "lost"),
        ("link down now", "now", "the end of the line"),
        ("wake primary, crash after", "", "a number of effects"),
        ("wake primary, crash after 2 banana", "banana", "the end of the line"),
        ("client 0 renew primary, crash after 2 losing storage", "losing", "the end of the line"),
        ("wake primary, crash after 2, crash after 3", ",", "the end of the line"),
        ("wake primary, crash after 2, looking at a1 a0", ",", "the end of the line"),
        ("wake primary, crash after +2", "+2", "a number of effects"),
        ("wake primary,", "", "looking or crash"),
        ("arrive client 0 to primary DISCOVER, more", "more", "crash"),
        // No server does anything there that could be cut short.
        ("link down, crash after 2", ",", "the end of the line"),
        ("client 0 discover answer lost", "answer", "the end of the line"),
        ("client 00 renew primary", "00", "a client's number"),
        ("client 0 obtain a+1 primary", "a+1", "an address such as a0"),
        ("wake primary, looking a1 a0", "a1", "at"),
        ("wake primary, looking at", "", "all addresses, not in the order"),
        ("wake primary, looking at a0 a1", "a0", "all addresses, not in the order"),
        ("wake primary, looking at a2 a0", "a2", "all addresses, not in the order"),
        ("wake primary, looking at a1 a1", "a1", "all addresses, not in the order"),
        ("wake primary, looking at a1 a300", "a1", "all addresses, not in the order"),
        ("wake primary, looking at a4 a3 a2 a1 a0", "a4", "all addresses, not in the order"),
        ("wake primary, and more", "and", "looking or crash"),
        ("operator primary reset", "", "an address such as a0"),
        ("operator primary partner-down now", "now", "the end of the line"),
        ("operator primary partner-down since noon", "noon", "stop or contact"),
        ("operator primary set", "", "a state of the nine"),
        ("operator primary set STARTUP", "STARTUP", "a state of the nine"),
        ("back primary", "primary", "up"),
        ("link down towards", "", "primary or secondary"),
        ("restart primary now", "now", "the end of the line"),
        ("swap", "", "roles"),
        ("link up again", "again", "the end of the line"),
        ("put back both", "both", "primary or secondary"),
        ("arrive client 0 to primary HELLO", "HELLO", "DISCOVER, SELECT"),
        ("arrive primary to client 0 ACK a0 end", "", "a number from 2 to 8"),
        ("arrive primary to client 0 ACK a0 end 1", "1", "a number from 2 to 8"),
        ("lose primary to client 0 ACK a0 2", "2", "the end of the line"),
        ("arrive primary to client 0 MAYBE", "MAYBE", "OFFER, ACK"),
    ];
    for (text, found, accepted) in cases {
        let error = text.parse::<Action>().unwrap_err();
        assert_eq!(error.found, found, "{text}: {error}");
        assert!(text[error.column - 1..].starts_with(found), "{text}: {error}");
        assert!(error.accepted.starts_with(accepted), "{text}: {error}");
    }
}
