//! Lease files of Kea (memfile, DHCPv4): a journal of lines, of which the last one of an address counts.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::event::Place;

/// Columns that are needed; others are passed over, so that files of later versions are read.
const NEEDED: [&str; 6] = ["address", "hwaddr", "client_id", "valid_lifetime", "expire", "state"];
/// The latest second, and the longest lease: some thirty thousand years.
const LATEST: i64 = 1 << 40;
/// Addresses of a file.
const MOST_LEASES: usize = 1 << 22;

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The hardware address, and the client identifier where there is one.
    pub(crate) hardware: String,
    pub(crate) identifier: String,
    /// Seconds since 1970.
    pub(crate) expires: i64,
    /// Seconds; 0: it was deleted.
    pub(crate) valid: i64,
    pub(crate) state: i64,
    pub(crate) place: Place,
}

/// A lease file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) file: usize,
    pub(crate) leases: BTreeMap<Ipv4Addr, Lease>,
    /// The latest time at which something was written, as far as leases tell.
    pub(crate) latest: i64,
    pub(crate) problems: Vec<(u64, String)>,
    /// The header could be read.
    pub(crate) is_known: bool,
}

/// Whether text is of a lease file.
pub(crate) fn is_store(text: &str) -> bool {
    text.starts_with("address,")
}

impl Store {
    pub(crate) fn read(file: usize, text: &str) -> Store {
        let mut store = Store { file, ..Store::default() };
        let mut lines = (1..).zip(text.lines());
        let header: Vec<&str> = lines.next().map(|(_, line)| line.split(',').collect()).unwrap_or_default();
        let column = |name: &&str| header.iter().position(|known| known == name);
        let columns: Vec<Option<usize>> = NEEDED.iter().map(column).collect();
        if let Some(missing) = NEEDED.iter().zip(&columns).find(|(_, at)| at.is_none()).map(|(name, _)| name) {
            let problem =
                format!("has no column {missing}: a lease file of DHCPv4 with {} would be accepted", NEEDED.join(", "));
            store.problems.push((1, problem));
            return store;
        }
        store.is_known = true;
        let columns: Vec<usize> = columns.into_iter().flatten().collect();
        for (number, line) in lines {
            if let Err(problem) = store.line(number, line, &columns, header.len()) {
                store.problems.push((number, problem));
            }
        }
        if !text.ends_with('\n') {
            store.problems.push((text.lines().count() as u64, "the last line is cut off".to_owned()));
        }
        store
    }

    fn line(&mut self, number: u64, line: &str, columns: &[usize], width: usize) -> Result<(), String> {
        let fields: Vec<&str> = line.split(',').collect();
        if fields.len() != width {
            return Err(format!("has {} fields, and the header has {width}", fields.len()));
        }
        let field = |number: usize| columns.get(number).and_then(|at| fields.get(*at)).copied().unwrap_or_default();
        let whole = |at: usize| {
            let number = field(at).parse::<i64>().ok().filter(|number| (0..=LATEST).contains(number));
            number.ok_or_else(|| format!("{} is `{}`, which is no number from 0 to {LATEST}", NEEDED[at], field(at)))
        };
        let address = field(0).parse::<Ipv4Addr>().map_err(|_| format!("`{}` is no IPv4 address", field(0)))?;
        let (valid, expires, state) = (whole(3)?, whole(4)?, whole(5)?);
        if self.leases.len() >= MOST_LEASES && !self.leases.contains_key(&address) {
            return Err("more than 4194304 addresses".to_owned());
        }
        let place = Place { file: self.file, packet: number };
        let (hardware, identifier) = (field(1).to_owned(), field(2).to_owned());
        self.latest = self.latest.max(expires.saturating_sub(valid));
        self.leases.insert(address, Lease { hardware, identifier, expires, valid, state, place });
        Ok(())
    }

    /// A lease that runs at that time.
    pub(crate) fn runs(&self, address: Ipv4Addr, at: i64) -> Option<&Lease> {
        self.leases.get(&address).filter(|lease| lease.valid > 0 && lease.state == 0 && lease.expires > at)
    }
}

impl Lease {
    /// Whether both are of one client.
    pub(crate) fn is_same_client(&self, other: &Lease) -> bool {
        match self.identifier.is_empty() || other.identifier.is_empty() {
            true => self.hardware == other.hardware,
            false => self.identifier == other.identifier,
        }
    }

    /// The client in words.
    pub(crate) fn client(&self) -> String {
        match self.identifier.is_empty() {
            true => self.hardware.clone(),
            false => format!("{} (id {})", self.hardware, self.identifier),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context";

    #[test]
    fn the_last_line_of_an_address_counts_and_what_is_wrong_is_said_with_its_line() {
        let text = format!(
            "{HEADER},pool_id\n10.79.0.10,02:c1:00:00:00:02,,120,1795898249,1,0,0,,0,,0\n10.79.0.10,02:c1:00:00:00:02,,0,1795898129,1,0,0,,0,,0\n\
             10.79.0.11,02:c1:00:00:00:05,,120,179589x,1,0,0,,0,,0\n10.79.0.12,02:c1:00"
        );
        let store = Store::read(0, &text);
        assert_eq!(store.runs(Ipv4Addr::new(10, 79, 0, 10), 0), None, "it was deleted");
        let problems: Vec<_> = store.problems.iter().map(|(line, problem)| (*line, problem.as_str())).collect();
        assert_eq!(problems[0], (4, "expire is `179589x`, which is no number from 0 to 1099511627776"));
        assert_eq!(problems[1], (5, "has 2 fields, and the header has 12"));
        assert_eq!(problems[2].0, 5);
    }

    #[test]
    fn another_kind_of_file_is_not_judged() {
        let store = Store::read(0, "address,duid,valid_lifetime\n2001:db8::1,00:01,120\n");
        assert!(!store.is_known && store.problems[0].1.starts_with("has no column hwaddr"), "{:?}", store.problems);
    }
}
