//! Logs of Kea: lines with an instant, a level, a logger and the name of a message. What is read of them is the name, and of the
//! messages of high availability the words that name servers and states.

use crate::capture::Micros;
use crate::event::Place;

/// Octets of the longest line that is read.
const LONGEST: usize = 1 << 16;

/// A line that says something about high availability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) at: Micros,
    pub(crate) place: Place,
    /// The process that wrote it; empty: not said.
    pub(crate) process: String,
    pub(crate) says: Says,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// A process begins, and has said nothing of high availability yet.
    Begins,
    /// High availability starts, with that role: primary, secondary, standby.
    Started { mode: String, role: String },
    /// A change of state; the partner's state is as the server knows it.
    Went { from: String, to: String, partner: String },
    /// Clocks differ, or updates were rejected: which message, and its text.
    Warned { name: String, text: String },
    /// Anything else: the process was there.
    Alive,
    /// The process has ended.
    Ended,
}

/// What a file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) file: usize,
    /// The server's name in the configuration, and its partner's.
    pub(crate) own: Option<String>,
    pub(crate) partner: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) lines: Vec<Line>,
    /// What could not be read, with its line.
    pub(crate) problems: Vec<(u64, String)>,
}

/// Whether text is of a log of Kea.
pub(crate) fn is_log(text: &str) -> bool {
    text.lines().take(20).any(|line| line.contains(" [kea-dhcp"))
}

impl Log {
    pub(crate) fn read(file: usize, text: &str) -> Log {
        let mut log = Log { file, ..Log::default() };
        for (number, line) in (1..).zip(text.lines()) {
            if let Err(problem) = log.line(number, line) {
                log.problems.push((number, problem));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            log.problems.push((text.lines().count() as u64, "the last line is cut off".to_owned()));
        }
        log
    }

    fn line(&mut self, number: u64, line: &str) -> Result<(), String> {
        if line.trim().is_empty() {
            return Ok(());
        }
        if line.len() > LONGEST {
            return Err("the line is longer than 65536 octets".to_owned());
        }
        let parsed = parse(line).ok_or_else(|| {
            "is no line of a log of Kea: `2026-11-28 21:07:00.552 INFO [kea-dhcp4.ha-hooks/1.1] NAME text` would be accepted".to_owned()
        })?;
        let (at, process, name, text) = parsed;
        let says = self.says(name, text)?;
        self.lines.push(Line {
            at,
            place: Place { file: self.file, packet: number },
            process: process.to_owned(),
            says,
        });
        Ok(())
    }

    fn says(&mut self, name: &str, text: &str) -> Result<Says, String> {
        // Since 2.5 messages of high availability begin with the name of the server that speaks.
        let word =
            |after: &str| Some(text.split_once(after)?.1.split_whitespace().next()?.trim_end_matches(['.', ',']));
        match name {
            "DHCP4_STARTED" | "DHCP6_STARTED" => {
                self.version = word("server version ").or(self.version.as_deref()).map(str::to_owned);
            }
            "DHCP4_STARTING" | "DHCP6_STARTING" | "HOSTS_BACKENDS_REGISTERED" => return Ok(Says::Begins),
            "DHCP4_SHUTDOWN" | "DHCP6_SHUTDOWN" => return Ok(Says::Ended),
            "HA_LOCAL_DHCP_DISABLE" | "HA_LOCAL_DHCP_ENABLE" => {
                let own = word("while the ").ok_or("names no server after `while the`")?;
                self.own = Some(own.to_owned());
            }
            "HA_SERVICE_STARTED" => {
                let mode = word("service in ").ok_or("names no mode after `service in`")?;
                let role = word(" as ").ok_or("names no role after `as`")?;
                return Ok(Says::Started { mode: mode.to_owned(), role: role.to_owned() });
            }
            "HA_STATE_TRANSITION" => {
                let from = word("transitions from ").ok_or("names no state after `transitions from`")?;
                let to = text.split_once("transitions from ").and_then(|(_, rest)| rest.split_once(" to "));
                let to = to.and_then(|(_, rest)| rest.split_whitespace().next()).ok_or("names no state after `to`")?;
                let partner = word("partner state is ").ok_or("names no state after `partner state is`")?;
                if let Some(unknown) = [from, to].into_iter().find(|state| !STATES.contains(state)) {
                    return Err(format!(
                        "`{unknown}` is no state that is known; {} would be accepted",
                        STATES.join(", ")
                    ));
                }
                let [from, to, partner] = [from, to, partner].map(str::to_owned);
                return Ok(Says::Went { from, to, partner });
            }
            "HA_SYNC_START" => {
                self.partner = word("synchronization with ").or(self.partner.as_deref()).map(str::to_owned)
            }
            "HA_HEARTBEAT_COMMUNICATIONS_FAILED" => {
                self.partner = word("heartbeat to ").or(self.partner.as_deref()).map(str::to_owned);
            }
            _ if name.starts_with("HA_")
                && (name.contains("CLOCK_SKEW") || name.contains("TERMINAT") || name.contains("REJECT")) =>
            {
                return Ok(Says::Warned { name: name.to_owned(), text: text.to_owned() });
            }
            _ => {}
        }
        Ok(Says::Alive)
    }
}

/// States as a log calls them.
pub(crate) const STATES: [&str; 13] = [
    "BACKUP",
    "COMMUNICATION-RECOVERY",
    "HOT-STANDBY",
    "IN-MAINTENANCE",
    "LOAD-BALANCING",
    "PARTNER-DOWN",
    "PARTNER-IN-MAINTENANCE",
    "PASSIVE-BACKUP",
    "READY",
    "SYNCING",
    "TERMINATED",
    "UNDEFINED",
    "WAITING",
];

/// The instant, the process, the name of the message and its text.
fn parse(line: &str) -> Option<(Micros, &str, &str, &str)> {
    let (stamp, rest) = line.split_at_checked(23)?;
    let at = instant(stamp)?;
    let mut words = rest.trim_start().splitn(2, char::is_whitespace);
    let _level = words.next()?;
    let rest = words.next()?.trim_start();
    let (logger, rest) = rest.strip_prefix('[')?.split_once("] ")?;
    // A logger, then the process and its thread.
    let process = logger.split_once('/').map_or("", |(_, rest)| rest.split('.').next().unwrap_or_default());
    let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_name = !name.is_empty()
        && name.bytes().all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit() || octet == b'_');
    is_name.then_some((at, process, name, text))
}

