//! `dhcpfo simulate` and `dhcpfo report merge` as commands: parts of an array job, plots, interruption.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn dhcpfo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(arguments).current_dir(folder).output().expect("the command runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const PAIR: &str = "
title = \"x\"
until = \"12h\"
[population]
clients = 20
arrival = \"1h\"
residence = \"3h\"
absence = \"2h\"
[network]
addresses = 30
[time]
mclt = 600
lease = 7200
[faults]
crashes = 3
";

/// A folder of its own with a simulation file.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("simulate-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pair.toml"), PAIR).unwrap();
    folder
}

/// Carries out the parts of a job, and puts them together, the last first.
fn merged(folder: &Path, job: &[&str], of: u32) -> Output {
    let mut parts = Vec::new();
    for number in 1..=of {
        let output = dhcpfo(folder, &[job, &["--json", "--no-times", "--shard", &format!("{number}/{of}")]].concat());
        let path = format!("part-{number}-of-{of}.json");
        fs::write(folder.join(&path), output.stdout).unwrap();
        parts.insert(0, path);
    }
    dhcpfo(folder, &[&["report", "merge"], &parts.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat())
}

/// The parts of a job are together what one run of all prints, octet for octet, for any number of parts.
#[test]
fn parts_are_together_the_whole() {
    let folder = folder("parts");
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let path = |name: &str| models.join(name).display().to_string();
    let (holds, broken) = (path("one-address.toml"), path("broken/m08-giver-goes-on-duplicate.toml"));
    let all = ["--failures", "1000"];
    let jobs = [
        vec!["simulate", "pair.toml", "--swarm", "--runs", "23"],
        vec!["simulate", "pair.toml", "--sweep", "mclt=10m,1h", "--sweep", "lease=2h,3h", "--runs", "9"],
        vec!["simulate", &holds, "--runs", "200"],
        vec!["simulate", &broken, &holds, "--runs", "2000"],
    ];
    for job in jobs {
        let job = [&job[..], &all].concat();
        let whole = dhcpfo(&folder, &[&job[..], &["--json", "--no-times"]].concat());
        assert!(whole.stdout.len() > 200, "{job:?}: {}", said(&whole));
        for of in [1, 3, 4] {
            let merged = merged(&folder, &job, of);
            let text = String::from_utf8_lossy(&merged.stdout);
            assert_eq!(text, String::from_utf8_lossy(&whole.stdout), "{job:?} in {of} parts: {}", said(&merged));
            assert_eq!(merged.status.code(), whole.status.code(), "{job:?} in {of} parts");
        }
    }
    fs::remove_dir_all(folder).unwrap();
}

/// Parts that are not all there, or not of one job, are told.
#[test]
fn parts_that_do_not_fit_are_told() {
    let folder = folder("misfits");
    let job = ["simulate", "pair.toml", "--runs", "4"];
    merged(&folder, &job, 3);
    merged(&folder, &["simulate", "pair.toml", "--runs", "4", "--set", "mclt=1200"], 2);
    fs::write(folder.join("torn.json"), "{\n  \"version\": 1,\n").unwrap();
    let cases: [(&[&str], &str); 5] = [
        (&["part-1-of-3.json", "part-3-of-3.json"], "part 2/3 is missing"),
        (&["part-1-of-3.json", "part-1-of-3.json", "part-2-of-3.json"], "is there twice"),
        (&["part-1-of-3.json", "part-2-of-2.json"], "is a part of"),
        (&["torn.json"], "torn.json: line 3"),
        (&["pair.toml"], "pair.toml: line "),
    ];
    for (parts, expected) in cases {
        let output = dhcpfo(&folder, &[&["report", "merge"], parts].concat());
        assert_eq!((output.status.code(), said(&output).contains(expected)), (Some(2), true), "{}", said(&output));
        assert!(output.stdout.is_empty(), "{parts:?}");
    }
    fs::remove_dir_all(folder).unwrap();
}

/// A decoded PNG: its size, and whether a pixel is dark, as text and axes are.
struct Picture {
    width: u32,
    height: u32,
    octets: Vec<u8>,
}

impl Picture {
    fn read(path: &Path) -> Picture {
        let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut octets = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut octets).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
        Picture { width: info.width, height: info.height, octets }
    }

    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let place = 3 * (y * self.width + x) as usize;
        [self.octets[place], self.octets[place + 1], self.octets[place + 2]]
    }

    /// In how many columns of these rows something is as dark as black text.
    fn dark_columns(&self, rows: std::ops::Range<u32>) -> usize {
        let is_dark = |x: u32| rows.clone().any(|y| self.pixel(x, y).iter().all(|part| *part < 110));
        (0..self.width).filter(|x| is_dark(*x)).count()
    }
}

