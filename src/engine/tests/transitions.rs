//! The transition table as an independent reader of failover-12 §9 typed it in (`spec/transitions.toml`),
//! against the code: each cell against `transition()`, and each cell again by a real endpoint that is told of
//! it, with what it stores and sends; then who is answered, STARTUP, starting without a record, PAUSED and
//! SHUTDOWN: failover-12 §9.4.3, §9.5.2, §9.6.2, §9.7.2, §9.8.4, §9.9.1, §9.9.3, §9.10.1, §9.10.3, §9.11.3,
//! §9.12.3, §9.13.1, §9.14.1.
//!
//! The table's departures are the readings of `spec/questions.md`. A secondary in CONFLICT-DONE (F12-9.12.1-a)
//! is not compared: it is shown that there is no way there.

mod support;

use dhcpfo_engine::binding::{Binding, ClientId, Partner, Status};
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Command, Effect, Input, Parameters};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::message::{BndAck, Message, Transaction};
use dhcpfo_engine::rules::{RecoveringPartner, Rules, StartupOver};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::Inline;
use dhcpfo_engine::transition::{Cause, Next, transition};
use support::{A0, Counting, PARAMETERS, Server, active, at, config, conversation, durable, running, sent, step};
use toml::Value;

const NOW: u32 = 1000;
/// The last time of operation in every record here.
const OPERATED: u32 = 900;

fn table() -> Value {
    toml::from_str(include_str!("../spec/transitions.toml")).expect("transitions.toml is TOML")
}

fn tables(kind: &str) -> Vec<Value> {
    table()[kind].as_array().unwrap_or_else(|| panic!("[[{kind}]]")).clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{key} in {value}"))
}

fn state(name: &str) -> State {
    State::ALL.into_iter().find(|s| s.name() == name).unwrap_or_else(|| panic!("state {name}"))
}

fn reported(name: &str) -> Reported {
    support::reports().into_iter().find(|r| r.name() == name).unwrap_or_else(|| panic!("report {name}"))
}

fn roles(value: &Value) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| ["both", role.name()].contains(&text(value, "role"))).collect()
}

/// What the table says of one state, role and cause, the departures included.
#[derive(Clone, Debug, PartialEq)]
struct Cell {
    state: State,
    role: Role,
    cause: String,
    next: Option<State>,
    action: String,
}

impl Cell {
    fn never_there(&self) -> bool {
        (self.state, self.role) == (State::ConflictDone, Role::Secondary)
    }
}

fn next_of(word: &str) -> Option<State> {
    (word != "=").then(|| state(word))
}

/// All cells of one kind. A departure that only puts updates before the arc leaves the arc itself as it is.
fn cells(kind: &str) -> Vec<Cell> {
    let mut found = Vec::new();
    for rows in tables(kind) {
        for role in roles(&rows) {
            for cell in rows["cells"].as_array().expect("cells") {
                let word = |at: usize| cell[at].as_str().expect("words").to_string();
                let own = state(text(&rows, "state"));
                found.push(Cell { state: own, role, cause: word(0), next: next_of(&word(1)), action: word(2) });
            }
        }
    }
    for departure in tables("departure") {
        let leaves_the_arc = text(&departure, "action") == "send-unacked";
        if text(&departure, "table") != kind || leaves_the_arc {
            continue;
        }
        for cause in departure["causes"].as_array().expect("causes") {
            for role in roles(&departure) {
                let own = state(text(&departure, "state"));
                let cell =
                    found.iter_mut().find(|c| c.state == own && c.role == role && c.cause == *cause.as_str().unwrap());
                let cell = cell.unwrap_or_else(|| panic!("a departure from nothing: {departure}"));
                cell.next = next_of(text(&departure, "next"));
                cell.action = text(&departure, "action").to_string();
            }
        }
    }
    found
}

fn as_next(next: Option<State>) -> Next {
    next.map_or(Next::Stay, Next::To)
}

