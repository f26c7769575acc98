//! Capture files as packets: pcap and pcapng, also compressed by gzip, one record at a time, several files merged by
//! time.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};

/// Microseconds since 1970, by the clock of the machine that captured.
pub type Micros = i64;

/// Octets of the longest record that is taken: four times what tcpdump captures.
const LONGEST: usize = 1 << 20;
/// Interfaces of a pcapng section that are told apart.
const MOST_INTERFACES: usize = 4096;
const ACCEPTED: &str =
    "a pcap or pcapng file, also compressed by gzip, or a trace of `dhcpfo play --json`, would be accepted";
/// What a file that gzip has written begins with (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Units in which times of a capture may be written down, coarsest first, in microseconds.
const UNITS: [Micros; 5] = [1_000_000, 100_000, 10_000, 1_000, 1];

/// A file to be read, twice.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file on disk.
    Path(PathBuf),
    /// Octets with a name.
    Octets(String, Vec<u8>),
}

impl Input {
    /// The name for people.
    pub fn name(&self) -> String {
        match self {
            Input::Path(path) => path.display().to_string(),
            Input::Octets(name, _) => name.clone(),
        }
    }

    /// The file from its beginning, unpacked if gzip has packed it. What is unpacked is never kept as a whole.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send + '_>, Unreadable> {
        let mut begins = [0; GZIP.len()];
        if self.raw()?.read_exact(&mut begins).is_ok() && begins == GZIP {
            return Ok(Box::new(Unpacked(MultiGzDecoder::new(self.raw()?))));
        }
        self.raw()
    }

    fn raw(&self) -> Result<Box<dyn Read + Send + '_>, Unreadable> {
        match self {
            Input::Path(path) => {
                let fail = |error: std::io::Error| Unreadable::new(self.name(), 0, 0, error.to_string());
                if path.is_dir() {
                    return Err(Unreadable::new(self.name(), 0, 0, format!("is a folder; {ACCEPTED}")));
                }
                Ok(Box::new(File::open(path).map_err(fail)?))
            }
            Input::Octets(_, octets) => Ok(Box::new(Cursor::new(octets))),
        }
    }
}

/// What gzip has packed. A file that is not there to its end ends where it is cut, as a capture does that is not packed.
struct Unpacked<R>(MultiGzDecoder<R>);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        self.0.read(octets).or_else(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Ok(0),
            _ => Err(error),
        })
    }
}

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The file.
    pub file: String,
    /// The packet or line that cannot be read, counted from 1; 0: the file as a whole.
    pub packet: u64,
    /// The octet in the file at which it begins.
    pub offset: u64,
    /// What is wrong, and what would be accepted.
    pub problem: String,
}

