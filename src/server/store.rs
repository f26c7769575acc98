//! Stable storage: one `redb` file. A commit is one transaction and one synchronisation, however many changes it has.
//!
//! A file that cannot be read whole is not used at all: half of the truth about leases leads to duplicates. The
//! protocol has a way back from no truth, RECOVER with UPDREQALL (failover-12 §9.5), which [`Start::Blank`] takes.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::net::Ipv4Addr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use dhcpfo_engine::binding::{AddressId, Binding, ClientId};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_wire::convert::Client;
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::record::{self, Agreed, Contact, Counts};

const BINDINGS: TableDefinition<'_, [u8; 4], &[u8]> = TableDefinition::new("bindings");
const OWN: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("own");
/// Octets of pages that the library keeps in memory.
const CACHE: usize = 32 << 20;
/// Mode of the file.
const MODE: u32 = 0o600;

/// How to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With what the file has.
    Found,
    /// With nothing; the file is set aside.
    Blank,
}

/// Why there is no stable storage.
#[derive(Debug)]
pub enum StoreError {
    /// Another process has it.
    Locked(PathBuf),
    /// It is not what was written.
    Corrupt(PathBuf, String),
    /// It belongs to another relationship or role: what it is, what is configured.
    Foreign(PathBuf, String, String),
    /// The operating system or the library says no.
    Failed(PathBuf, String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Locked(path) => {
                write!(
                    f,
                    "{}: another process has this store open; stop it, or name another store.path",
                    path.display()
                )
            }
            StoreError::Corrupt(path, what) => write!(
                f,
                "{}: the store is damaged: {what}. It is not used, because leases that are forgotten are given twice. \
                 With --recover it is set aside and everything is asked of the partner (RECOVER, failover-12 §9.5)",
                path.display()
            ),
            StoreError::Foreign(path, is, should) => {
                write!(f, "{}: this is the store of {is}; the configuration is for {should}", path.display())
            }
            StoreError::Failed(path, why) => write!(f, "{}: {why}", path.display()),
        }
    }
}

impl std::error::Error for StoreError {}

/// What the file had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The endpoint's record; None at a first start.
    pub endpoint: Option<EndpointRecord>,
    /// When this server last wrote, in seconds since 1970; 0 is never.
    pub heartbeat: u32,
    /// When this server last operated, as [`dhcpfo_engine::endpoint::Endpoint::operates`] has it; likewise.
    pub operated: u32,
    /// What was agreed with the partner.
    pub agreed: Option<Agreed>,
    /// When the partner was last in touch; None in a store from before that was written.
    pub contact: Option<Contact>,
    /// The numbers of commits; all 0 in a store from before they were written.
    pub counts: Counts,
    /// Bindings of configured addresses.
    pub bindings: Vec<(AddressId, Binding)>,
    /// Addresses that have a binding and are not configured any more.
    pub strangers: Vec<Ipv4Addr>,
}

/// Changes that wait for the next commit; later ones replace earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    bindings: BTreeMap<[u8; 4], Vec<u8>>,
    own: BTreeMap<&'static str, Vec<u8>>,
    /// The heartbeat alone is no reason to commit.
    due: bool,
}

impl Changes {
    /// An address has this binding, whose status names this client.
    pub fn binding(&mut self, address: Ipv4Addr, binding: &Binding, client: Option<&Client>) {
        let key = record::key(address);
        self.bindings.insert(key, record::seal(&key, record::encode_binding(binding, client)));
        self.due = true;
    }

    /// The endpoint's record is this.
    pub fn endpoint(&mut self, record: &EndpointRecord) {
        self.put("endpoint", record::encode_endpoint(record));
    }

    /// This was agreed.
    pub fn agreed(&mut self, agreed: &Agreed) {
        self.put("agreed", record::encode_agreed(agreed));
    }

    /// When the partner was last in touch.
    pub fn contact(&mut self, contact: Contact) {
        self.put("contact", record::encode_contact(contact));
    }

    /// The numbers of commits, this one counted.
    pub fn counts(&mut self, counts: &Counts) {
        self.put("counts", record::encode_counts(counts));
    }

    /// This server ran at this time, in seconds since 1970. It waits for another change unless `due`.
    pub fn heartbeat(&mut self, now: u32, due: bool) {
        let before = self.due;
        self.put("heartbeat", now.to_le_bytes().to_vec());
        self.due = before || due;
    }

