//! A copy of the sources with all mutants in it, built once.

use crate::place::{Place, apply};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program with all mutants, each off until it is chosen.
pub(crate) struct Built {
    /// The copy of the sources, in which models are found.
    pub(crate) tree: PathBuf,
    /// The program.
    pub(crate) program: PathBuf,
    /// Where results are kept.
    pub(crate) results: PathBuf,
    /// How many places there are.
    pub(crate) places: usize,
    /// Those that were not found, and why.
    pub(crate) drifted: Vec<(Place, &'static str)>,
}

/// What the copy's engine has besides: the switch. The engine itself stays without the standard library.
const SWITCH: &str = "
extern crate std;

/// Whether this mutant is chosen. If none is, it says of each once that it was asked for: a search that does not ask for a
/// mutant is the same with it.
#[allow(missing_docs)]
#[inline]
pub(crate) fn m(number: u32) -> bool {
    static CHOSEN: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    let chosen =
        *CHOSEN.get_or_init(|| std::env::var(\"DHCPFO_MUTANT\").ok().and_then(|n| n.parse().ok()).unwrap_or(0));
    if chosen == 0 {
        asked_for(number as usize);
    }
    chosen == number
}

fn asked_for(number: usize) {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    static ASKED: [AtomicU64; 16] = [const { AtomicU64::new(0) }; 16];
    let (word, bit) = (&ASKED[number / 64], 1 << (number % 64));
    if word.load(Relaxed) & bit == 0 && word.fetch_or(bit, Relaxed) & bit == 0 {
        std::eprintln!(\"asked\\t{number}\");
    }
}
";

/// Copies what is under version control, puts the mutants in, and builds this program there: it searches models with them.
/// `check`: it only sees whether that compiles.
pub(crate) fn build(root: &Path, places: &[Place], check: bool) -> Result<Built, String> {
    let work = root.join("target/mutants");
    let tree = work.join("tree");
    let listed = Command::new("git").current_dir(root).args(["ls-files", "-z"]).output();
    let listed = listed.map_err(|error| format!("git ls-files: {error}"))?.stdout;
    let mut drifted = Vec::new();
    for name in String::from_utf8_lossy(&listed).split('\0').filter(|name| !name.is_empty()) {
        let Ok(octets) = std::fs::read(root.join(name)) else { continue };
        let engine = name.strip_prefix("src/engine/").filter(|rest| rest.ends_with(".rs"));
        let octets = match engine {
            Some("lib.rs") => [&octets[..], SWITCH.as_bytes()].concat(),
            Some(file) => {
                let here: Vec<&Place> = places.iter().filter(|place| place.file == file).collect();
                let (text, lost) = apply(&String::from_utf8_lossy(&octets), &here);
                drifted.extend(lost.into_iter().map(|(place, why)| (place.clone(), why)));
                text.into_bytes()
            }
            None => octets,
        };
        write_if_new(&tree.join(name), &octets)?;
    }
    let missing = |place: &&Place| !root.join("src/engine").join(&place.file).exists();
    drifted.extend(places.iter().filter(missing).map(|place| (place.clone(), "the file is not there any more")));
    let target = work.join("build");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(cargo)
        .current_dir(&tree)
        .env("CARGO_TARGET_DIR", &target)
        .args(if check { &["check"][..] } else { &["build", "--release"] })
        .args(["--locked", "--quiet", "-p", "dhcpfo-mutants"])
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !built.success() {
        return Err(format!(
            "the copy in {} does not compile: a mutant no longer fits its surroundings",
            tree.display()
        ));
    }
    let (program, results) = (target.join("release/dhcpfo-mutants"), work.join("results.tsv"));
    Ok(Built { tree, program, results, places: places.len(), drifted })
}

/// What is as it was keeps its time, so that little is built anew.
fn write_if_new(path: &Path, octets: &[u8]) -> Result<(), String> {
    if std::fs::read(path).is_ok_and(|there| there == octets) {
        return Ok(());
    }
    let fail = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(path, octets).map_err(fail)
}