impl Unreadable {
    pub(crate) fn new(file: String, packet: u64, offset: u64, problem: String) -> Unreadable {
        Unreadable { file, packet, offset, problem }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if self.packet > 0 {
            write!(f, "packet {}, octet {}: ", self.packet, self.offset)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Unreadable {}

/// A captured packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    /// Number in its file, counted from 1 as Wireshark does.
    pub(crate) number: u64,
    pub(crate) at: Micros,
    /// LINKTYPE of the interface.
    pub(crate) link: i32,
    pub(crate) data: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Interface {
    link: i32,
    /// Units a second.
    resolution: u64,
    /// Seconds.
    offset: i64,
}

/// One capture file.
pub(crate) struct Capture<'a> {
    name: String,
    reader: Box<dyn PcapReaderIterator + Send + 'a>,
    interfaces: Vec<Interface>,
    number: u64,
    octet: u64,
    nanoseconds: bool,
    ended: bool,
    /// Set when the file ends inside a record.
    pub(crate) cut_off: bool,
    pub(crate) grain: Grain,
}

/// How exact the times of a file are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grain {
    /// The unit in which they are written down: every time is a multiple of it.
    pub(crate) unit: Micros,
    /// The farthest that a time lies before that of an earlier packet.
    pub(crate) back: Micros,
    latest: Micros,
}

impl Grain {
    fn take(&mut self, at: Micros) {
        if at % self.unit != 0 {
            self.unit = UNITS.into_iter().find(|unit| at % unit == 0).unwrap_or(1).min(self.unit);
        }
        self.latest = self.latest.max(at);
        self.back = self.back.max(self.latest - at);
    }
}

impl<'a> Capture<'a> {
    pub(crate) fn open(input: &'a Input) -> Result<Capture<'a>, Unreadable> {
        let name = input.name();
        let fail = |problem: String| Unreadable::new(name.clone(), 0, 0, problem);
        let reader = create_reader(2 * LONGEST, input.open()?).map_err(|error| {
            fail(match error {
                PcapError::Eof => format!("is empty; {ACCEPTED}"),
                PcapError::ReadError => "cannot be read".to_owned(),
                _ => format!("is no capture file; {ACCEPTED}"),
            })
        })?;
        Ok(Capture {
            name,
            reader,
            interfaces: Vec::new(),
            number: 0,
            octet: 0,
            nanoseconds: false,
            ended: false,
            cut_off: false,
            grain: Grain { unit: UNITS[0], back: 0, latest: Micros::MIN },
        })
    }

    /// The next packet; None at the end.
    ///
    /// # Errors
    /// A record cannot be read. What follows it cannot be found either.
    pub(crate) fn next(&mut self) -> Result<Option<Raw>, Unreadable> {
        while !self.ended {
            let used;
            let found = match self.reader.next() {
                Ok((octets, block)) => {
                    used = octets;
                    let context = Context { interfaces: &mut self.interfaces, nanoseconds: &mut self.nanoseconds };
                    context.take(block)
                }
                Err(PcapError::Eof) => break,
                Err(PcapError::Incomplete(_)) => {
                    let before = self.reader.data().len();
                    self.reader.refill().map_err(|_| unreadable(&self.name, self.number, self.octet, "read error"))?;
                    // At the end of the file a record that has begun will not become whole.
                    if self.reader.reader_exhausted() && self.reader.data().len() == before {
                        self.cut_off = before > 0;
                        break;
                    }
                    continue;
                }
                Err(PcapError::UnexpectedEof) => {
                    self.cut_off = true;
                    break;
                }
                Err(PcapError::BufferTooSmall) => {
                    return Err(unreadable(&self.name, self.number, self.octet, "the record is longer than 1 MiB"));
                }
                Err(_) => {
                    let problem = "octets that are no record of a capture; the file is damaged from here on";
                    return Err(unreadable(&self.name, self.number, self.octet, problem));
                }
            };
            self.reader.consume(used);
            let octet = self.octet;
            self.octet += used as u64;
            match found {
                Ok(None) => {}
                Ok(Some(raw)) if raw.data.len() > LONGEST => {
                    return Err(unreadable(&self.name, self.number, octet, "the record is longer than 1 MiB"));
                }
                Ok(Some(raw)) => {
                    self.number += 1;
                    self.grain.take(raw.at);
                    return Ok(Some(Raw { number: self.number, ..raw }));
                }
                Err(problem) => return Err(unreadable(&self.name, self.number, octet, problem)),
            }
        }
        self.ended = true;
        Ok(None)
    }
}

fn unreadable(name: &str, before: u64, octet: u64, problem: &str) -> Unreadable {
    Unreadable::new(
        name.to_owned(),
        before + 1,
        octet,
        format!("{problem}; a record of at most 1 MiB would be accepted"),
    )
}

/// What the blocks before say about those that follow.
struct Context<'a> {
    interfaces: &'a mut Vec<Interface>,
    nanoseconds: &'a mut bool,
}

impl Context<'_> {
    fn take(self, block: PcapBlockOwned<'_>) -> Result<Option<Raw>, &'static str> {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                *self.nanoseconds = header.is_nanosecond_precision();
                // The upper bits say how long the frame check sequence is.
                let link = header.network.0 & 0xffff;
                *self.interfaces = vec![Interface { link, resolution: 1_000_000, offset: 0 }];
                Ok(None)
            }
            PcapBlockOwned::Legacy(record) => {
                let micros = if *self.nanoseconds { record.ts_usec / 1000 } else { record.ts_usec };
                let at = i64::from(record.ts_sec) * 1_000_000 + i64::from(micros);
                Ok(self.packet(0, at, record.data, record.caplen))
            }
            PcapBlockOwned::NG(Block::SectionHeader(_)) => {
                self.interfaces.clear();
                Ok(None)
            }
            PcapBlockOwned::NG(Block::InterfaceDescription(block)) => {
                if self.interfaces.len() >= MOST_INTERFACES {
                    return Err("more than 4096 interfaces");
                }
                let resolution = block.ts_resolution().filter(|&units| units > 0).ok_or("unusable time resolution")?;
                let link = block.linktype.0;
                self.interfaces.push(Interface { link, resolution, offset: block.ts_offset() });
                Ok(None)
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(block)) => {
                let interface =
                    *self.interfaces.get(block.if_id as usize).ok_or("an interface that is not described")?;
                let units = u128::from(block.ts_high) << 32 | u128::from(block.ts_low);
                let micros = units.saturating_mul(1_000_000) / u128::from(interface.resolution);
                let at = i64::try_from(micros).unwrap_or(i64::MAX / 4);
                let at = at.saturating_add(interface.offset.saturating_mul(1_000_000));
                Ok(self.packet(block.if_id as usize, at, block.data, block.caplen))
            }
            PcapBlockOwned::NG(Block::SimplePacket(_)) => Err("a simple packet block, which has no time"),
            PcapBlockOwned::NG(_) => Ok(None),
        }
    }

    fn packet(&self, interface: usize, at: Micros, data: &[u8], length: u32) -> Option<Raw> {
        let interface = self.interfaces.get(interface)?;
        let data = data.get(..length as usize).unwrap_or(data);
        Some(Raw { number: 0, at: at.clamp(0, i64::MAX / 4), link: interface.link, data: data.to_vec() })
    }
}

/// Several files, merged by time; packets of one file stay in their order.
pub(crate) struct Merged<'a> {
    captures: Vec<(Capture<'a>, Option<Raw>)>,
}

impl<'a> Merged<'a> {
    pub(crate) fn open(inputs: &'a [Input]) -> Result<Merged<'a>, Unreadable> {
        let mut captures = Vec::new();
        for input in inputs {
            let mut capture = Capture::open(input)?;
            let first = capture.next()?;
            captures.push((capture, first));
        }
        Ok(Merged { captures })
    }

    /// The next packet with the number of its file.
    pub(crate) fn next(&mut self) -> Result<Option<(usize, Raw)>, Unreadable> {
        let waiting = self.captures.iter().enumerate().filter_map(|(file, (_, raw))| Some((raw.as_ref()?.at, file)));
        let Some((_, file)) = waiting.min() else { return Ok(None) };
        let (capture, raw) = &mut self.captures[file];
        let next = capture.next()?;
        Ok(std::mem::replace(raw, next).map(|raw| (file, raw)))
    }

    /// How exact the times of each file are, as far as it was read.
    pub(crate) fn grains(&self) -> Vec<Grain> {
        self.captures.iter().map(|(capture, _)| capture.grain).collect()
    }

    /// Packets read of a file, and whether it ended inside a record.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (u64, bool)> {
        self.captures.iter().map(|(capture, _)| (capture.number, capture.cut_off))
    }
}