#[test]
fn each_state_that_the_partner_reports() {
    let cells = cells("reported");
    assert_eq!(cells.len(), 9 * 2 * 11);
    for cell in cells.iter().filter(|cell| !cell.never_there()) {
        let cause = Cause::Partner(reported(&cell.cause));
        let got = transition(&Rules::DRAFT_12, cell.role, cell.state, cause, None);
        assert_eq!(got, as_next(cell.next), "{cell:?}");
    }
}

#[test]
fn each_other_event() {
    let cells = cells("event");
    assert_eq!(cells.len(), 9 * 2 * 5);
    for cell in cells.iter().filter(|cell| !cell.never_there()) {
        let cause = match cell.cause.as_str() {
            "comm-failed" => Cause::CommunicationsFailed,
            "operator-partner-down" => Cause::PartnerDownCommand,
            "safe-period-over" => Cause::SafePeriodOver,
            "upddone" => Cause::UpdateDone,
            "recover-wait-over" => Cause::RecoverWaitOver,
            other => panic!("cause {other}"),
        };
        let got = transition(&Rules::DRAFT_12, cell.role, cell.state, cause, None);
        assert_eq!(got, as_next(cell.next), "{cell:?}");
    }
}

/// F12-9.12.1-a: neither an arc nor a restart leads a secondary there.
#[test]
fn there_is_no_way_to_conflict_done_for_a_secondary() {
    let all = [cells("reported"), cells("event")].concat();
    let there = |cell: &&Cell| cell.role == Role::Secondary && cell.next == Some(State::ConflictDone);
    assert_eq!(all.iter().find(there), None);
    let server = start(Role::Secondary, State::ConflictDone, &mut Counting::small(NOW));
    assert_eq!(server.state(), State::ResolutionInterrupted);
}

fn record(state: State, lost: bool) -> EndpointRecord {
    EndpointRecord {
        lost,
        since: at(800),
        last_operational: at(OPERATED),
        recover_wait_ends: at(NOW + 7),
        partner_down_wait_ends: at(NOW + 5),
        ..EndpointRecord::of(state)
    }
}

/// One address with something to tell, one without.
fn bindings() -> [Binding; 2] {
    [active(1, Partner::Unsent, NOW + 20), Binding::NEVER_USED]
}

/// The messages that the words of the table stand for.
fn expected(cell: &Cell, partner: Reported, lost: bool) -> Vec<String> {
    let own = |words: &[&str]| words.iter().map(|w| w.to_string()).collect::<Vec<_>>();
    let mut messages: Vec<String> = cell.next.iter().map(|next| format!("STATE({})", next.name())).collect();
    messages.extend(match (cell.action.as_str(), cell.role) {
        ("none" | "safe-period" | "recover-wait", _) => own(&[]),
        ("conflict-entry", Role::Secondary) if partner != Reported::In(State::ConflictDone) => own(&[]),
        // After a loss everything is asked for, also where a conflict comes between (Q17, Q43).
        ("recover-request" | "conflict-entry" | "UPDREQ", _) => own(if lost { &["UPDREQALL"] } else { &["UPDREQ"] }),
        // failover-12 §9.8.1: the updates, then the secondary's POOLREQ.
        ("normal-entry", Role::Primary) => own(&["BNDUPD(0 ACTIVE)"]),
        ("normal-entry", Role::Secondary) => own(&["BNDUPD(0 ACTIVE)", "POOLREQ"]),
        (other, _) => panic!("action {other}"),
    });
    messages
}

fn lines(effects: &[Effect]) -> Vec<String> {
    sent(effects).iter().map(support::line).collect()
}

/// How often the endpoint's own record was written with another state than before.
fn recorded(effects: &[Effect]) -> Vec<State> {
    let state = |effect: &Effect| if let Effect::Persist(Record::Endpoint(r)) = effect { Some(r.state) } else { None };
    effects.iter().filter_map(state).collect()
}

