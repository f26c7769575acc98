//! What a server runs, and where that departs from what is searched.
//!
//! The searches run [`Rules::DRAFT_12`], with commands that are true and a partner that runs the same rules. A
//! configuration may ask for something else: each such exception is said with what it can cost, at the start, by
//! `serve --check` and by `ctl status`.

use dhcpfo_documents::control;
use dhcpfo_engine::rules::Rules;
use dhcpfo_files::ServerFile;

/// A departure from what is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The key and its value, or what an operator did.
    pub what: String,
    /// What can come of it.
    pub cost: String,
}

impl Exception {
    /// As `ctl status` has it.
    pub fn document(&self) -> control::Exception {
        control::Exception { what: self.what.clone(), cost: self.cost.clone() }
    }
}

/// The rules that a server with this configuration runs.
pub fn rules(file: &ServerFile) -> Rules {
    Rules { startup_over: file.failover.startup_over, ..Rules::DRAFT_12 }
}

/// Readings that a configuration can ask for and that are not those of the searches: key, word, and what can come of it.
const COSTS: [(&str, &str, &str); 1] = [(
    "startup-over",
    "previous",
    "a server that restarts while it cannot reach its partner serves beside a partner that an operator has put into \
     PARTNER-DOWN: two clients get one address (Q31, models/broken/q31-startup-over.toml). With \"wait\" it serves \
     nobody until the partner answers or an operator says `dhcpfo ctl partner-down --yes`",
)];

/// The readings in which rules depart from those that are searched, by key and word.
pub fn departures(rules: &Rules) -> impl Iterator<Item = (&'static str, &'static str)> {
    let searched: Vec<_> = Rules::DRAFT_12.words().collect();
    rules.words().zip(searched).filter(|(runs, searched)| runs != searched).map(|(runs, _)| runs)
}

/// Every exception of a configuration.
pub fn exceptions(file: &ServerFile) -> Vec<Exception> {
    let mut found: Vec<Exception> = departures(&rules(file))
        .map(|(key, word)| {
            let known = COSTS.iter().find(|(k, w, _)| (*k, *w) == (key, word));
            let cost = known.map_or("nobody has looked at it", |(_, _, cost)| cost).to_owned();
            Exception { what: format!("failover.{key} = \"{word}\""), cost }
        })
        .collect();
    if let Some(seconds) = file.failover.safe_period {
        found.push(Exception {
            what: format!("failover.safe-period = {seconds}"),
            cost: "after it a server that is only cut off from its partner takes the partner's addresses, too, and both \
                   serve: two clients get one address (failover-12 §10, models/broken/m19-safe-period-in-a-partition-duplicate.toml)"
                .to_owned(),
        });
    }
    if file.failover.isc {
        found.push(Exception {
            what: "failover.peer = \"isc-dhcpd\"".to_owned(),
            cost:
                "the partner runs other rules, which are refuted: after a crash of it two clients can get one address \
                   (dialect isc-dhcpd-4.4, models/isc-dhcpd-4.4.toml)"
                    .to_owned(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use dhcpfo_files::server::server;

    /// The configuration of a test, with lines for `[failover]`.
    fn file(lines: &str) -> ServerFile {
        let text = format!(
            "[listen]\naddresses = [\"127.0.0.1:6700\"]\n[store]\npath = \"x\"\n[failover]\nrole = \"primary\"\n\
             name = \"x\"\naddress = \"127.0.0.1:6701\"\npartner = \"127.0.0.1:6702\"\n{lines}\n\
             [[subnet]]\nnetwork = \"10.0.0.0/24\"\npools = [\"10.0.0.1-10.0.0.9\"]\n"
        );
        server("test.toml", &|_| Ok(text.clone())).unwrap()
    }

    #[test]
    fn a_server_runs_what_is_searched() {
        let plain = file("");
        assert_eq!(rules(&plain), Rules::DRAFT_12);
        assert_eq!(exceptions(&plain), []);
    }

    /// A reading that a configuration can ask for and whose cost nobody has written down fails here.
    #[test]
    fn every_exception_is_said_with_its_cost() {
        let odd = file("startup-over = \"previous\"\nsafe-period = 60\npeer = \"isc-dhcpd\"");
        let found = exceptions(&odd);
        let whats: Vec<_> = found.iter().map(|exception| exception.what.as_str()).collect();
        let expected =
            ["failover.startup-over = \"previous\"", "failover.safe-period = 60", "failover.peer = \"isc-dhcpd\""];
        assert_eq!(whats, expected);
        assert!(found.iter().all(|exception| exception.cost.contains("two clients")), "{found:?}");
        let asked: Vec<_> = departures(&rules(&odd)).collect();
        let written: Vec<_> = COSTS.iter().map(|(key, word, _)| (*key, *word)).collect();
        assert_eq!(asked, written, "each reading that can be asked for has a cost, and no cost is of none");
    }

    #[test]
    fn rules_that_depart_are_found_wherever_they_do() {
        let mut isc = Rules::DRAFT_12;
        isc.set("lead-base", "unbounded").unwrap();
        assert_eq!(departures(&isc).collect::<Vec<_>>(), [("lead-base", "unbounded")]);
    }
}
