//! What the logs of both servers say, held against each other: in which state each was when, and how it got there.

use super::claims::Claim;
use super::log::{Line, Log, Says};
use crate::capture::Micros;
use crate::claims::Ledger;
use crate::event::Place;
use crate::say;
use crate::states::SECOND;

/// By how much two logs may differ about when something was: their clocks are two.
const CLOCKS: Micros = SECOND;
/// Servers of one pair.
const PAIR: usize = 2;

/// A stretch of time in which a server was in a state, as its log says.
#[derive(Clone, Debug)]
struct Stretch {
    state: String,
    from: Micros,
    until: Micros,
    place: Place,
}

/// A server, with all of its logs in the order of time.
struct Server {
    name: String,
    mode: String,
    role: String,
    stretches: Vec<Stretch>,
}

/// Whom a server answers in a state. (`kea-ha` section 5)
#[derive(Clone, Copy, PartialEq, Eq)]
enum Serves {
    Nobody,
    Own,
    All,
}

impl Server {
    fn serves(&self, state: &str) -> Serves {
        let standby = self.mode == "hot-standby" && self.role != "primary";
        match state {
            "PARTNER-DOWN" | "PARTNER-IN-MAINTENANCE" => Serves::All,
            "LOAD-BALANCING" | "HOT-STANDBY" | "COMMUNICATION-RECOVERY" | "TERMINATED" if !standby => Serves::Own,
            _ => Serves::Nobody,
        }
    }
}

/// Judges logs; says what they lack.
pub(crate) fn judge(logs: &[Log], names: &[String], remarks: &mut Vec<String>, ledger: &mut Ledger<Claim>) {
    let pair = pair(logs, names, remarks);
    let servers: Vec<Server> = pair.iter().map(|name| server(name, logs, names, remarks, ledger)).collect();
    if let [one, other] = servers.as_slice() {
        serve_alike(one, other, ledger);
    } else if !servers.is_empty() {
        ledger.open(Claim::OneServes, "the log of one server only");
    }
}

/// The names of the two servers that are judged: the first log's and its partner's, as far as they are known.
fn pair(logs: &[Log], names: &[String], remarks: &mut Vec<String>) -> Vec<String> {
    let mut pair: Vec<String> = Vec::new();
    for log in logs {
        let file = names.get(log.file).map_or("", String::as_str);
        let Some(own) = &log.own else {
            remarks.push(format!(
                "{file}: no line says whose log it is (HA_LOCAL_DHCP_DISABLE, HA_LOCAL_DHCP_ENABLE); not judged"
            ));
            continue;
        };
        if pair.contains(own) {
            continue;
        }
        let partner =
            logs.iter().find(|other| other.own.as_ref() == pair.first()).and_then(|first| first.partner.as_ref());
        if pair.len() >= PAIR || !pair.is_empty() && partner.is_some_and(|partner| partner != own) {
            let first = pair.join(" and ");
            remarks.push(format!("{file}: is of {own}, which is of another pair than {first}; not judged"));
            continue;
        }
        pair.push(own.clone());
    }
    pair
}