/// Each cell twice: as the first STATE on a connection, and as a change while communications are ok. One arc,
/// one record, one STATE (Q38; F12-9.2-a, F12-9.2-b, F12-7.10-b, F12-7.10.1-a, F12-7.10.2-a).
#[test]
fn each_report_is_acted_upon() {
    for arc in cells("reported").iter().filter(|cell| !cell.never_there()) {
        let mut talk = conversation(Reported::In(State::Recover));
        // A primary has asked when it came here.
        talk.asked = (arc.state, arc.role) == (State::PotentialConflict, Role::Primary);
        let first = Session::Connected(PARAMETERS);
        // Two states exist only while communications are ok.
        let only_while_ok = matches!(arc.state, State::Normal | State::PotentialConflict);
        let sessions = if only_while_ok { vec![Session::Ok(talk)] } else { vec![first, Session::Ok(talk)] };
        for session in sessions {
            for lost in [false, true] {
                let cell = arc;
                let partner = reported(&cell.cause);
                let (config, mut clock) = (config(cell.role), Counting::small(NOW));
                let mut server = running(durable(record(cell.state, lost), &bindings()), session);
                let effects = step(&mut server, &config, &mut clock, support::state_message(partner, false, 950));
                let mut expected = expected(cell, partner, lost);
                let waits = partner == Reported::In(State::RecoverDone)
                    && matches!(cell.state, State::PartnerDown | State::CommunicationsInterrupted);
                if waits {
                    // The departure of Q30: the updates go before the STATE, and then there are none left.
                    expected.swap(0, 1);
                }
                assert_eq!(lines(&effects), expected, "{cell:?} {session:?}");
                assert_eq!(server.state(), cell.next.unwrap_or(cell.state), "{cell:?}");
                assert_eq!(recorded(&effects), cell.next.into_iter().collect::<Vec<_>>(), "{cell:?}");
                let since = server.durable().endpoint().map(|r| r.since);
                assert_eq!(since, Some(at(if cell.next.is_some() { NOW } else { 800 })), "{cell:?}");
                let timer = server.volatile().safe_period_ends;
                let runs = (cell.action == "safe-period").then_some(at(NOW + 60));
                assert_eq!(timer, runs, "{cell:?}: the safe period");
            }
        }
    }
}

/// F12-9.4.3-a: what the STARTUP flag changes.
#[test]
fn the_startup_flag_counts_in_partner_down_only() {
    for rows in tables("reported") {
        let ignored = match text(&rows, "startup_flag") {
            "ignored" => true,
            "same" => false,
            other => panic!("startup_flag {other}"),
        };
        for role in roles(&rows) {
            let own = state(text(&rows, "state"));
            for partner in support::reports() {
                let outcome = |flag| {
                    let mut server = running(durable(record(own, false), &bindings()), Session::Connected(PARAMETERS));
                    let input = support::state_message(partner, flag, 950);
                    let effects = step(&mut server, &config(role), &mut Counting::small(NOW), input);
                    (server.state(), effects)
                };
                let expected = if ignored { (own, vec![]) } else { outcome(false) };
                assert_eq!(outcome(true), expected, "{} {} {}", own.name(), role.name(), partner.name());
            }
        }
    }
}

#[test]
fn each_other_event_is_acted_upon() {
    for cell in cells("event").iter().filter(|cell| !cell.never_there()) {
        let (config, mut clock) = (config(cell.role), Counting::small(NOW));
        // A secondary's conflict ends beside a primary in CONFLICT-DONE only (Q89).
        let ends_conflict = cell.cause == "upddone" && cell.state == State::PotentialConflict;
        let partner = Reported::In(if ends_conflict { State::ConflictDone } else { State::PartnerDown });
        let mut talk = conversation(partner);
        talk.asked = true;
        let session = if cell.cause == "safe-period-over" { Session::Down } else { Session::Ok(talk) };
        let mut server = running(durable(record(cell.state, false), &bindings()), session);
        let input = match cell.cause.as_str() {
            "comm-failed" => Input::Disconnected,
            "operator-partner-down" => Input::Operator(Command::PartnerDown),
            "safe-period-over" if cell.state == State::CommunicationsInterrupted => {
                let ends = Some(at(NOW - 1));
                let volatile = Volatile { safe_period_ends: ends, ..*server.volatile() };
                server = Endpoint::resume(*server.durable(), volatile);
                Input::Wake
            }
            "safe-period-over" => Input::Wake,
            "upddone" => Input::Message(Message::UpdDone),
            "recover-wait-over" => {
                clock.now = NOW + 7;
                Input::Wake
            }
            other => panic!("cause {other}"),
        };
        let effects = step(&mut server, &config, &mut clock, input);
        assert_eq!(server.state(), cell.next.unwrap_or(cell.state), "{cell:?}");
        assert_eq!(recorded(&effects), cell.next.into_iter().collect::<Vec<_>>(), "{cell:?}");
        // Without a connection nothing can be said.
        let heard = if server.volatile().session == Session::Down { vec![] } else { expected(cell, partner, false) };
        assert_eq!(lines(&effects), heard, "{cell:?}");
        let runs = cell.action == "safe-period";
        assert_eq!(server.volatile().safe_period_ends, runs.then_some(at(NOW + 60)), "{cell:?}");
    }
}

