//! The settings of a simulation. Every one is a number. They stand in one table, which is the reference of keys, what is checked,
//! what swarm runs draw from, and what `--sweep` can change.

use crate::rows::rule_keys;
use dhcpfo_header::keys::Key;
use dhcpfo_world::play::Length;

/// Sections: of numbers, and the readings.
pub(crate) const SECTIONS: [&str; 6] = ["population", "network", "pair", "time", "faults", "rules"];

/// What the number of a setting is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// A part of a whole: 0 to 1.
    Share,
    /// Seconds; from .0 to .1.
    Length(f64, f64),
    /// A whole number from .0 to .1.
    Count(u32, u32),
    /// How often a day on the average: 0 to 10000.
    PerDay,
}

impl Unit {
    fn range(self) -> (f64, f64) {
        match self {
            Unit::Share => (0.0, 1.0),
            Unit::Length(least, most) => (least, most),
            Unit::Count(least, most) => (f64::from(least), f64::from(most)),
            Unit::PerDay => (0.0, 10_000.0),
        }
    }

    fn accepted(self) -> String {
        match self {
            Unit::Share => "a part from 0 to 1".to_owned(),
            Unit::Length(least, most) => format!("seconds from {least} to {most}, or text such as \"1h\""),
            Unit::Count(least, most) => format!("a whole number from {least} to {most}"),
            Unit::PerDay => "times a day on the average, from 0 to 10000".to_owned(),
        }
    }

    /// The number, if it is one of this unit.
    pub(crate) fn check(self, number: f64) -> Result<f64, String> {
        let (least, most) = self.range();
        if !(least..=most).contains(&number) {
            return Err(format!("{number} is not from {least} to {most}"));
        }
        match self {
            Unit::Count(..) if number.fract() != 0.0 => Err(format!("{number} is no whole number")),
            _ => Ok(number),
        }
    }

    /// A number as the command line gives it.
    pub fn parse(self, text: &str) -> Result<f64, String> {
        let number = match (text.parse::<f64>(), self) {
            (Ok(number), _) => number,
            (Err(_), Unit::Length(..)) => seconds(text).ok_or(format!("`{text}` is no length of time"))?,
            (Err(_), _) => return Err(format!("`{text}` is no number")),
        };
        self.check(number).map_err(|problem| format!("{problem}; accepted: {}", self.accepted()))
    }
}

/// Seconds of `1h30m` or `250ms`.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    match text.strip_suffix("ms") {
        Some(number) => Some(f64::from(number.trim().parse::<u32>().ok()?) / 1000.0),
        None => {
            let length = text.trim().parse::<Length>().ok().filter(|length| length.denominator() == 1)?;
            Some(f64::from(length.whole()))
        }
    }
}

pub(crate) const DAY: f64 = 86_400.0;
const YEARS: f64 = 100.0 * 365.0 * DAY;

macro_rules! settings {
    ($($name:ident $section:literal $key:literal $unit:expr, $default:literal, $swarm:expr, $about:literal;)*) => {
        /// A setting of a simulation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is explained in the reference of keys")]
        pub enum Setting { $($name),* }

        impl Setting {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [Setting] = &[$(Setting::$name),*];

            const ROWS: &'static [Row] = &[$(Row {
                section: $section, key: $key, unit: $unit, default: $default, swarm: $swarm, about: $about,
            }),*];
        }
    };
}

pub(crate) struct Row {
    pub(crate) section: &'static str,
    pub(crate) key: &'static str,
    pub(crate) unit: Unit,
    default: &'static str,
    swarm: &'static [f64],
    about: &'static str,
}