fn server(name: &str, logs: &[Log], names: &[String], remarks: &mut Vec<String>, ledger: &mut Ledger<Claim>) -> Server {
    let mut lines: Vec<&Line> =
        logs.iter().filter(|log| log.own.as_deref() == Some(name)).flat_map(|log| &log.lines).collect();
    lines.sort_by_key(|line| (line.at, line.place));
    let mut server = Server { name: name.to_owned(), mode: String::new(), role: String::new(), stretches: Vec::new() };
    if let Some(first) = lines.first()
        && !lines
            .iter()
            .take_while(|line| !matches!(line.says, Says::Went { .. }))
            .any(|line| matches!(line.says, Says::Started { .. }))
    {
        let file = names.get(first.place.file).map_or("", String::as_str);
        remarks.push(format!(
            "{file}: begins after the start of {name} (rotated?): its state before the first change is not known"
        ));
    }
    let mut last: Option<&Line> = None;
    let mut warned: Option<(&str, &str, Place, Micros)> = None;
    let mut open: Option<(String, Micros, Place)> = None;
    let mut skewed = false;
    for line in lines {
        let mut close = |server: &mut Server, until: Micros| {
            if let Some((state, from, place)) = open.take() {
                server.stretches.push(Stretch { state, from, until, place });
            }
        };
        // A process that was killed has not said so: it was there until its last line.
        if let Some(before) = last.filter(|before| before.process != line.process || line.says == Says::Begins) {
            close(&mut server, before.at);
        }
        match &line.says {
            Says::Started { mode, role } => {
                close(&mut server, line.at);
                (server.mode, server.role, skewed) = (mode.clone(), role.clone(), false);
                open = Some(("WAITING".to_owned(), line.at, line.place));
            }
            Says::Went { from, to, partner } => {
                close(&mut server, line.at);
                went(name, line, [from, to, partner], warned, ledger);
                open = Some((to.clone(), line.at, line.place));
            }
            Says::Warned { name: message, text } => {
                warned = Some((message, text, line.place, line.at));
                if message.contains("CLOCK_SKEW") && !skewed {
                    skewed = true;
                    ledger.violated(Claim::ClocksAgree, line.at, vec![line.place], format!("{name} warns: {text}"));
                }
            }
            Says::Ended => close(&mut server, line.at),
            Says::Alive | Says::Begins => {}
        }
        last = Some(line);
    }
    if let (Some((state, from, place)), Some(last)) = (open, last) {
        server.stretches.push(Stretch { state, from, until: last.at, place });
    }
    server
}

/// A change of state, by itself.
fn went(
    name: &str,
    line: &Line,
    [from, to, partner]: [&String; 3],
    warned: Option<(&str, &str, Place, Micros)>,
    ledger: &mut Ledger<Claim>,
) {
    let why = warned.filter(|(.., at)| line.at - at < SECOND);
    let ends = to == "TERMINATED";
    let text = || {
        let why = match why {
            Some((message, text, ..)) => format!("{message}: {text}"),
            None if partner == "TERMINATED" => "its partner is".to_owned(),
            None => "the log does not say why".to_owned(),
        };
        format!("{name} went to TERMINATED: {why}")
    };
    let places = || [line.place].into_iter().chain(why.map(|(_, _, place, _)| place)).collect();
    ledger.judge(Claim::WorksTogether, !ends, line.at, places, text);
    if from == "WAITING" {
        let alone = to == "PARTNER-DOWN";
        let text =
            || format!("{name} has heard nothing of its partner since it started or was reset, and serves all clients");
        ledger.judge(Claim::HeardBefore, !alone, line.at, || vec![line.place], text);
    }
}