/// Q89: a secondary whose primary has left the conflict waits for it.
#[test]
fn an_update_done_of_a_primary_that_recovers() {
    for (partner, next) in [(State::ConflictDone, State::Normal), (State::Recover, State::PotentialConflict)] {
        let mut talk = conversation(Reported::In(partner));
        talk.asked = true;
        let record = record(State::PotentialConflict, false);
        let mut server = running(durable(record, &bindings()), Session::Ok(talk));
        let done = Input::Message(Message::UpdDone);
        step(&mut server, &config(Role::Secondary), &mut Counting::small(NOW), done);
        assert_eq!(server.state(), next, "{}", partner.name());
    }
}

/// Q39: UPDDONE counts only if it was asked for.
#[test]
fn an_update_done_that_nobody_asked_for() {
    for role in Role::ALL {
        for own in State::ALL {
            let session = Session::Ok(conversation(Reported::In(State::Normal)));
            let mut server = running(durable(record(own, false), &bindings()), session);
            let effects = step(&mut server, &config(role), &mut Counting::small(NOW), Input::Message(Message::UpdDone));
            assert_eq!((server.state(), sent(&effects)), (own, vec![]));
        }
    }
}

// ---- clients ------------------------------------------------------------------------------------------------

/// What the text of each state says of clients: DISCOVER of a client of this server, of the partner's, RENEW.
/// F12-9.2-d, F12-9.4.2-a, F12-9.5.1-a, F12-9.6.1-a, F12-9.7.1-a, F12-9.8.2-a, F12-9.9.2-a, F12-9.9.2-b, F12-9.9.2-d,
/// F12-9.10.2-a, F12-9.11.2-a, F12-9.11.2-b, F12-9.12.2-a; F12-5.5-a, F12-4.2-a; Q29.
#[test]
fn who_is_answered_in_which_state() {
    use dhcpfo_engine::effect::Ask;
    let answers = |own| match own {
        State::Normal => [true, false, true],
        State::CommunicationsInterrupted | State::PartnerDown => [true; 3],
        State::ResolutionInterrupted | State::ConflictDone => [true; 3],
        State::RecoverDone => [false, false, true],
        State::PotentialConflict | State::Recover | State::RecoverWait => [false; 3],
    };
    for (role, own) in Role::ALL.into_iter().flat_map(|role| State::ALL.map(|own| (role, own))) {
        // The lower half of the buckets is the secondary's.
        let [mine, theirs] = if role == Role::Primary { [200, 100] } else { [100, 200] };
        let known = Binding { received_potential_expiration: at(NOW + 20), ..active(1, Partner::UpToDate, NOW + 20) };
        let available = Binding::known(match role {
            Role::Primary => Status::Free { last: None },
            Role::Secondary => Status::Backup { last: None },
        });
        let requests = [(2, Ask::Discover, mine), (2, Ask::Discover, theirs), (1, Ask::Renew(A0), theirs)];
        let got = requests.map(|(client, ask, bucket)| {
            let mut server = running(durable(record(own, false), &[known, available]), Session::Down);
            let request = support::request(client, ask, bucket);
            let effects = step(&mut server, &config(role), &mut Counting::small(NOW), request);
            effects.iter().any(|effect| matches!(effect, Effect::Reply(..)))
        });
        assert_eq!(got, answers(own), "{} {}", role.name(), own.name());
        // F12-9.3.1-a, F12-5.9-a: nobody in STARTUP.
        let mut server = start(role, own, &mut Counting::small(NOW));
        for (client, ask, bucket) in requests {
            let request = support::request(client, ask, bucket);
            let effects = step(&mut server, &config(role), &mut Counting::small(NOW), request);
            assert!(effects.iter().all(|effect| matches!(effect, Effect::Note(_))));
        }
    }
}