/// Plots have text on a machine without typefaces, as pixels and as lines.
#[test]
fn plots_are_drawn_in_both_formats() {
    let folder = folder("plots");
    let title = "How MCLT trades the one for the other";
    fs::write(folder.join("pair.toml"), PAIR.replace("\"x\"", &format!("{title:?}"))).unwrap();
    let job = ["simulate", "pair.toml", "--sweep", "mclt=10m,30m", "--sweep", "lease=2h,4h", "--plot"];
    let plot = |name: &str| dhcpfo(&folder, &[&job[..], &[name]].concat());
    assert_eq!(plot("plot.PNG").status.code(), Some(0));
    let picture = Picture::read(&folder.join("plot.PNG"));
    assert!(picture.width >= 1200 && picture.height >= 600, "{} by {}", picture.width, picture.height);
    // The title, then nothing in the margin at the top.
    let (title_columns, margin) = (picture.dark_columns(10..50), picture.dark_columns(0..4));
    assert!(title_columns > 8 * title.len() && margin == 0, "{title_columns} dark columns, {margin} above");
    // Lines have colours.
    let is_coloured = |[r, g, b]: [u8; 3]| r.max(g).max(b) - r.min(g).min(b) > 80;
    let pixels = (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| (x, y)));
    let coloured = pixels.filter(|(x, y)| is_coloured(picture.pixel(*x, *y))).count();
    assert!(coloured > 2000, "{coloured} coloured pixels");
    assert_eq!(plot("plot.svg").status.code(), Some(0));
    let text = fs::read_to_string(folder.join("plot.svg")).unwrap();
    assert!(text.starts_with("<svg ") && text.contains(title), "{text}");
    let wrong = plot("plot.pdf");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("--plot plot.pdf: the name should end in .svg or .png"), "{}", said(&wrong));
    assert!(!folder.join("plot.pdf").exists());
    fs::remove_dir_all(folder).unwrap();
}

/// An interruption ends a job between two blocks of runs: what was done is printed.
#[cfg(unix)]
#[test]
fn an_interrupted_job_says_what_was_done() {
    let folder = folder("interrupted");
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/one-address.toml");
    fs::copy(model, folder.join("model.toml")).unwrap();
    // Many runs, and one that would take minutes.
    let jobs: [&[&str]; 3] = [
        &["pair.toml", "--runs", "100000000"],
        &["model.toml", "--runs", "100000000"],
        &["pair.toml", "--until", "20000d", "--set", "clients=2000", "--set", "addresses=3000"],
    ];
    for job in jobs {
        let child = Command::new(env!("CARGO_BIN_EXE_dhcpfo"))
            .arg("simulate")
            .args(job)
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs(1));
        let number = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &number]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{job:?}: {text}");
        assert!(text.contains(" runs") && text.contains("interrupted"), "{job:?}: {text}");
    }
    fs::remove_dir_all(folder).unwrap();
}

/// What is counted apart is told with its reason, and an address can be followed to it.
#[test]
fn what_is_told_apart_can_be_followed() {
    let folder = folder("apart");
    let lost = PAIR.replace("crashes = 3", "crashes = 20\nstorage-loss = 1.0");
    fs::write(folder.join("pair.toml"), lost).unwrap();
    let job = ["simulate", "pair.toml", "--runs", "1", "--seed"];
    let said_by = |more: &[&str]| String::from_utf8(dhcpfo(&folder, &[&job[..], more].concat()).stdout).unwrap();
    let (seed, apart) = (1..50)
        .find_map(|seed: u32| {
            let text = said_by(&[&seed.to_string()]);
            let apart = text.lines().find(|line| line.contains("told apart: no-duplicate-address"))?.to_owned();
            Some((seed.to_string(), apart))
        })
        .expect("both servers lose their storage in some run");
    assert!(apart.contains(" s: both servers have lost their storage"), "{apart}");
    let (_, rest) = apart.split_once(": a").unwrap();
    let address = rest.split(' ').next().unwrap();
    let text = said_by(&[&seed, "--follow", address]);
    for expected in ["holds it until", "crashes and loses its storage", "ACK to client", "sends BNDUPD Active"] {
        assert!(text.contains(expected), "{text}\nlacks `{expected}`");
    }
    let many = dhcpfo(&folder, &["simulate", "pair.toml", "--runs", "2", "--follow", "1"]);
    assert_eq!((many.status.code(), said(&many).contains("--follow goes with one run")), (Some(2), true));
    fs::remove_dir_all(folder).unwrap();
}