settings! {
    Clients "population" "clients" Unit::Count(1, 4_000_000), "1000", &[1.0, 3.0, 20.0, 100.0], "how many clients there are; more than addresses are allowed, and some then go without";
    Arrival "population" "arrival" Unit::Length(0.0, YEARS), "1h", &[0.0, 60.0, 3600.0], "they come within this time";
    Residence "population" "residence" Unit::Length(0.0, YEARS), "0s", &[0.0, 1800.0, 28800.0], "how long one stays, on the average; 0: for ever";
    Absence "population" "absence" Unit::Length(1.0, YEARS), "8h", &[60.0, 3600.0, 28800.0], "how long one stays away, on the average";
    Release "population" "release" Unit::Share, "0.1", &[0.0, 0.1, 1.0], "of those that leave, so many send DHCPRELEASE";
    Decline "population" "decline" Unit::Share, "0", &[0.0, 0.0, 0.001, 0.02], "of new leases, so many are declined";
    Roams "population" "roams" Unit::Share, "0", &[0.0, 0.5], "of those that come back, so many do on another link";
    KeepsExpired "population" "keeps-expired" Unit::Share, "0", &[0.0, 0.1], "so many clients go on using an address after its end and ask for more; what is refuted afterwards is told apart";
    IgnoresServer "population" "ignores-server-identifier" Unit::Share, "0", &[0.0, 0.2], "so many clients ask both servers for what one of them offered";
    ChangesIdentifier "population" "changes-identifier" Unit::Share, "0", &[0.0, 0.2], "so many clients have another identifier each time they come";
    Addresses "network" "addresses" Unit::Count(1, 1_048_576), "1500", &[2.0, 8.0, 40.0, 150.0], "addresses of the pool, a /12 at the most";
    Links "network" "links" Unit::Count(1, 1024), "1", &[1.0, 2.0], "links behind relays; the addresses are divided among them";
    Delay "network" "delay" Unit::Length(0.0, 10.0), "10ms", &[0.0, 0.01, 0.5], "of a client's packet, on the average: exponential, so packets overtake each other";
    RelayDelay "network" "relay-delay" Unit::Length(0.0, 10.0), "0s", &[0.0, 0.05], "added to each packet of a client";
    Loss "faults" "loss" Unit::Share, "0", &[0.0, 0.01, 0.3], "of clients' packets";
    Duplication "faults" "duplication" Unit::Share, "0", &[0.0, 0.01, 0.3], "of clients' packets";
    LinkDelay "network" "link-delay" Unit::Length(0.0, 10.0), "1ms", &[0.0, 0.001, 0.2], "of a message between the servers, on the average";
    SlowLink "faults" "slow-link" Unit::Share, "0", &[0.0, 0.01, 0.2], "so many messages between the servers wait for a retransmission, and those behind them";
    SlowLinkDelay "faults" "slow-link-delay" Unit::Length(0.0, 50.0), "1s", &[1.0, 15.0], "how long those wait";
    Split "pair" "split" Unit::Count(0, 256), "128", &[0.0, 128.0, 256.0], "so many hash buckets are the secondary's; 0 is hot standby";
    SecondaryShare "pair" "secondary-share" Unit::Count(0, 100), "50", &[10.0, 50.0, 100.0], "percent of the available addresses that the secondary should have";
    Slack "pair" "slack" Unit::Share, "0.02", &[0.0, 0.02, 0.5], "by which part of the addresses the balance may be off before it is restored unasked";
    MaxUnacked "pair" "max-unacked" Unit::Count(1, 16), "10", &[1.0, 2.0, 10.0], "BNDUPDs that may be without an answer";
    OperatorDelay "pair" "operator-delay" Unit::Length(0.0, YEARS), "0s", &[0.0, 60.0, 7200.0], "PARTNER-DOWN is declared so long after a crash, if the server is still down; 0: never";
    Mclt "time" "mclt" Unit::Length(1.0, 1e7), "1h", &[5.0, 60.0, 600.0, 3600.0], "maximum client lead time";
    Lease "time" "lease" Unit::Length(1.0, 1e8), "8h", &[7.0, 120.0, 3600.0, 28800.0], "the lease that a server would like to give";
    Lead "time" "potential" Unit::Length(0.0, 1e8), "0s", &[0.0], "how far ahead of now the potential-expiration-time is set; 0: one and a half leases";
    Startup "time" "startup" Unit::Length(1.0, 3600.0), "10s", &[1.0, 10.0], "how long STARTUP lasts without a word from the partner";
    ReceiveTimer "time" "receive-timer" Unit::Length(1.0, 3600.0), "60s", &[4.0, 60.0], "silence after which a connection is given up";
    Retry "time" "retry" Unit::Length(1.0, 3600.0), "5s", &[1.0, 5.0], "between two attempts to connect";
    SafePeriod "time" "safe-period" Unit::Length(0.0, YEARS), "0s", &[0.0], "COMMUNICATIONS-INTERRUPTED becomes PARTNER-DOWN after this; 0: never. Untrue in a partition, as the draft warns";
    Crashes "faults" "crashes" Unit::PerDay, "0", &[0.0, 0.2, 4.0, 50.0], "of each server";
    Downtime "faults" "downtime" Unit::Length(0.0, YEARS), "10m", &[0.0, 5.0, 600.0, 14400.0], "how long a crashed server is down, on the average";
    StorageLoss "faults" "storage-loss" Unit::Share, "0", &[0.0, 0.2], "of crashes, so many take stable storage along";
    TornWrite "faults" "torn-write" Unit::Share, "0.5", &[0.0, 1.0], "of crashes, so many keep a part of what was being written";
    DiskDelay "faults" "disk-delay" Unit::Length(0.0, 10.0), "0s", &[0.0, 0.002, 0.3], "from a write until it is on stable storage; what comes in meanwhile is written together";
    SlowDisk "faults" "slow-disk" Unit::Share, "0", &[0.0, 0.05], "of writes, so many take longer";
    SlowDiskDelay "faults" "slow-disk-delay" Unit::Length(0.0, 30.0), "1s", &[1.0, 5.0], "how much longer";
    LinkCuts "faults" "link-cuts" Unit::PerDay, "0", &[0.0, 0.5, 8.0, 100.0], "partitions between the servers";
    CutLength "faults" "cut-length" Unit::Length(0.0, YEARS), "10m", &[1.0, 60.0, 600.0, 14400.0], "how long one lasts, on the average";
    OneWay "faults" "one-way" Unit::Share, "0", &[0.0, 0.5], "of partitions, so many are in one direction only";
    Flapping "faults" "flapping" Unit::Share, "0", &[0.0, 0.5], "of partitions, so many come back ten times within ten lengths";
    PowerCuts "faults" "power-cuts" Unit::PerDay, "0", &[0.0, 0.0, 0.5, 4.0], "all clients start anew at once";
    ClockOffset "faults" "clock-offset" Unit::Length(0.0, 30.0), "0s", &[0.0, 5.0, 30.0], "by so many whole seconds the secondary's clock is ahead";
    ClockDrift "faults" "clock-drift" Unit::Length(0.0, 0.1), "0s", &[0.0], "seconds by which the secondary's clock gains in each second; the draft promises nothing then";
    ClockSteps "faults" "clock-steps" Unit::PerDay, "0", &[0.0], "the secondary's clock steps ahead; the draft promises nothing then";
    ClockStep "faults" "clock-step" Unit::Length(0.0, 3600.0), "1s", &[1.0], "by so many whole seconds";
    ClientDrift "faults" "client-drift" Unit::Length(0.0, 0.1), "0s", &[0.0], "seconds by which clients' clocks lose in each second; the draft promises nothing then";
    PrematureDown "faults" "premature-partner-down" Unit::PerDay, "0", &[0.0], "an operator declares a partner down that serves; what is refuted afterwards is told apart";
    BothDown "faults" "both-partner-down" Unit::PerDay, "0", &[0.0], "the same on both servers at once";
    WrongRole "faults" "wrong-role" Unit::PerDay, "0", &[0.0], "an operator starts a server anew with the other's role, so that both are primary or both secondary; what is refuted afterwards is told apart";
    WrongRoleLength "faults" "wrong-role-length" Unit::Length(1.0, YEARS), "1h", &[3600.0], "after so long he starts it with its own role again";
    Reordering "faults" "reordering" Unit::Share, "0", &[0.0, 0.02, 0.3], "so many packets of clients are held back on their way, and overtaken by later ones";
    ReorderingDelay "faults" "reordering-delay" Unit::Length(0.0, 60.0), "2s", &[0.5, 5.0], "how long those are held back, on the average: delays are drawn from two exponential distributions then";
    CrashInStep "faults" "crash-in-step" Unit::Share, "0", &[0.0, 0.5], "of crashes, so many fall between two effects of what the server does next: of its writes the first are on stable storage, of its messages the first are sent";
    ClientSteps "faults" "client-clock-steps" Unit::PerDay, "0", &[0.0], "the clock of some client is set back, so that its leases last longer; the draft promises nothing then";
    ClientStep "faults" "client-clock-step" Unit::Length(0.0, 3600.0), "1s", &[1.0], "by so many whole seconds";
}