// ---- STARTUP ------------------------------------------------------------------------------------------------

fn start(role: Role, found: State, clock: &mut Counting) -> Server {
    Endpoint::start(&config(role), durable(record(found, false), &bindings()), clock, &mut |_| {})
}

/// The cell of [[startup]] for a departure, if there is one.
fn startup_departure(stored: State, role: Role, cause: &str) -> Option<State> {
    let departures = tables("departure");
    let fits = |d: &&Value| {
        text(d, "table") == "startup"
            && state(text(d, "state")) == stored
            && roles(d).contains(&role)
            && d["causes"].as_array().unwrap().iter().any(|c| c.as_str() == Some(cause))
    };
    departures.iter().find(fits).map(|d| state(text(d, "next")))
}

/// The partners of whom the departures with cause comm_ok speak.
fn recovering(partner: Reported) -> bool {
    let departures = tables("departure");
    let mut named = departures.iter().filter_map(|d| d.get("partners")).map(|p| p.as_array().unwrap());
    let names = named.next().expect("there is one").clone();
    assert!(named.all(|other| *other == names), "all speak of the same");
    names.iter().any(|name| reported(name.as_str().unwrap()) == partner)
}

/// failover-12 §9.3.1, §9.3.2.
#[test]
fn leaving_startup() {
    let reported_cells = cells("reported");
    let mut seen = 0;
    for rows in tables("startup") {
        for role in roles(&rows) {
            seen += 1;
            let stored = state(text(&rows, "stored"));
            let resumes = startup_departure(stored, role, "resumes").unwrap_or_else(|| state(text(&rows, "resumes")));
            let own = format!("{} {}", role.name(), stored.name());

            let mut clock = Counting::small(NOW);
            let mut server = start(role, stored, &mut clock);
            assert_eq!(server.state(), resumes, "{own}");
            assert_eq!(server.volatile().phase, Phase::Startup { ends: at(NOW + 5) }, "{own}");
            // F12-7.10-a, F12-9.1-a, F12-9.3.1-b: flagged. What is recorded, and sent, is already the state that is resumed.
            let effects = step(&mut server, &config(role), &mut clock, Input::Connected(PARAMETERS));
            assert_eq!(lines(&effects), [format!("STATE({}, STARTUP)", resumes.name())], "{own}");

            assert_eq!(text(&rows, "comm_ok"), "arc");
            for partner in support::reports().into_iter().filter(|&p| p != Reported::In(State::PartnerDown)) {
                let mut server = server;
                let effects = step(&mut server, &config(role), &mut clock, support::state_message(partner, false, 950));
                let cell = reported_cells
                    .iter()
                    .find(|c| c.state == resumes && c.role == role && reported(&c.cause) == partner);
                let departs = startup_departure(stored, role, "comm_ok").filter(|_| recovering(partner));
                let next = departs.or(cell.expect("a total table").next).unwrap_or(resumes);
                assert_eq!(server.state(), next, "{own}, partner {}", partner.name());
                assert_eq!(server.volatile().phase, Phase::Running, "{own}");
                let states: Vec<_> = lines(&effects).into_iter().filter(|l| l.starts_with("STATE")).collect();
                assert_eq!(states.last(), Some(&format!("STATE({})", next.name())), "{own}: without the flag");
            }

            for (cause, since) in [("partner_down_later", OPERATED + 1), ("partner_down_earlier", OPERATED - 1)] {
                let partner = Reported::In(State::PartnerDown);
                let mut server = server;
                let effects =
                    step(&mut server, &config(role), &mut clock, support::state_message(partner, false, since));
                let (next, action) = match startup_departure(stored, role, cause) {
                    // Kept, and then the arc of the kept state.
                    Some(kept) => {
                        let cell = reported_cells
                            .iter()
                            .find(|c| c.state == kept && c.role == role && reported(&c.cause) == partner);
                        (kept, cell.expect("a total table").action.clone())
                    }
                    None => (state(rows[cause][0].as_str().unwrap()), rows[cause][1].as_str().unwrap().to_string()),
                };
                assert_eq!(server.state(), next, "{own}, {cause}");
                let cell = Cell { state: resumes, role, cause: cause.into(), next: Some(next), action };
                assert_eq!(lines(&effects), expected(&cell, partner, false), "{own}, {cause}");
            }

            let over = rows["startup_over"].as_array().unwrap();
            assert_eq!(over.iter().map(|w| w.as_str().unwrap()).collect::<Vec<_>>(), ["resumes", "wait"]);
            clock.now = NOW + 5;
            for (reading, running) in [(StartupOver::Wait, false), (StartupOver::Previous, true)] {
                // F12-9.3.2-k, Q31.
                let mut config = config(role);
                config.rules.startup_over = reading;
                let mut server = server;
                step(&mut server, &config, &mut clock, Input::Disconnected);
                step(&mut server, &config, &mut clock, Input::Wake);
                assert_eq!((server.state(), server.volatile().phase == Phase::Running), (resumes, running), "{own}");
            }
        }
    }
    assert_eq!(seen, 9 * 2);
}

