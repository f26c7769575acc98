//! What is measured, as distributions.

use hdrhistogram::Histogram;

/// Quantiles that are told.
pub const QUANTILES: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 1.0];

/// A distribution of whole numbers.
#[derive(Clone, Debug)]
pub struct Spread(Histogram<u64>);

impl Default for Spread {
    fn default() -> Spread {
        let Ok(histogram) = Histogram::new(3) else { unreachable!("three digits are allowed") };
        Spread(histogram)
    }
}

impl Spread {
    pub(super) fn add(&mut self, number: u64) {
        // It grows as it needs to, so this cannot fail.
        let _ = self.0.record(number);
    }

    /// How many numbers there are.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their mean; 0 of none.
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// The number below or at which this part of them lies.
    pub fn quantile(&self, part: f64) -> u64 {
        self.0.value_at_quantile(part)
    }

    /// Each number with how often it stands there, rising. Numbers that differ in the fourth digit may be one.
    pub fn bins(&self) -> Vec<(u64, u64)> {
        self.0.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect()
    }

    /// The inverse of [`Spread::bins`].
    pub fn of(bins: impl IntoIterator<Item = (u64, u64)>) -> Spread {
        let mut spread = Spread::default();
        for (number, count) in bins {
            let _ = spread.0.record_n(number, count);
        }
        spread
    }

    /// Takes in the numbers of another.
    pub fn merge(&mut self, other: &Spread) {
        // Both grow as they need to, so this cannot fail.
        let _ = self.0.add(&other.0);
    }
}

/// What each measure is, by name: printed with it.
const ABOUT: &[(&str, &str)] = &[
    ("events", "packets and messages that arrived, timers, writes, faults"),
    ("virtual-seconds", "simulated time"),
    ("granted", "leases given to clients that had none of that address"),
    ("extended", "leases made longer"),
    ("refused", "requests answered with DHCPNAK"),
    ("exhausted", "times that a server had no address for a client that asked"),
    ("exhausted-but-partner-has", "of those, times that the partner had an available address of the client's link"),
    ("gave-up", "waits for an address that ended without one: the client left, or the run was over"),
    ("client-packets", "sent by clients and to clients"),
    ("failover-messages", "sent between the servers"),
    ("crashes", "of servers"),
    ("cuts", "partitions between the servers"),
    ("misbehaved", "addresses given anew while a client used them beyond the end of its lease"),
    ("beyond-the-draft", "claims refuted after an assumption of the draft was broken"),
    ("runs-beyond-the-draft", "runs in which, from some moment on, that was so for every address"),
    ("late-and-believed", "packets of clients that came too late and were believed"),
    ("overloaded-runs", "runs whose updates came faster than they can be answered; they need not agree in the end"),
    ("answers-in-normal", "DHCPACKs by servers in NORMAL"),
    ("answers-apart", "DHCPACKs by servers in any other state"),
    ("server-seconds-in-normal", "for which a server in NORMAL served, both servers added up"),
    ("server-seconds-apart", "the same in any other state in which servers serve"),
    ("messages-per-lease", "failover-messages for each lease given or made longer"),
    ("answers-per-hour-in-normal", "of a server, while it serves in NORMAL"),
    ("answers-per-hour-apart", "of a server, while it serves in any other state"),
    ("lease-seconds", "lengths of leases that clients took"),
    (
        "unserved-seconds",
        "from when a client wanted an address until it had one or gave up; waits still going on at the end count",
    ),
    ("unserved-apart-seconds", "the same, of waits that began while no server was in NORMAL"),
    (
        "per-mille-links-one-sided",
        "each hour in NORMAL: of 1000 links, those whose available addresses are all one server's though both are due some",
    ),
    ("bndupd-backlog", "bindings that the partner has not acknowledged, each hour on each server"),
    ("per-mille-without-address", "each hour: of 1000 clients that are there, those without an address"),
    ("partners-pool-reused-seconds", "from PARTNER-DOWN to the first lease on an address of the partner's pool"),
    ("heal-seconds", "from the end of all faults until both are in NORMAL, agree, and clients are served"),
];

/// What the measure of this name is.
pub fn about(name: &str) -> &'static str {
    ABOUT.iter().find(|(known, _)| *known == name).map_or("", |(_, about)| about)
}