/// Whether both serve the same clients at one time: who serves all serves those of the other.
fn serve_alike(one: &Server, other: &Server, ledger: &mut Ledger<Claim>) {
    let mut found = Vec::new();
    for (mine, theirs) in [(one, other), (other, one)] {
        for stretch in mine.stretches.iter().filter(|stretch| mine.serves(&stretch.state) == Serves::All) {
            // What both serve of all is found from both sides, and told from one.
            let counts = |beside: &&Stretch| match theirs.serves(&beside.state) {
                Serves::Nobody => false,
                Serves::Own => true,
                Serves::All => std::ptr::eq(mine, one),
            };
            let shared = |beside: &Stretch| (stretch.from.max(beside.from), stretch.until.min(beside.until));
            let both: Vec<&Stretch> =
                theirs.stretches.iter().filter(counts).filter(|beside| shared(beside).0 < shared(beside).1).collect();
            let (told, short): (Vec<_>, Vec<_>) =
                both.into_iter().partition(|beside| shared(beside).1 - shared(beside).0 > CLOCKS);
            if !short.is_empty() {
                ledger.open(
                    Claim::OneServes,
                    "by the logs both serve for less than 1 s, which clocks that differ may explain",
                );
            } else if told.is_empty() {
                ledger.held(Claim::OneServes);
            }
            found.extend(told.into_iter().map(|beside| (shared(beside), stretch, mine, beside, theirs)));
        }
    }
    found.sort_by_key(|(shared, ..)| *shared);
    for ((from, until), stretch, mine, beside, theirs) in found {
        let (states, names) = ((&stretch.state, &beside.state), (&mine.name, &theirs.name));
        let text = format!(
            "for {} {} in {} serves all clients, and {} in {} serves its own or all",
            say::span(until - from),
            names.0,
            states.0,
            names.1,
            states.1
        );
        ledger.violated(Claim::OneServes, from, vec![stretch.place, beside.place], text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGE: &str = "HA_STATE_TRANSITION server transitions from";

    /// A log of lines `SECONDS PROCESS TEXT`.
    fn log(file: usize, own: &str, role: &str, lines: &[(u32, u32, &str)]) -> Log {
        let mut text = String::new();
        for (second, process, said) in lines {
            let said = said.replace(
                "START",
                &format!("HA_SERVICE_STARTED started high availability service in hot-standby mode as {role} server"),
            );
            text += &format!(
                "2026-11-28 21:{:02}:{:02}.000 INFO  [kea-dhcp4.ha-hooks/{process}.9] {said}\n",
                second / 60,
                second % 60
            );
        }
        text += &format!(
            "2026-11-28 22:00:00.000 INFO  [kea-dhcp4.ha-hooks/0.9] HA_LOCAL_DHCP_ENABLE is enabled while the {own} is\n"
        );
        Log::read(file, &text)
    }

    fn judged(logs: &[Log]) -> (Ledger<Claim>, Vec<String>) {
        let (mut remarks, mut ledger) = (Vec::new(), Ledger::default());
        judge(logs, &["one.log".to_owned(), "two.log".to_owned(), "three.log".to_owned()], &mut remarks, &mut ledger);
        (ledger, remarks)
    }

    fn primary() -> Log {
        let normal = format!("{CHANGE} READY to HOT-STANDBY state, partner state is READY");
        let lines = [
            (0, 1, "START"),
            (1, 1, normal.as_str()),
            (9, 1, "COMMAND_RECEIVED x"),
            (60, 2, "HOSTS_BACKENDS_REGISTERED x"),
            (60, 2, "START"),
        ];
        log(0, "s0", "primary", &lines)
    }

    #[test]
    fn who_was_killed_serves_nobody_until_it_is_started_again() {
        let alone = format!("{CHANGE} HOT-STANDBY to PARTNER-DOWN state, partner state is UNDEFINED");
        let (ledger, _) =
            judged(&[primary(), log(1, "s1", "standby", &[(0, 1, "START"), (12, 1, &alone), (59, 1, "X_Y x")])]);
        let row = ledger.row(Claim::OneServes);
        assert_eq!((row.occasions, row.violations), (1, 0), "{:?}", row.findings);
        // It would be found if the primary were there for longer.
        let (ledger, _) =
            judged(&[primary(), log(1, "s1", "standby", &[(0, 1, "START"), (7, 1, &alone), (59, 1, "X_Y x")])]);
        let row = ledger.row(Claim::OneServes);
        assert_eq!(
            row.findings[0].text,
            "for 2.0 s s1 in PARTNER-DOWN serves all clients, and s0 in HOT-STANDBY serves its own or all"
        );
    }

    #[test]
    fn a_log_of_another_pair_is_said_and_passed_over() {
        let one = primary();
        let two = log(1, "s1", "standby", &[(0, 1, "START")]);
        let three = log(2, "x9", "primary", &[(0, 1, "START")]);
        let (_, remarks) = judged(&[one, two, three]);
        assert!(
            remarks
                .iter()
                .any(|remark| remark.starts_with("three.log: is of x9, which is of another pair than s0 and s1")),
            "{remarks:?}"
        );
    }
}