/// Q44: the partner took over at the very instant of the last operation.
#[test]
fn a_tie_of_partner_down_and_last_operation_is_recover() {
    let mut clock = Counting::small(NOW);
    let mut server = start(Role::Primary, State::Normal, &mut clock);
    step(&mut server, &config(Role::Primary), &mut clock, Input::Connected(PARAMETERS));
    let partner = Reported::In(State::PartnerDown);
    step(&mut server, &config(Role::Primary), &mut clock, support::state_message(partner, false, OPERATED));
    assert_eq!(server.state(), State::Recover);
}

/// failover-12 §9.3.2 step 1; Q17, Q26, Q27.
#[test]
fn starting_without_a_record() {
    for boot in tables("boot") {
        let alone = text(&boot, "found").ends_with("configured to run alone");
        for role in Role::ALL {
            let mut config = config(role);
            config.rules.startup_over = if alone { StartupOver::PartnerDown } else { StartupOver::Wait };
            let mut clock = Counting::small(NOW);
            let blank = Durable::blank(Inline::new(&bindings(), &[]));
            let mut server: Server = Endpoint::start(&config, blank, &mut clock, &mut |_| {});
            let record = *server.durable().endpoint().expect("a started endpoint has a record");
            // No record is a loss until the partner says otherwise (Q17), and the wait counts from here (Q27).
            assert_eq!((record.state, record.lost, record.recover_wait_ends), (State::Recover, true, at(NOW + 10)));
            clock.now = NOW + 5;
            step(&mut server, &config, &mut clock, Input::Wake);
            assert_eq!(server.state(), state(text(&boot, "resumes")), "{}", text(&boot, "found"));
        }
    }
}

/// Q26: the exception is for a new installation. A server with a record had a partner, and resumes.
#[test]
fn running_alone_is_for_a_server_without_a_record() {
    let mut config = config(Role::Primary);
    config.rules.startup_over = StartupOver::PartnerDown;
    let mut clock = Counting::small(NOW);
    let mut server = start(Role::Primary, State::Normal, &mut clock);
    clock.now = NOW + 5;
    step(&mut server, &config, &mut clock, Input::Wake);
    assert_eq!(server.state(), State::CommunicationsInterrupted);
}

/// F12-9.9.1-a, Q46: the safe period also starts when COMMUNICATIONS-INTERRUPTED is resumed out of STARTUP.
#[test]
fn the_safe_period_starts_out_of_startup_too() {
    let (mut config, mut clock) = (config(Role::Primary), Counting::small(NOW));
    // The only reading in which COMMUNICATIONS-INTERRUPTED is resumed with a partner (Q72).
    config.rules.recovering_partner = RecoveringPartner::Resumes;
    let mut server = start(Role::Primary, State::Normal, &mut clock);
    step(&mut server, &config, &mut clock, Input::Connected(PARAMETERS));
    step(&mut server, &config, &mut clock, support::state_message(Reported::In(State::Recover), false, 950));
    assert_eq!(server.state(), State::CommunicationsInterrupted);
    assert_eq!(server.volatile().safe_period_ends, Some(at(NOW + 60)));
}

