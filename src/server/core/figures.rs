//! Counters, and their text for Prometheus.

use std::fmt::Write;
use std::time::Duration;

use dhcpfo_engine::effect::Note;
use dhcpfo_wire::client::Kind;

/// What has been counted since the start.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the names are those of the metrics, which are explained there")]
pub struct Figures {
    pub inputs: u64,
    pub received: [u64; 9],
    pub undecodable: u64,
    pub refused: u64,
    pub stalled: u64,
    pub offers: u64,
    pub acks: u64,
    pub naks: u64,
    pub answers: u64,
    pub unsent: u64,
    pub chose_another: u64,
    pub declines_refused: u64,
    pub tried_again: u64,
    pub notes: [u64; 6],
    pub commits: u64,
    pub rows: u64,
    pub commit_time: Duration,
    pub longest_commit: Duration,
    pub partner_sent: u64,
    pub transitions: u64,
}

const NOTES: [(&str, Note); 6] = [
    ("silent", Note::Silent),
    ("not-mine", Note::NotMine),
    ("nothing-available", Note::NothingAvailable),
    ("not-allowed", Note::NotAllowed),
    ("ignored", Note::Ignored),
    ("alarm", Note::Alarm),
];
const KINDS: [Kind; 5] = [Kind::Discover, Kind::Request, Kind::Decline, Kind::Release, Kind::Inform];

/// A name, what it is for, and values by label.
pub(super) type Gauge<'a> = (&'a str, &'a str, Vec<(String, f64)>);

impl Figures {
    /// All 0.
    pub fn new() -> Figures {
        Figures::default()
    }

    pub(super) fn received(&mut self, kind: Kind) {
        self.received[kind as usize] += 1;
    }

    pub(super) fn note(&mut self, note: Note) {
        if let Some(at) = NOTES.iter().position(|(_, known)| *known == note) {
            self.notes[at] += 1;
        }
    }

    pub(super) fn commit(&mut self, rows: usize, took: Duration) {
        self.commits += 1;
        self.rows += rows as u64;
        self.commit_time += took;
        self.longest_commit = self.longest_commit.max(took);
    }

    /// The text for Prometheus. `gauges`: names with what they are for and values by label.
    pub(super) fn text(&self, dropped: u64, gauges: &[Gauge<'_>]) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, about: &str, values: &[(String, f64)]| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "# HELP dhcpfo_{name} {about}\n# TYPE dhcpfo_{name} {kind}");
            for (label, value) in values {
                let _ = writeln!(text, "dhcpfo_{name}{label} {value}");
            }
        };
        for (name, about, values) in gauges {
            family(name, "gauge", about, values);
        }
        let plain = |value: u64| vec![(String::new(), value as f64)];
        let kinds: Vec<_> = KINDS
            .iter()
            .map(|&kind| (format!("{{type=\"{}\"}}", kind.name()), self.received[kind as usize] as f64))
            .collect();
        family("packets_total", "counter", "Packets of clients by message type.", &kinds);
        let notes: Vec<_> =
            NOTES.iter().zip(self.notes).map(|((name, _), n)| (format!("{{reason=\"{name}\"}}"), n as f64)).collect();
        family("refusals_total", "counter", "Requests without an answer by the engine's reason.", &notes);
        let answers = [("DHCPOFFER", self.offers), ("DHCPACK", self.acks), ("DHCPNAK", self.naks)];
        let answers: Vec<_> = answers.iter().map(|(name, n)| (format!("{{type=\"{name}\"}}"), *n as f64)).collect();
        family("answers_total", "counter", "Answers to clients by message type.", &answers);
        for (name, about, value) in [
            ("undecodable_total", "Datagrams that are no DHCP packet.", self.undecodable),
            ("unanswerable_total", "Packets that could not be handed to the engine.", self.refused),
            ("dropped_total", "Datagrams for which there was no time.", dropped),
            ("stalled_total", "Datagrams ignored while the store took no changes.", self.stalled),
            ("unsent_total", "Answers that the system did not send.", self.unsent),
            ("chose_another_total", "Requests for another server's offer.", self.chose_another),
            ("declines_refused_total", "DHCPDECLINEs beyond what a client or link may.", self.declines_refused),
            ("abandoned_tried_again_total", "ABANDONED addresses reset because their time was over.", self.tried_again),
            ("partner_messages_sent_total", "Messages to the partner.", self.partner_sent),
            ("transitions_total", "Changes of the endpoint's state.", self.transitions),
            ("commits_total", "Commits of the store.", self.commits),
            ("commit_rows_total", "Rows written.", self.rows),
        ] {
            family(name, "counter", about, &plain(value));
        }
        let seconds = |time: Duration| vec![(String::new(), time.as_secs_f64())];
        family("commit_seconds_total", "counter", "Time in commits.", &seconds(self.commit_time));
        family("commit_longest_seconds", "gauge", "The longest commit.", &seconds(self.longest_commit));
        text
    }
}
