//! Operators: a unix socket with one JSON document a line.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::{Event, Events};
use crate::control::{self, Answer, Request};

/// Octets of a request.
const LONGEST: u64 = 1 << 16;
/// Operators at a time.
const MOST: usize = 16;
/// How long the core may think, and how long an operator may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// The unix socket of that path. One that a dead process left is replaced.
///
/// # Errors
/// Another process listens there, or the folder does not allow it.
pub fn open(path: &Path) -> io::Result<UnixListener> {
    if UnixStream::connect(path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there"));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o660))?;
    Ok(listener)
}

/// Asks the core.
pub(super) fn ask(events: &Events, request: Request) -> Answer {
    let (answer, answered) = channel();
    if events.send(Event::Control(request, answer)).is_err() {
        return Answer::refused("the server is ending");
    }
    answered.recv_timeout(PATIENCE).unwrap_or_else(|_| Answer::refused("no answer in time"))
}

/// Serves operators until the process ends.
pub fn serve(listener: &UnixListener, events: &Events) {
    let busy = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming().flatten() {
        if busy.fetch_add(1, Ordering::Relaxed) >= MOST {
            busy.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (events, busy) = (events.clone(), busy.clone());
        thread::spawn(move || {
            let _ = lines(stream, &events);
            busy.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

fn lines(stream: UnixStream, events: &Events) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.by_ref().take(LONGEST).read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match control::parse(&line) {
            Ok(request) => ask(events, request),
            Err(error) => Answer::refused(error),
        };
        writeln!(writer, "{}", dhcpfo_documents::line(&answer))?;
    }
}