// ---- PAUSED and SHUTDOWN ------------------------------------------------------------------------------------

/// failover-12 §9.13, §9.14: each from every state and role.
#[test]
fn paused_and_shutdown() {
    for row in tables("halt") {
        let (phase, command, announced) = match text(&row, "phase") {
            "PAUSED" => (Phase::Paused, Command::Pause, "STATE(PAUSED)"),
            "SHUTDOWN" => (Phase::Shutdown, Command::Shutdown, "STATE(SHUTDOWN)"),
            other => panic!("phase {other}"),
        };
        for (role, own) in Role::ALL.into_iter().flat_map(|role| State::ALL.map(|own| (role, own))) {
            let (config, mut clock) = (config(role), Counting::small(NOW));
            let talk = Session::Ok(conversation(Reported::In(State::Normal)));
            let mut server = running(durable(record(own, false), &bindings()), talk);
            let entry = step(&mut server, &config, &mut clock, Input::Operator(command));
            assert_eq!(server.volatile().phase, phase);
            let stored = server.durable().endpoint().unwrap();
            // Of a server that answered nobody it is kept (Q85).
            let silent = matches!(own, State::Recover | State::RecoverWait | State::PotentialConflict);
            let operated = if silent { OPERATED } else { NOW };
            assert_eq!((stored.state, stored.last_operational), (own, at(operated)), "F12-9.14.1-b");
            assert_eq!(lines(&entry), [announced]);
            assert_eq!(entry.contains(&Effect::Close), phase == Phase::Paused);
            let position = |wanted: fn(&Effect) -> bool| entry.iter().position(wanted);
            assert!(position(|e| matches!(e, Effect::Persist(_))) < position(|e| matches!(e, Effect::Send(_))));
            match text(&row, "cause") {
                "entry" => {}
                "partner reports PARTNER-DOWN" => {
                    step(
                        &mut server,
                        &config,
                        &mut clock,
                        support::state_message(Reported::In(State::PartnerDown), false, NOW),
                    );
                }
                "anything else" => {
                    let others = support::reports().into_iter().filter(|&r| r != Reported::In(State::PartnerDown));
                    let others = others.map(|r| support::state_message(r, false, NOW));
                    let rest = [
                        Input::Wake,
                        Input::Message(Message::UpdReq),
                        support::request(1, dhcpfo_engine::effect::Ask::Renew(A0), 0),
                        Input::Operator(Command::PartnerDown),
                        Input::Disconnected,
                        Input::Connected(PARAMETERS),
                    ];
                    for input in others.chain(rest) {
                        let effects = step(&mut server, &config, &mut clock, input);
                        assert_eq!(effects, [], "{input:?} in {phase:?}");
                    }
                }
                other => panic!("cause {other}"),
            }
            let becomes = next_of(text(&row, "stored")).unwrap_or(own);
            assert_eq!(server.durable().endpoint().unwrap().state, becomes);
            // F12-9.13-b, F12-9.14.3-a: only a restart leads out, from the stored state.
            assert_eq!(server.volatile().phase, phase);
        }
    }
}

// ---- departures ---------------------------------------------------------------------------------------------