/// The measures of a run, or of several.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// Events: a packet or message that arrives, a timer, a write, a fault.
    pub events: u64,
    /// Seconds of virtual time.
    pub virtual_seconds: u64,
    /// Leases given to clients that had none of that address.
    pub granted: u64,
    /// Leases that were extended.
    pub extended: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Times that a server had nothing for a client.
    pub exhausted: u64,
    /// Of those, the times that the partner had an available address of the client's link.
    pub partner_has: u64,
    /// Waits for an address that ended without one: the client left, or the run was over.
    pub gave_up: u64,
    /// Packets of clients and to clients.
    pub packets: u64,
    /// Messages between the servers.
    pub messages: u64,
    /// Crashes of servers.
    pub crashes: u64,
    /// Partitions.
    pub cuts: u64,
    /// Overlaps with clients that use an address beyond its end.
    pub misbehaved: u64,
    /// Violations after an assumption of the draft was violated, see [`crate::population`].
    pub beyond: u64,
    /// Runs in which, from some moment on, that was so for every address.
    pub beyond_runs: u64,
    /// Packets of clients that came too late and were believed: what follows at their address counts as `beyond`.
    pub late: u64,
    /// Runs in which the servers were not held to agree in the end, since their updates come faster than they can be
    /// answered.
    pub overloaded: u64,
    /// Lengths of leases that were given, in seconds.
    pub lease: Spread,
    /// How long clients were without an address that wanted one, in seconds; those that gave up are among them.
    pub unserved: Spread,
    /// The same, for waits that began while no server was in NORMAL.
    pub unserved_apart: Spread,
    /// Of a thousand links, those whose available addresses were all one server's though both should have had some, each
    /// hour in which both were in NORMAL.
    pub one_sided: Spread,
    /// BNDUPDs to be sent or answered, each hour on each server.
    pub backlog: Spread,
    /// Of a thousand clients that are there, those without an address, each hour.
    pub without: Spread,
    /// From PARTNER-DOWN to the first lease on an address of the partner's pool, in seconds.
    pub reuse: Spread,
    /// From the healing of all faults until everything is as it should be, in seconds.
    pub heal: Spread,
    /// Requests answered while in NORMAL, and apart from the partner.
    pub answered: [u64; 2],
    /// Server-seconds in NORMAL, and apart from the partner, both only while it serves.
    pub served: [u64; 2],
}

impl Measures {
    /// Takes in another run.
    pub fn merge(&mut self, other: &Measures) {
        let numbers = |m: &Measures| {
            [
                m.events,
                m.virtual_seconds,
                m.granted,
                m.extended,
                m.refused,
                m.exhausted,
                m.partner_has,
                m.gave_up,
                m.packets,
                m.messages,
                m.crashes,
                m.cuts,
                m.misbehaved,
                m.beyond,
                m.beyond_runs,
                m.late,
                m.overloaded,
            ]
        };
        let theirs = numbers(other);
        let mine = [
            &mut self.events,
            &mut self.virtual_seconds,
            &mut self.granted,
            &mut self.extended,
            &mut self.refused,
            &mut self.exhausted,
            &mut self.partner_has,
            &mut self.gave_up,
            &mut self.packets,
            &mut self.messages,
            &mut self.crashes,
            &mut self.cuts,
            &mut self.misbehaved,
            &mut self.beyond,
            &mut self.beyond_runs,
            &mut self.late,
            &mut self.overloaded,
        ];
        mine.into_iter().zip(theirs).for_each(|(mine, more)| *mine += more);
        for i in 0..2 {
            self.answered[i] += other.answered[i];
            self.served[i] += other.served[i];
        }
        for ((_, mine), (_, theirs)) in self.spreads_mut().into_iter().zip(other.spreads()) {
            mine.merge(theirs);
        }
    }

