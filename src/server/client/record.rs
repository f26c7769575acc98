//! What clients were given: one line for each event, read again by the next run.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::path::Path;

use dhcpfo_documents::clients::Event;

/// A lease that a client holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which client, by number.
    pub client: u32,
    /// When it ends, in milliseconds since 1970: counted from the request, as a client does.
    pub until: u64,
}

/// The record of all clients.
#[derive(Debug, Default)]
pub struct Record {
    held: BTreeMap<Ipv4Addr, Held>,
    by_client: BTreeMap<u32, Ipv4Addr>,
    file: Option<File>,
    /// Each is an address that a second client was given while the first one still held it.
    pub duplicates: Vec<String>,
}

impl Record {
    /// The record in a file, which goes on being written; or one in memory only.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(path: Option<&Path>) -> io::Result<Record> {
        let mut record = Record::default();
        let Some(path) = path else { return Ok(record) };
        if let Ok(file) = File::open(path) {
            for line in BufReader::new(file).lines() {
                // The last line may have been cut by a kill.
                let Ok(event) = serde_json::from_str(&line?) else { continue };
                record.replay(event);
            }
        }
        record.duplicates.clear();
        record.file = Some(OpenOptions::new().create(true).append(true).open(path)?);
        Ok(record)
    }

    fn replay(&mut self, event: Event) {
        match event {
            Event::Ack { at_ms, client, address, until_ms } => self.acked(client, address, until_ms, at_ms),
            Event::End { at_ms, client, .. } => self.ended(client, at_ms),
        }
    }

    /// A client was given an address at this time, both in milliseconds since 1970; a duplicate is noted.
    pub fn acked(&mut self, client: u32, address: Ipv4Addr, until: u64, at: u64) {
        self.write(&Event::Ack { at_ms: at, client, address, until_ms: until });
        if let Some(other) = self.held.get(&address).filter(|held| held.client != client && held.until > at) {
            let text = format!(
                "{address} given to client {client} at {at} ms while client {} holds it until {}, {} ms more",
                other.client,
                other.until,
                other.until - at
            );
            self.duplicates.push(text);
        }
        let before = self.by_client.insert(client, address);
        if let Some(before) = before.filter(|before| *before != address) {
            self.forget(client, before);
        }
        let held = self.held.entry(address).or_insert(Held { client, until });
        // Longer promises of the same client still hold if this answer is shorter.
        let until = if held.client == client { held.until.max(until) } else { until };
        *held = Held { client, until };
    }

    /// A client has given its address back, or must not use it any more, from this time on.
    pub fn ended(&mut self, client: u32, at: u64) {
        if let Some(address) = self.by_client.remove(&client) {
            self.write(&Event::End { at_ms: at, client, address });
            self.forget(client, address);
        }
    }

    fn forget(&mut self, client: u32, address: Ipv4Addr) {
        if self.held.get(&address).is_some_and(|held| held.client == client) {
            self.held.remove(&address);
        }
    }

    /// Leases that have not ended at this time.
    pub fn held(&self, at: u64) -> Vec<(Ipv4Addr, Held)> {
        self.held.iter().filter(|(_, held)| held.until > at).map(|(address, held)| (*address, *held)).collect()
    }

    /// The highest number of a client, and one more.
    pub fn next_client(&self) -> u32 {
        self.by_client.keys().next_back().map_or(0, |client| client + 1)
    }

    fn write(&mut self, event: &Event) {
        if let Some(file) = &mut self.file
            && let Err(error) = file.write_all((dhcpfo_documents::line(event) + "\n").as_bytes())
        {
            tracing::error!(%error, "the record is not complete");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_client_at_the_same_time_is_a_duplicate_and_a_later_one_is_not() {
        let mut record = Record::default();
        let address = Ipv4Addr::new(10, 0, 0, 1);
        record.acked(1, address, 100, 50);
        record.acked(1, address, 120, 60);
        record.acked(2, address, 200, 119);
        assert_eq!(record.duplicates.len(), 1);
        record.acked(3, address, 300, 201);
        record.ended(3, 201);
        record.acked(4, address, 400, 202);
        assert_eq!(record.duplicates.len(), 1);
        assert_eq!(record.held(399), [(address, Held { client: 4, until: 400 })]);
        assert_eq!(record.held(400), []);
    }
}
