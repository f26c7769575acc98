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

/// What each measure means, by its name: for whoever reads the numbers.
const MEANINGS: &[(&str, &str)] = &[
    ("events", "packets, messages, timers, writes and faults"),
    ("virtual-seconds", "length of all runs"),
    ("granted", "leases given to clients that had none of that address"),
    ("extended", "leases extended"),
    ("refused", "DHCPNAKs that clients took"),
    ("exhausted", "DHCPDISCOVERs for which a server had no address"),
    ("client-packets", "packets from and to clients"),
    ("failover-messages", "messages between the servers"),
    ("crashes", "crashes of servers"),
    ("cuts", "partitions"),
    ("misbehaved", "addresses used twice because a client kept one beyond its end"),
    ("beyond-the-draft", "claims broken after an assumption of the draft was, not counted as refuted"),
    ("runs-beyond-the-draft", "runs in which such an assumption did not hold any more for any address"),
    ("late-and-believed", "packets of clients that came after the end of their lease and were believed"),
    ("overloaded-runs", "runs whose updates come faster than they can be answered; agreement is not demanded"),
    ("answers-in-normal", "DHCPACKs by servers in NORMAL"),
    ("answers-apart", "DHCPACKs by servers in any other state"),
    ("server-seconds-in-normal", "time that servers were in NORMAL, added up over both"),
    ("server-seconds-apart", "time that servers served in any other state, added up over both"),
    ("messages-per-lease", "failover messages for each lease given or extended"),
    ("answers-per-hour-in-normal", "DHCPACKs of one server in an hour of NORMAL"),
    ("answers-per-hour-apart", "DHCPACKs of one server in an hour of any other state"),
    ("lease-seconds", "length of each lease given or extended"),
    ("unserved-seconds", "wait of each client that got an address; whoever never got one is not in it"),
    ("unserved-apart-seconds", "the same, of those that got it while no server was in NORMAL"),
    ("bndupd-backlog", "bindings that the partner has not acknowledged, each server, each hour"),
    ("per-mille-without-address", "of 1000 clients that are there, those without an address, each hour"),
    ("partners-pool-reused-seconds", "from PARTNER-DOWN to the first lease of an address of the partner's pool"),
    ("heal-seconds", "from the end of all faults until all is as it should be"),
];

/// What a measure means. Empty if there is none of that name.
pub fn meaning(name: &str) -> &'static str {
    MEANINGS.iter().find(|(known, _)| *known == name).map_or("", |(_, meaning)| meaning)
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
    /// How long clients were without an address that wanted one, in seconds.
    pub unserved: Spread,
    /// The same for those that came while the servers were not in touch.
    pub unserved_apart: Spread,
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

    /// The names of all measures.
    pub fn names(&self) -> Vec<&'static str> {
        let counts = self.counts().into_iter().map(|(name, _)| name);
        let rates = self.rates().into_iter().map(|(name, _)| name);
        counts.chain(rates).chain(self.spreads().into_iter().map(|(name, _)| name)).collect()
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
    pub fn spreads(&self) -> [(&'static str, &Spread); 7] {
        [
            ("lease-seconds", &self.lease),
            ("unserved-seconds", &self.unserved),
            ("unserved-apart-seconds", &self.unserved_apart),
            ("bndupd-backlog", &self.backlog),
            ("per-mille-without-address", &self.without),
            ("partners-pool-reused-seconds", &self.reuse),
            ("heal-seconds", &self.heal),
        ]
    }

    fn spreads_mut(&mut self) -> [(&'static str, &mut Spread); 7] {
        [
            ("lease-seconds", &mut self.lease),
            ("unserved-seconds", &mut self.unserved),
            ("unserved-apart-seconds", &mut self.unserved_apart),
            ("bndupd-backlog", &mut self.backlog),
            ("per-mille-without-address", &mut self.without),
            ("partners-pool-reused-seconds", &mut self.reuse),
            ("heal-seconds", &mut self.heal),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{MEANINGS, Measures, Spread, meaning};

    #[test]
    fn every_measure_has_a_meaning_and_every_meaning_a_measure() {
        let names = Measures::default().names();
        assert!(names.iter().all(|name| !meaning(name).is_empty()), "{names:?}");
        assert!(MEANINGS.iter().all(|(name, _)| names.contains(name)));
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