fn shipped(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/simulate").join(name).display().to_string()
}

/// The first line says which assumption was broken, since when, and what came of it; and the exit code is no success.
#[test]
fn what_is_put_aside_is_in_the_first_line_and_in_the_exit_code() {
    let folder = folder("aside");
    let file = shipped("auto-partner-down.toml");
    let run = |more: &[&str]| dhcpfo(&folder, &[&["simulate", &file, "--no-times"], more].concat());
    let output = run(&[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let first = text.lines().next().unwrap();
    let told = first.split_once("put aside: no-duplicate-address ").map(|(_, rest)| rest).unwrap_or_default();
    let number: u64 = told.split(' ').next().unwrap_or_default().parse().unwrap_or_default();
    assert!(number > 100, "{first}");
    assert!(
        told.contains("since 1731") && told.contains("a server is in PARTNER-DOWN while its partner serves"),
        "{first}"
    );
    // Cut on the second day, five minutes of safe period, half an hour of MCLT.
    let at: u64 = told.split_once("first at ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok()).unwrap_or(0);
    assert!((172_800 + 300 + 1800..172_800 + 10_800).contains(&at), "{first}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(run(&["--allow-aside"]).status.code(), Some(0));
    let json = run(&["--json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let aside = document["points"][0]["put-aside"].as_array().unwrap();
    let duplicates = aside.iter().find(|one| one["claim"] == "no-duplicate-address").unwrap();
    assert_eq!((&duplicates["number"], &duplicates["at"]), (&number.into(), &at.into()));
    assert_eq!((json.status.code(), &document["exit"]), (Some(1), &1.into()));
    fs::write(folder.join("run.json"), &json.stdout).unwrap();
    let page = dhcpfo(&folder, &["report", "run.json"]);
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    assert!(page.contains("no-duplicate-address was broken"), "{}", &page[..page.len().min(2000)]);
    assert!(!page.contains("Nothing was refuted"));
    fs::remove_dir_all(folder).unwrap();
}

/// Each measure says what it is.
#[test]
fn measures_are_defined_where_they_are_printed() {
    let folder = folder("meanings");
    let output = dhcpfo(&folder, &["simulate", "pair.toml", "--no-times"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line =
        |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("unserved-seconds ").ends_with("waits still going on at the end count"), "{text}");
    assert!(line("exhausted ").ends_with("times that a server had no address for a client that asked"), "{text}");
    fs::remove_dir_all(folder).unwrap();
}

/// A pool that runs dry: when, what its addresses wait for, and what would have changed that.
#[test]
fn a_pool_that_runs_dry_says_when_and_why() {
    let folder = folder("dry");
    let output = dhcpfo(&folder, &["simulate", &shipped("weeks-interrupted.toml"), "--no-times"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_it = |line: &&str| line.contains("no address to give: the primary, in COMMUNICATIONS-INTERRUPTED");
    let dry = text.lines().find(is_it).unwrap_or_else(|| panic!("{text}"));
    let number = |before: &str| {
        let (_, rest) = dry.split_once(before).unwrap_or_else(|| panic!("{dry} lacks `{before}`"));
        rest.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert!((172_800..172_900).contains(&number("since ")), "{dry}");
    assert!((number("since ")..1_382_400).contains(&number("from ")), "{dry}");
    assert!(number(" s to ") > 1_000_000 && number(" s to ") < 1_400_000, "{dry}");
    for expected in ["EXPIRED or RELEASED wait for the secondary to acknowledge that", "are the secondary's to give"] {
        assert!(dry.contains(expected), "{dry}");
    }
    assert!(dry.contains("once the secondary is declared down (partner-down, or a safe-period)"), "{dry}");
    assert!(text.lines().next().unwrap().contains("had no address to give at"), "{text}");
    fs::remove_dir_all(folder).unwrap();
}