/// Q30: with more to tell than the partner takes at once, the arc waits until the last update is on its way.
#[test]
fn updates_go_before_normal() {
    for departure in tables("departure").iter().filter(|d| text(d, "action") == "send-unacked") {
        assert_eq!(departure["causes"].as_array().unwrap(), &[Value::from("RECOVER-DONE")]);
        for role in roles(departure) {
            let own = state(text(departure, "state"));
            let (config, mut clock) = (config(role), Counting::small(NOW));
            let two = [active(1, Partner::Unsent, NOW + 20), active(2, Partner::Unsent, NOW + 20)];
            let narrow = Session::Connected(Parameters { max_unacked: 1 });
            let mut server = running(durable(record(own, false), &two), narrow);
            let report = support::state_message(Reported::In(State::RecoverDone), false, 950);
            let effects = step(&mut server, &config, &mut clock, report);
            assert_eq!(next_of(text(departure, "next")), None);
            assert_eq!(server.state(), own);
            assert_eq!(lines(&effects), ["BNDUPD(0 ACTIVE)"]);
            let ack = BndAck { transaction: Transaction(0), address: A0, reject: None };
            let effects = step(&mut server, &config, &mut clock, Input::Message(Message::BndAck(ack)));
            assert_eq!(server.state(), State::Normal);
            assert_eq!(lines(&effects)[..2], ["BNDUPD(1 ACTIVE)", "STATE(NORMAL)"]);
        }
    }
}

/// The rest of the departures is in the cells; here only that each names a cell that exists.
#[test]
fn each_departure_departs() {
    for departure in tables("departure") {
        for role in roles(&departure) {
            for cause in departure["causes"].as_array().unwrap() {
                let cause = cause.as_str().unwrap();
                let own = text(&departure, "state");
                let rows = tables(text(&departure, "table"));
                let key = if text(&departure, "table") == "startup" { "stored" } else { "state" };
                let row = rows.iter().find(|r| text(r, key) == own && roles(r).contains(&role)).expect(own);
                let written = match row.get("cells") {
                    Some(cells) => {
                        cells.as_array().unwrap().iter().find(|c| c[0].as_str() == Some(cause)).map(|c| c[1].clone())
                    }
                    None => row.get(cause).map(|c| if c.is_array() { c[0].clone() } else { c.clone() }),
                };
                let written = written.unwrap_or_else(|| panic!("{own} {cause}"));
                assert_ne!(written.as_str(), Some(text(&departure, "next")), "{own} {cause}");
            }
        }
    }
}

/// What the bindings of these tests rest on: a client that is known, a status that is not free.
#[test]
fn the_fixture_has_something_to_tell() {
    let [told, free] = bindings();
    assert!(
        told.is_dirty() && told.status == Status::Active { client: ClientId(1) } && told.lease_expiration.raw() > NOW
    );
    assert!(!free.is_dirty());
}

/// Q85: to operate is to answer clients. The last time of it is stored when that ends, whatever ends it, and is kept by a
/// server that runs and is silent.
#[test]
fn only_a_server_that_answers_operates() {
    let config = config(Role::Primary);
    let last = |server: &Server| server.durable().endpoint().unwrap().last_operational;
    let leaves = |state, command| {
        let mut server = running(durable(record(state, false), &bindings()), Session::Down);
        step(&mut server, &config, &mut Counting::small(NOW), Input::Operator(command));
        last(&server)
    };
    for command in [Command::Pause, Command::Shutdown] {
        assert_eq!(leaves(State::CommunicationsInterrupted, command), at(NOW), "{command:?}");
        assert_eq!(leaves(State::RecoverDone, command), at(NOW), "{command:?}: it renews");
        for silent in [State::Recover, State::RecoverWait, State::PotentialConflict] {
            assert_eq!(leaves(silent, command), at(OPERATED), "{command:?} in {silent:?}");
        }
        let mut starting = start(Role::Primary, State::Normal, &mut Counting::small(NOW));
        assert!(!starting.operates(&config));
        step(&mut starting, &config, &mut Counting::small(NOW), Input::Operator(command));
        assert_eq!(last(&starting), at(OPERATED), "{command:?} in STARTUP");
    }
    let talk = conversation(Reported::In(State::Normal));
    let mut server = running(durable(record(State::Normal, false), &bindings()), Session::Ok(talk));
    let conflict = support::state_message(Reported::In(State::PotentialConflict), false, 950);
    step(&mut server, &config, &mut Counting::small(NOW), conflict);
    assert_eq!((server.state(), last(&server)), (State::PotentialConflict, at(NOW)), "it falls silent");
    assert!(!server.operates(&config));
}