    /// This server operated at this time, in seconds since 1970. It waits for another change.
    pub fn operated(&mut self, now: u32) {
        self.own.insert("operated", record::seal(b"operated", now.to_le_bytes().to_vec()));
    }

    /// Whether there is something that must be written before what follows from it may be seen.
    pub fn is_due(&self) -> bool {
        self.due
    }

    /// How many rows change.
    pub fn len(&self) -> usize {
        self.bindings.len() + self.own.len()
    }

    /// Whether no row changes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn put(&mut self, name: &'static str, row: Vec<u8>) {
        self.own.insert(name, record::seal(name.as_bytes(), row));
        self.due = true;
    }
}

/// The open file, and the lock on it.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    database: Option<Database>,
    _lock: File,
}

impl Store {
    /// Opens the file of that path, or makes it. `whose`: relationship and role, which must be the same each time.
    /// `place` and `number` give the numbers of addresses and clients.
    ///
    /// # Errors
    /// With what to do about it.
    pub fn open(
        path: &Path,
        start: Start,
        whose: &str,
        place: impl Fn(Ipv4Addr) -> Option<AddressId>,
        number: impl FnMut(&Client) -> Option<ClientId>,
    ) -> Result<(Store, Found), StoreError> {
        let lock = lock(path)?;
        if start == Start::Blank && path.exists() {
            set_aside(path).map_err(|error| failed(path, error))?;
        }
        let corrupt = |what: String| StoreError::Corrupt(path.to_owned(), what);
        // The library checks pages where it comes to them, and some of its checks are assertions.
        let opened = catch_unwind(AssertUnwindSafe(|| open(path, whose, place, number)));
        let (database, found) = opened.map_err(|_| corrupt("its pages contradict each other".into()))??;
        Ok((Store { path: path.to_owned(), database: Some(database), _lock: lock }, found))
    }

    /// Makes all changes at once, and returns when they are on stable storage. On failure nothing is changed, and the
    /// changes are to be tried again.
    ///
    /// # Errors
    /// The disk is full, or gone.
    pub fn commit(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let written = self.reopened().and_then(|database| write(database, changes).map_err(|error| error.to_string()));
        written.map_err(|error| {
            // After an error of the disk the library wants to be opened anew.
            self.database = None;
            failed(&self.path, error)
        })
    }

    fn reopened(&mut self) -> Result<&Database, String> {
        if self.database.is_none() {
            self.database = Some(builder().open(&self.path).map_err(|error| error.to_string())?);
        }
        self.database.as_ref().ok_or_else(String::new)
    }

    /// Closes the file and begins with nothing; the file is set aside.
    ///
    /// # Errors
    /// The operating system or the library says no.
    pub fn begin_anew(&mut self, whose: &str) -> Result<(), StoreError> {
        self.database = None;
        set_aside(&self.path).map_err(|error| failed(&self.path, error))?;
        let (database, _) = open(&self.path, whose, |_| None, |_| None)?;
        self.database = Some(database);
        Ok(())
    }
}

fn failed(path: &Path, error: impl fmt::Display) -> StoreError {
    StoreError::Failed(path.to_owned(), error.to_string())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn lock(path: &Path) -> Result<File, StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| failed(path, error))?;
    }
    let file = own_file().truncate(true).open(beside(path, ".lock")).map_err(|error| failed(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(path, error)),
    }
}

/// How files are opened that hold who has which address: nobody else may read them.
pub(crate) fn own_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(MODE);
    options
}

/// Takes a file that exists away from others.
fn close_to_others(path: &Path) -> std::io::Result<()> {
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), mode = format!("{:04o}", mode & 0o7777), "others could read the store; its mode is 0600 now");
        std::fs::set_permissions(path, Permissions::from_mode(MODE))?;
    }
    Ok(())
}

/// Renames the file: to the first of `.lost`, `.lost1`, … that there is not.
fn set_aside(path: &Path) -> std::io::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let names = std::iter::once(String::new()).chain((1..).map(|n: u32| n.to_string()));
    let mut free = names.map(|n| beside(path, &format!(".lost{n}"))).filter(|aside| !aside.exists());
    free.next().map_or(Ok(()), |aside| std::fs::rename(path, aside))
}

/// The library believes no page before its checksum fits: without that a page number that is spoiled is followed first,
/// and names up to 4 GiB, and what the last process recorded of free pages is taken as it is.
fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    builder
}

