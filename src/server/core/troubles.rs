//! What is wrong between the two servers: one line in the log for each reason, thinned out, and all of it in the status.

use dhcpfo_documents::control;
use dhcpfo_wire::session::Trouble;

/// What kind of trouble it is. There is one of each at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The partner cannot be reached.
    Dial,
    /// Connections come from an address that is not the partner's.
    Stranger,
    /// CONNECT or CONNECTACK is refused, by either.
    Refused,
    /// TLS fails.
    Tls,
    /// Both have one role.
    Roles,
    /// CONNECT is not answered, or does not come.
    Silence,
    /// STARTUP goes on, whatever the reason.
    Waiting,
    /// An address that one of the two does not have.
    Pools,
    /// Clients decline more than is believed. This one has nothing to do with the partner.
    Declines,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Kind::Dial => "no-connection",
            Kind::Stranger => "stranger",
            Kind::Refused => "refused",
            Kind::Tls => "tls",
            Kind::Roles => "one-role",
            Kind::Silence => "silence",
            Kind::Waiting => "nobody-served",
            Kind::Pools => "pools-differ",
            Kind::Declines => "declines",
        }
    }

    /// So often it may happen and mean nothing.
    const fn passing(self) -> u64 {
        match self {
            Kind::Silence => 1,
            _ => 0,
        }
    }

    /// Whether it is over when the two servers are connected.
    const fn ends_with_contact(self) -> bool {
        !matches!(self, Kind::Pools | Kind::Declines)
    }
}

/// Something that is wrong.
#[derive(Clone, Debug)]
struct One {
    kind: Kind,
    text: String,
    since: u32,
    last: u32,
    times: u64,
    /// When it was told last, in seconds since 1970, and in which words; and after how many times it will be told again.
    told: u32,
    said: String,
    again: u64,
}

/// Seconds after which something that goes on is told again, and within which a new reason of one kind is not.
const REMINDER: u32 = 3600;
const PAUSE: u32 = 60;

/// What is wrong now.
#[derive(Debug, Default)]
pub(super) struct Troubles(Vec<One>);

impl Troubles {
    /// It has happened, at this time in seconds since 1970. The line for the log, if one is due.
    pub(super) fn happened(&mut self, now: u32, kind: Kind, text: String) -> Option<String> {
        let at = self.0.iter().position(|one| one.kind == kind).unwrap_or_else(|| {
            let again = kind.passing() + 1;
            let told = 0;
            self.0.push(One {
                kind,
                text: text.clone(),
                since: now,
                last: now,
                times: 0,
                told,
                said: String::new(),
                again,
            });
            self.0.len() - 1
        });
        let one = &mut self.0[at];
        let changed = one.said != text && one.told > 0 && now.saturating_sub(one.told) >= PAUSE;
        (one.text, one.last, one.times) = (text, now, one.times.saturating_add(1));
        let overdue = one.told > 0 && now.saturating_sub(one.told) >= REMINDER;
        if one.times < one.again && !changed && !overdue {
            return None;
        }
        one.told = now.max(1);
        one.said.clone_from(&one.text);
        one.again = one.again.max(one.times).saturating_mul(8);
        let for_seconds = now - one.since;
        Some(match one.times {
            1 => one.text.clone(),
            _ if kind == Kind::Waiting => format!("{} (for {for_seconds} s)", one.text),
            times => format!("{} ({times} times since {for_seconds} s)", one.text),
        })
    }

    /// The two are connected: what kept them apart is over.
    pub(super) fn connected(&mut self) {
        self.0.retain(|one| !one.kind.ends_with_contact());
    }

    /// This kind is over.
    pub(super) fn over(&mut self, kind: Kind) {
        self.0.retain(|one| one.kind != kind);
    }

    /// The configuration of pools is another one.
    pub(super) fn reconfigured(&mut self) {
        self.over(Kind::Pools);
    }

    /// For the status.
    pub(super) fn status(&self) -> Vec<control::Trouble> {
        let told = self.0.iter().filter(|one| one.times > one.kind.passing());
        let one = |one: &One| control::Trouble {
            what: one.kind.name().to_owned(),
            text: one.text.clone(),
            since: one.since,
            last: one.last,
            times: one.times,
        };
        told.map(one).collect()
    }
}

/// What the session says, in words.
pub(super) fn words(trouble: &Trouble) -> (Kind, String) {
    match trouble {
        Trouble::Refuses(refusal) => (Kind::Refused, format!("the partner's CONNECT is refused: {refusal}")),
        Trouble::Refused(refusal) => (Kind::Refused, format!("the partner refuses the connection: {refusal}")),
        Trouble::TwoPrimaries => {
            let text =
                "the partner is a primary, too: both ends have one role, and one has to be secondary (failover.role)";
            (Kind::Roles, text.to_owned())
        }
        Trouble::NoConnect => {
            let text = "the partner sends no CONNECT on connections that are open: it seems to be a secondary, too. If both \
                        ends have one role, one has to be primary (failover.role)";
            (Kind::Silence, text.to_owned())
        }
        Trouble::NoAnswer => {
            let text = "the partner takes the connection and does not answer CONNECT: it may not know this server, or \
                        failover.partner is somebody else";
            (Kind::Silence, text.to_owned())
        }
        Trouble::UnknownHere(address) => {
            let text = format!("the pools differ: the partner has {address}, which is in no pool here");
            (Kind::Pools, text)
        }
        Trouble::UnknownThere(address) => {
            let text =
                format!("the pools differ: {address} is in no pool of the partner, which refuses what is said of it");
            (Kind::Pools, text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_told_and_thinned_out() {
        let mut troubles = Troubles::default();
        let mut told = Vec::new();
        for second in 0..2000 {
            told.extend(troubles.happened(1000 + second, Kind::Dial, "refused".to_owned()).map(|_| second + 1));
        }
        assert_eq!(told, [1, 8, 64, 512], "{told:?}");
        // After an hour it is told again, however seldom it happens.
        assert!(troubles.happened(10_000, Kind::Dial, "refused".to_owned()).is_some());
        assert!(
            troubles.happened(10_001, Kind::Dial, "no answer".to_owned()).is_none(),
            "not each other reason at once"
        );
        assert!(
            troubles
                .happened(10_100, Kind::Dial, "no answer".to_owned())
                .is_some_and(|text| text == "no answer" || text.starts_with("no answer (2003 times"))
        );
        let status = troubles.status();
        assert_eq!((&*status[0].what, &*status[0].text), ("no-connection", "no answer"));
        assert_eq!((status[0].since, status[0].times), (1000, 2003));
        troubles.connected();
        assert_eq!(troubles.status(), []);
    }

    #[test]
    fn what_passes_by_is_not_told() {
        let mut troubles = Troubles::default();
        let mut once = || troubles.happened(5, Kind::Silence, "silent".to_owned());
        assert_eq!(once(), None);
        assert!(once().is_some());
        assert_eq!(troubles.status().len(), 1);
    }

    #[test]
    fn pools_that_differ_do_so_until_they_are_changed() {
        let mut troubles = Troubles::default();
        let (kind, text) = words(&Trouble::UnknownHere([10, 0, 0, 1].into()));
        assert!(troubles.happened(5, kind, text).unwrap().contains("10.0.0.1, which is in no pool here"));
        troubles.connected();
        assert_eq!(troubles.status()[0].what, "pools-differ");
        troubles.reconfigured();
        assert_eq!(troubles.status(), []);
    }
}