    /// Measures from their counts and distributions by name.
    pub fn of(count: impl Fn(&str) -> Option<u64>, spread: impl Fn(&str) -> Option<Spread>) -> Option<Measures> {
        let mut measures = Measures {
            events: count("events")?,
            virtual_seconds: count("virtual-seconds")?,
            granted: count("granted")?,
            extended: count("extended")?,
            refused: count("refused")?,
            exhausted: count("exhausted")?,
            partner_has: count("exhausted-but-partner-has")?,
            gave_up: count("gave-up")?,
            packets: count("client-packets")?,
            messages: count("failover-messages")?,
            crashes: count("crashes")?,
            cuts: count("cuts")?,
            misbehaved: count("misbehaved")?,
            beyond: count("beyond-the-draft")?,
            beyond_runs: count("runs-beyond-the-draft")?,
            late: count("late-and-believed")?,
            overloaded: count("overloaded-runs")?,
            answered: [count("answers-in-normal")?, count("answers-apart")?],
            served: [count("server-seconds-in-normal")?, count("server-seconds-apart")?],
            ..Measures::default()
        };
        for (name, mine) in measures.spreads_mut() {
            *mine = spread(name)?;
        }
        Some(measures)
    }

    /// The counts with their names.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("events", self.events),
            ("virtual-seconds", self.virtual_seconds),
            ("granted", self.granted),
            ("extended", self.extended),
            ("refused", self.refused),
            ("exhausted", self.exhausted),
            ("exhausted-but-partner-has", self.partner_has),
            ("gave-up", self.gave_up),
            ("client-packets", self.packets),
            ("failover-messages", self.messages),
            ("crashes", self.crashes),
            ("cuts", self.cuts),
            ("misbehaved", self.misbehaved),
            ("beyond-the-draft", self.beyond),
            ("runs-beyond-the-draft", self.beyond_runs),
            ("late-and-believed", self.late),
            ("overloaded-runs", self.overloaded),
            ("answers-in-normal", self.answered[0]),
            ("answers-apart", self.answered[1]),
            ("server-seconds-in-normal", self.served[0]),
            ("server-seconds-apart", self.served[1]),
        ]
    }

    /// Numbers that are quotients of others.
    pub fn rates(&self) -> Vec<(&'static str, f64)> {
        let per = |count: u64, of: u64| if of == 0 { 0.0 } else { count as f64 / of as f64 };
        vec![
            ("messages-per-lease", per(self.messages, self.granted + self.extended)),
            ("answers-per-hour-in-normal", 3600.0 * per(self.answered[0], self.served[0])),
            ("answers-per-hour-apart", 3600.0 * per(self.answered[1], self.served[1])),
        ]
    }

    /// The distributions with their names.
    pub fn spreads(&self) -> [(&'static str, &Spread); 8] {
        [
            ("lease-seconds", &self.lease),
            ("unserved-seconds", &self.unserved),
            ("unserved-apart-seconds", &self.unserved_apart),
            ("per-mille-links-one-sided", &self.one_sided),
            ("bndupd-backlog", &self.backlog),
            ("per-mille-without-address", &self.without),
            ("partners-pool-reused-seconds", &self.reuse),
            ("heal-seconds", &self.heal),
        ]
    }

    fn spreads_mut(&mut self) -> [(&'static str, &mut Spread); 8] {
        [
            ("lease-seconds", &mut self.lease),
            ("unserved-seconds", &mut self.unserved),
            ("unserved-apart-seconds", &mut self.unserved_apart),
            ("per-mille-links-one-sided", &mut self.one_sided),
            ("bndupd-backlog", &mut self.backlog),
            ("per-mille-without-address", &mut self.without),
            ("partners-pool-reused-seconds", &mut self.reuse),
            ("heal-seconds", &mut self.heal),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{ABOUT, Measures, Spread, about};

    #[test]
    fn every_measure_says_what_it_is() {
        let measures = Measures::default();
        let counts = measures.counts().into_iter().map(|(name, _)| name);
        let rates = measures.rates().into_iter().map(|(name, _)| name);
        let names: Vec<&str> = counts.chain(rates).chain(measures.spreads().map(|(name, _)| name)).collect();
        assert!(names.iter().all(|name| !about(name).is_empty()), "{names:?}");
        assert_eq!(names.len(), ABOUT.len(), "each of them once");
    }

    #[test]
    fn distributions_go_through_their_bins() {
        let mut spread = Spread::default();
        (0..5_000_u64).for_each(|number| spread.add(number * number % 100_003));
        let again = Spread::of(spread.bins());
        assert_eq!(again.bins(), spread.bins());
        assert_eq!([0.1, 0.5, 0.99, 1.0].map(|q| again.quantile(q)), [0.1, 0.5, 0.99, 1.0].map(|q| spread.quantile(q)));
    }
}