impl Setting {
    pub(crate) fn row(self) -> &'static Row {
        &Setting::ROWS[self as usize]
    }

    /// Its name with its section: `time.mclt`.
    pub fn name(self) -> String {
        format!("{}.{}", self.row().section, self.row().key)
    }

    /// What its number is.
    pub fn unit(self) -> Unit {
        self.row().unit
    }

    /// What swarm runs draw from.
    pub fn swarm(self) -> &'static [f64] {
        self.row().swarm
    }

    /// The setting of that name; the section may be left out.
    pub fn find(name: &str) -> Option<Setting> {
        Setting::ALL.iter().copied().find(|setting| setting.row().key == name || setting.name() == name)
    }
}

/// A number for each setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(Vec<f64>);

impl Default for Settings {
    fn default() -> Settings {
        Settings(Setting::ROWS.iter().map(|row| row.unit.parse(row.default).unwrap_or_default()).collect())
    }
}

impl Settings {
    /// The number of a setting.
    pub fn get(&self, setting: Setting) -> f64 {
        self.0[setting as usize]
    }

    /// Changes it.
    pub fn set(&mut self, setting: Setting, number: f64) {
        self.0[setting as usize] = number;
    }

    /// Those that are not as they are by default, with their numbers.
    pub fn changed(&self) -> Vec<(Setting, f64)> {
        let default = Settings::default();
        let differs = |setting: &Setting| self.get(*setting) != default.get(*setting);
        Setting::ALL.iter().copied().filter(differs).map(|setting| (setting, self.get(setting))).collect()
    }
}

/// Every key of simulation files.
pub(crate) fn keys() -> Vec<Key> {
    let key = |section, name, accepted: &str, default, about| Key {
        section,
        name,
        accepted: accepted.to_owned(),
        default,
        about,
    };
    let mut keys = vec![
        key("", "title", "a line of text", "", "what is simulated"),
        key("", "dialect", "a dialect (dhcpfo list rules)", "draft-12", "the readings of both servers"),
        key("", "until", "seconds from 1, or text such as \"30d\"", "30d", "how long a run lasts; all is healed then"),
        key(
            "",
            "script",
            "lines such as `at 2d crash primary`: crash, restart, link up, link down, operator … partner-down",
            "none",
            "what happens at known times; a server that a script crashes stays down until a script restarts it",
        ),
    ];
    // Section by section; what was added later stands behind, so that swarm runs draw the rest as before.
    let mut rows: Vec<&Row> = Setting::ROWS.iter().collect();
    rows.sort_by_key(|row| SECTIONS.iter().position(|section| *section == row.section));
    keys.extend(rows.into_iter().map(|row| {
        let Row { section, key: name, unit, default, about, .. } = row;
        Key { section, name, accepted: unit.accepted(), default, about }
    }));
    keys.extend(rule_keys());
    keys
}