/// Microseconds of `2026-11-28 21:07:00.552`, read as UTC: a log does not say in which zone it is.
fn instant(stamp: &str) -> Option<Micros> {
    let octets = stamp.as_bytes();
    let punctuated = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':'), (19, b'.')];
    if octets.len() != 23 || punctuated.iter().any(|(at, what)| octets[*at] != *what) {
        return None;
    }
    let number = |from: usize, to: usize| stamp.get(from..to)?.parse::<i64>().ok().filter(|number| *number >= 0);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second, milli) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some((((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + milli * 1_000)
}

/// Days since 1970 of a day in the Gregorian calendar: March begins the year, so that the day more of a leap year ends it.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1 - 719_468
}

/// Microseconds of `Mon, 30 Nov 2026 20:43:01 GMT`, as a heartbeat tells the time (RFC 1123).
pub(crate) fn date(text: &str) -> Option<Micros> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, day, month, year, clock, "GMT"] = words[..] else { return None };
    let month = MONTHS.find(month).filter(|at| at % 3 == 0 && month.len() == 3)? as i64 / 3 + 1;
    let mut parts = clock.splitn(3, ':').map(|part| part.parse::<i64>().ok().filter(|part| (0..=60).contains(part)));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let (year, day) = (year.parse::<i64>().ok()?, day.parse::<i64>().ok()?);
    let known = (0..=9999).contains(&year) && (1..=31).contains(&day);
    known.then(|| (((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_name_one_instant() {
        assert_eq!(instant("1970-01-01 00:00:00.000"), Some(0));
        assert_eq!(instant("2026-11-30 20:43:01.000"), Some(1_796_071_381_000_000));
        assert_eq!(date("Mon, 30 Nov 2026 20:43:01 GMT"), Some(1_796_071_381_000_000));
        assert_eq!(instant("2024-02-29 00:00:00.000").map(|at| at / 86_400_000_000), Some(19_782));
        for wrong in ["2026-13-01 00:00:00.000", "2026-11-30T20:43:01.000", "2026-11-30 20:43:01"] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
        assert_eq!(date("Mon, 30 Now 2026 20:43:01 GMT"), None);
    }

    #[test]
    fn a_line_of_another_version_is_said_with_its_number() {
        let stamp = "2026-11-28 21:07:01.345 INFO  [kea-dhcp4.ha-hooks/1.2] ";
        let text = format!(
            "CUT\n{stamp}HA_STATE_TRANSITION s1: server transitions from READY to HOT-STANDBY state, partner state is READY\n\
             {stamp}HA_STATE_TRANSITION server transitions from READY to DREAMING state, partner state is READY\n{stamp}HA_SER"
        );
        let log = Log::read(0, &text);
        let numbers: Vec<u64> = log.problems.iter().map(|(line, _)| *line).collect();
        assert_eq!(numbers, [1, 3, 4]);
        assert!(log.problems[1].1.contains("`DREAMING` is no state"), "{:?}", log.problems);
        assert!(matches!(&log.lines[0].says, Says::Went { to, .. } if to == "HOT-STANDBY"));
    }
}