fn open(
    path: &Path,
    whose: &str,
    place: impl Fn(Ipv4Addr) -> Option<AddressId>,
    number: impl FnMut(&Client) -> Option<ClientId>,
) -> Result<(Database, Found), StoreError> {
    let corrupt = |what: String| StoreError::Corrupt(path.to_owned(), what);
    let fresh = !path.exists();
    if !fresh && std::fs::metadata(path).is_ok_and(|meta| meta.len() == 0) {
        return Err(corrupt("it is empty".into()));
    }
    let opened = if fresh {
        let file = own_file().create_new(true).open(path).map_err(|error| failed(path, error))?;
        FileBackend::new(file).and_then(|file| builder().create_with_backend(file))
    } else {
        close_to_others(path).map_err(|error| failed(path, error))?;
        builder().open(path)
    };
    let database = opened.map_err(|error| match error {
        redb::DatabaseError::DatabaseAlreadyOpen => StoreError::Locked(path.to_owned()),
        redb::DatabaseError::Storage(redb::StorageError::Io(error))
            if error.kind() != std::io::ErrorKind::InvalidData =>
        {
            failed(path, error)
        }
        error => corrupt(error.to_string()),
    })?;
    if fresh {
        begin(&database, whose).map_err(|error| failed(path, error))?;
        return Ok((database, Found::default()));
    }
    let found = read(&database, place, number).map_err(|error| corrupt(error.to_string()))?;
    let (is, found) = found.map_err(corrupt)?;
    if is != whose {
        return Err(StoreError::Foreign(path.to_owned(), is, whose.to_owned()));
    }
    Ok((database, found))
}

fn begin(database: &Database, whose: &str) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(BINDINGS)?;
    transaction.open_table(OWN)?.insert("whose", record::seal(b"whose", whose.into()).as_slice())?;
    transaction.commit()?;
    Ok(())
}

fn write(database: &Database, changes: &Changes) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(BINDINGS)?;
        for (key, row) in &changes.bindings {
            table.insert(key, row.as_slice())?;
        }
        let mut table = transaction.open_table(OWN)?;
        for (name, row) in &changes.own {
            table.insert(*name, row.as_slice())?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Whose it is and what it has; or which row is spoiled.
type Read = Result<(String, Found), String>;

fn read(
    database: &Database,
    place: impl Fn(Ipv4Addr) -> Option<AddressId>,
    mut number: impl FnMut(&Client) -> Option<ClientId>,
) -> Result<Read, redb::Error> {
    let transaction = database.begin_read()?;
    let own = transaction.open_table(OWN)?;
    let mut rows: BTreeMap<&str, Option<Vec<u8>>> = BTreeMap::new();
    for name in ["whose", "endpoint", "heartbeat", "operated", "agreed", "contact", "counts"] {
        let Some(row) = own.get(name)? else { continue };
        rows.insert(name, record::open(name.as_bytes(), row.value()).map(<[u8]>::to_vec));
    }
    if let Some((name, _)) = rows.iter().find(|(_, row)| row.is_none()) {
        return Ok(Err(format!("the row `{name}` has a wrong checksum")));
    }
    let row = |name| rows.get(name).and_then(Option::as_deref);
    let whose = String::from_utf8_lossy(row("whose").unwrap_or_default()).into_owned();
    let mut found = Found {
        endpoint: row("endpoint").and_then(record::decode_endpoint),
        heartbeat: row("heartbeat").and_then(|row| row.try_into().ok()).map_or(0, u32::from_le_bytes),
        // A store of an earlier version has no such row: it took running for operating.
        operated: row("operated")
            .or(row("heartbeat"))
            .and_then(|row| row.try_into().ok())
            .map_or(0, u32::from_le_bytes),
        agreed: row("agreed").and_then(record::decode_agreed),
        contact: row("contact").and_then(record::decode_contact),
        counts: row("counts").and_then(record::decode_counts).unwrap_or_default(),
        ..Found::default()
    };
    if row("endpoint").is_some() != found.endpoint.is_some() {
        return Ok(Err("the row `endpoint` cannot be read".into()));
    }
    for entry in transaction.open_table(BINDINGS)?.iter()? {
        let (key, row) = entry?;
        let address = Ipv4Addr::from(key.value());
        let Some(id) = place(address) else {
            found.strangers.push(address);
            continue;
        };
        match record::open(&key.value(), row.value()).and_then(|row| record::decode_binding(row, &mut number)) {
            Some(binding) => found.bindings.push((id, binding)),
            None => return Ok(Err(format!("the binding of {address} cannot be read"))),
        }
    }
    Ok(Ok((whose, found)))
}
