//! The page in a real browser. Skipped, aloud, where there is none.
//!
//! `DHCPFO_SCREENSHOTS=FOLDER` writes pictures; `DHCPFO_AXE=axe.min.js` has axe-core look at the page, and at the pages
//! of `DHCPFO_PAGES=FOLDER`.

mod driver;

use dhcpfo_explorer::api::Explorer;
use dhcpfo_explorer::http::{Served, Shown};
use dhcpfo_explorer::lesson::Lesson;
use dhcpfo_explorer::recorded::Recorder;
use dhcpfo_explorer::source::Source;
use dhcpfo_explorer::text::{self, Place, TextExplorer};
use dhcpfo_header::node::parse;
use dhcpfo_report::recording::{Bound, Change, Deed, Event, Finding, Judged, Party, Recording, Told};
use driver::Browser;
use serde_json::json;
use std::sync::Arc;

const MODEL: &str = "models/broken/m01-no-mclt-in-wait-duplicate.toml";
const DUPLICATE: [&str; 4] =
    ["client 0 obtain a0 primary", "crash primary", "operator secondary partner-down", "client 1 obtain a0 secondary"];
const RED: &str = "document.querySelector('#claims .broken')";

/// Serves the model with all lessons while a test looks at it.
fn visit(width: u32, height: u32, dark: bool, test: impl FnOnce(&Browser, &str)) {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
    let lessons = Lesson::all("scenarios/lessons").expect("lessons");
    let explorer = Explorer::new(Source::of_model(MODEL).expect("a model"), lessons);
    visit_shown(explorer, width, height, dark, test);
}

fn visit_shown(shown: impl Into<Shown>, width: u32, height: u32, dark: bool, test: impl FnOnce(&Browser, &str)) {
    let Some(browser) = Browser::start(width, height, dark) else { return };
    let served = Served::bind(shown, ([127, 0, 0, 1], 0).into(), None).expect("an address");
    let (address, stop) = (served.address().expect("an address"), served.stop());
    std::thread::scope(|scope| {
        scope.spawn(|| served.run());
        let page = format!("http://{address}/");
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&browser, &page)));
        stop.stop();
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// Waits until so many steps are drawn.
fn arrived(browser: &Browser, steps: usize) {
    browser.until(&format!("document.documentElement.dataset.ready && document.title.startsWith('{steps} ·')"));
}

fn take(browser: &Browser, step: &str, count: usize) {
    browser.click(&format!("#actions button[data-step=\"{step}\"]"));
    arrived(browser, count);
}

#[test]
fn a_person_clicks_to_the_counterexample_and_shares_it() {
    visit(1280, 800, false, |browser, page| {
        browser.open(page);
        arrived(browser, 0);
        for (count, step) in DUPLICATE.iter().enumerate() {
            assert_eq!(browser.run(&format!("return {RED}")), json!(null), "red before step {}", count + 1);
            take(browser, step, count + 1);
        }
        browser.until(RED);
        let link = browser.run("return location.href");
        assert!(link.as_str().unwrap().contains("p=client+0+obtain+a0+primary;crash+primary;"), "{link}");
        browser.click("#undo");
        arrived(browser, 3);
        assert_eq!(browser.run(&format!("return {RED}")), json!(null));
        browser.click("#redo");
        arrived(browser, 4);
        browser.run("history.back()");
        arrived(browser, 3);
        browser.new_window();
        browser.open(link.as_str().unwrap());
        arrived(browser, 4);
        browser.until(RED);
        // A link that does not fit opens at its longest part that does, and says so.
        browser.open(&format!("{page}?again#p=crash+primary;fly+away"));
        arrived(browser, 1);
        browser.until("document.getElementById('notes').textContent.includes('fly away')");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    });
}

#[test]
fn the_keyboard_is_enough() {
    visit(1280, 800, false, |browser, page| {
        browser.open(page);
        arrived(browser, 0);
        browser.press("n");
        arrived(browser, 4);
        browser.until(RED);
        browser.press("u");
        arrived(browser, 3);
        browser.press("r");
        arrived(browser, 4);
        browser.press("u");
        arrived(browser, 3);
        // The first action that has a number.
        browser.press("1");
        arrived(browser, 4);
        browser.press("?");
        browser.until("document.getElementById('dialog').open");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    });
}

#[test]
fn a_lesson_is_completed() {
    visit(1280, 800, false, |browser, page| {
        browser.open(page);
        arrived(browser, 0);
        browser.click("#lessons");
        browser.click("#dialog-body li:first-child button");
        browser.until("document.getElementById('title').textContent === 'Lazy update'");
        assert_eq!(browser.run("return document.getElementById('done')"), json!(null));
        for (count, step) in ["client 0 obtain a0 primary", "deliver secondary", "deliver primary"].iter().enumerate() {
            take(browser, step, count + 1);
        }
        browser.until("document.getElementById('done')");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    });
}

#[test]
fn another_protocol_is_explored_in_lines_of_text() {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
    let open = |path: &str| {
        let node = parse(path, &dhcpfo_files::from_disk(path).expect("a file")).expect("a document");
        let family = dhcpfo_protocols::ALL.of(&node, "").expect("a protocol").expect("a protocol");
        family.model(path, &node).map_err(|errors| errors.to_string())
    };
    let place = |path: &str| Place { study: open(path).expect("a model"), start: Vec::new() };
    let lessons = || text::lessons("scenarios/lessons", "fischer", &open).expect("lessons");
    let explorer = TextExplorer::new(place("models/fischer/broken/wait-too-short.toml"), lessons());
    visit_shown(explorer, 1280, 800, false, |browser, page| {
        browser.open(page);
        arrived(browser, 0);
        assert_eq!(
            browser.run("return document.getElementById('compare').hidden"),
            json!(true),
            "there are no readings"
        );
        take(browser, "p0 reads", 1);
        assert_eq!(browser.run("return document.querySelectorAll('#servers mark').length"), json!(1), "what changed");
        browser.click("#nearest");
        browser.until(RED);
        browser.until("[...document.querySelectorAll('.steps .at')].some((at) => at.textContent.includes(':'))");
        browser.click("#diagram li:nth-child(2) button");
        arrived(browser, 1);
        browser.click("#lessons");
        browser.click("#dialog-body li:first-child button");
        browser.until("document.getElementById('title').textContent === 'Wait longer than writing may take'");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    });
}

#[test]
fn two_readings_are_compared() {
    visit(1280, 800, false, |browser, page| {
        let path = DUPLICATE.map(|step| step.replace(' ', "+")).join(";");
        browser.open(&format!("{page}#p={path}"));
        arrived(browser, 4);
        browser.click("#compare");
        browser.run(
            "const key = document.getElementById('compare-key'); key.value = 'partner-down-wait'; \
             key.dispatchEvent(new Event('change')); document.getElementById('compare-word').value = 'full'",
        );
        browser.click(".chooser button");
        browser.until("document.querySelector('.first-difference')");
        let said = browser.run("return document.getElementById('difference').textContent");
        assert_eq!(said, "They part at step 3.");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    });
}

/// A recording in which one address is given twice, by event 5.
fn recording() -> Recording {
    let mut recording = Recording::new("A recording of a test", 100);
    recording.notes = vec!["It was made up for this test.".to_owned()];
    recording.claims = vec![Judged {
        name: "no-duplicate-address".to_owned(),
        statement: "No two clients hold the same address at the same time.".to_owned(),
        section: "§4.1".to_owned(),
        verdict: "violated".to_owned(),
        reason: "1 of 2 times".to_owned(),
    }];
    let address = "10.77.0.10".to_owned();
    let condition = |who: Party, state: &str| Change::Condition(who, state.to_owned());
    let told = |client: &str, server: Party, text: &str| Told {
        from: Party::Client(client.to_owned()),
        to: server,
        text: text.to_owned(),
    };
    let given = |client: &str, server: Party, at: i64| {
        let bound = Bound {
            status: "ACTIVE".to_owned(),
            client: Some(client.to_owned()),
            partner: "unsent".to_owned(),
            ends: Some(at + 3600),
            sent: Some(at + 7200),
            ..Bound::default()
        };
        vec![
            Change::Binding(server, address.clone(), bound),
            Change::Holds { client: client.to_owned(), address: address.clone(), until: Some(at + 3600) },
        ]
    };
    let (one, other) = ("02:00:00:00:00:01", "02:00:00:00:00:02");
    let (primary, secondary) = (Party::Primary, Party::Secondary);
    let both = vec![condition(primary.clone(), "NORMAL"), condition(secondary.clone(), "NORMAL"), Change::Link(true)];
    let steps = [
        ("both servers are in NORMAL", both, Vec::new()),
        ("a lease", given(one, primary.clone(), 1_795_467_001), vec![told(one, primary.clone(), "REQUEST 10.77.0.10")]),
        ("primary is gone", vec![condition(primary, "gone"), Change::Link(false)], Vec::new()),
        ("operator secondary partner-down", vec![condition(secondary.clone(), "PARTNER-DOWN")], Vec::new()),
        (
            "another lease",
            given(other, secondary.clone(), 1_795_467_004),
            vec![told(other, secondary, "REQUEST 10.77.0.10")],
        ),
        ("nothing more", Vec::new(), Vec::new()),
    ];
    for (number, (words, changes, said)) in (0..).zip(steps) {
        let text = format!("10.77.0.10 is given to {other} while {one} has it");
        let finding = Finding { claim: "no-duplicate-address".to_owned(), text };
        recording.push(Event {
            at: (1_795_467_000 + number) * 1_000_000,
            place: format!("made.up:{}", number + 1),
            words: words.to_owned(),
            did: vec![Deed { who: Some(Party::Secondary), verb: "NOTE".to_owned(), text: words.to_owned() }],
            findings: if number == 4 { vec![finding] } else { Vec::new() },
            changes,
            said,
            ..Event::default()
        });
    }
    recording
}

#[test]
fn a_recording_is_stepped_through_with_the_keyboard() {
    visit_shown(Arc::new(Recorder::new(recording())), 1280, 800, false, |browser, page| {
        browser.open(page);
        // It opens at the first finding.
        arrived(browser, 5);
        browser.until("document.querySelector('#last .reason')");
        browser.until("document.querySelector('#rest .bad')");
        browser.press("u");
        arrived(browser, 4);
        assert_eq!(browser.run("return document.querySelector('#last .reason')"), json!(null));
        browser.until("document.querySelector('.c-partner-down')");
        browser.press("r");
        arrived(browser, 5);
        browser.click("#first");
        arrived(browser, 0);
        browser.press("n");
        arrived(browser, 5);
        browser.click("#events button[data-event=\"2\"]");
        arrived(browser, 2);
        let link = browser.run("return location.href");
        assert!(link.as_str().unwrap().ends_with("#e=2"), "{link}");
        browser.run(
            "document.getElementById('want').value = 'partner-down'; document.getElementById('find').requestSubmit()",
        );
        browser.until("document.querySelectorAll('#events li').length === 1");
        browser.open(&format!("{page}?again#e=99"));
        browser.until("document.getElementById('notes').textContent.includes('there are 6 events')");
        let complaints = browser.complaints();
        assert!(complaints.iter().all(|one| one.contains("400")), "{complaints:?}");
    });
}

#[test]
fn a_recording_that_grows_is_followed() {
    let recorder = Arc::new(Recorder::growing(recording()));
    visit_shown(Arc::clone(&recorder), 1280, 800, false, |browser, page| {
        browser.open(page);
        arrived(browser, 6);
        recorder.with(|recording| recording.push(Event { words: "one more".to_owned(), ..Event::default() }));
        arrived(browser, 7);
        // Whoever steps back is left alone there.
        browser.press("u");
        arrived(browser, 6);
        recorder.with(|recording| recording.push(Event::default()));
        std::thread::sleep(std::time::Duration::from_millis(2500));
        arrived(browser, 6);
        browser.click("#last-event");
        arrived(browser, 8);
        assert_eq!(browser.complaints(), Vec::<String>::new());
    });
}

fn axe() -> Option<String> {
    let axe = std::env::var("DHCPFO_AXE").ok().map(|path| std::fs::read_to_string(path).expect("axe-core"));
    if axe.is_none() {
        eprintln!("SKIPPED: no axe-core in DHCPFO_AXE, so nobody has looked for barriers (npm install axe-core)");
    }
    axe
}

/// axe-core has nothing serious to say of the page that is open.
fn is_open_to_all(browser: &Browser, axe: &str, what: &str) {
    browser.run(axe);
    let found = browser.run_async(
        "const done = arguments[0]; axe.run().then((result) => done(result.violations \
         .filter((one) => ['serious', 'critical'].includes(one.impact)) \
         .map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | '))))",
    );
    assert_eq!(found, json!([]), "{what}");
}

fn keep(browser: &Browser, folder: Option<&String>, name: &str, (width, height): (u32, u32), dark: bool) {
    if let Some(folder) = folder {
        let colours = if dark { "dark" } else { "light" };
        let file = format!("{folder}/{name}-{width}x{height}-{colours}.png");
        std::fs::write(&file, decoded(&browser.picture())).expect("the picture is written");
    }
}

/// Reports, and whatever else is in the folder.
#[test]
fn pages_that_stand_alone_have_no_barriers() {
    let (Some(axe), Ok(pages)) = (axe(), std::env::var("DHCPFO_PAGES")) else {
        eprintln!("SKIPPED: no folder in DHCPFO_PAGES, so nobody has looked at the reports (.ci/browser makes one)");
        return;
    };
    let folder = std::env::var("DHCPFO_SCREENSHOTS").ok();
    let entries = std::fs::read_dir(&pages).expect("the folder").map(|entry| entry.expect("an entry").path());
    let files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "html")).collect();
    assert!(!files.is_empty(), "no page in {pages}");
    for size in [(1280, 800), (1920, 1080)] {
        for dark in [false, true] {
            let Some(browser) = Browser::start(size.0, size.1, dark) else { return };
            for file in &files {
                browser.open(&format!("file://{}", file.display()));
                browser.until("document.querySelector('main h1')");
                let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
                keep(&browser, folder.as_ref(), &format!("report-{name}"), size, dark);
                is_open_to_all(&browser, &axe, &format!("{name} {size:?} dark {dark}"));
                let overflow = browser.run("return document.documentElement.scrollWidth > innerWidth");
                assert_eq!(overflow, json!(false), "{name} is wider than {}", size.0);
            }
        }
    }
}

#[test]
fn pictures_and_accessibility() {
    let (axe, folder) = (axe(), std::env::var("DHCPFO_SCREENSHOTS").ok());
    let path = DUPLICATE.map(|step| step.replace(' ', "+")).join(";");
    let pages = [
        ("counterexample", format!("#p={path}"), 4),
        (
            "lesson",
            "#s=08-pool-starvation&p=link+down;notice+primary;notice+secondary;link+up;deliver+primary".to_owned(),
            5,
        ),
    ];
    // Where nobody keeps or judges the pictures, one size in both colours shows that the page is drawn.
    let sizes: &[(u32, u32)] = &[(1280, 800), (1920, 1080)];
    let sizes = if folder.is_some() || axe.is_some() { sizes } else { &sizes[..1] };
    for &(width, height) in sizes {
        for dark in [false, true] {
            let looked = |browser: &Browser, name: &str| {
                keep(browser, folder.as_ref(), &format!("explorer-{name}"), (width, height), dark);
                if let Some(axe) = &axe {
                    is_open_to_all(browser, axe, &format!("{name} {width}x{height} dark {dark}"));
                }
                let overflow = browser.run("return document.documentElement.scrollWidth > innerWidth");
                assert_eq!(overflow, json!(false), "wider than {width}");
            };
            visit(width, height, dark, |browser, page| {
                for (name, fragment, steps) in &pages {
                    browser.open(&format!("{page}?{name}{fragment}"));
                    arrived(browser, *steps);
                    browser.until("document.getElementById('times').textContent.includes('real')");
                    looked(browser, name);
                }
            });
            visit_shown(Arc::new(Recorder::new(recording())), width, height, dark, |browser, page| {
                browser.open(page);
                arrived(browser, 5);
                looked(browser, "recording");
            });
        }
    }
}

const MANY: usize = 1_000;

/// A model in which one can go on for ever: two addresses, two clients, breaks and leases without a bound.
fn without_end() -> Source {
    let path = std::env::temp_dir().join(format!("dhcpfo-without-end-{}.toml", std::process::id()));
    let base = std::env::current_dir().expect("a folder").join("models/pool-rebalancing.toml");
    let text = format!(
        "title = \"without end\"\nclass = \"study\"\nbase = \"{}\"\nreaches = []\n[budgets]\nleases = \"unlimited\"\n\
         link-breaks = \"unlimited\"\n[expect]\nverdict = \"holds\"\n",
        base.display()
    );
    std::fs::write(&path, text).expect("a file");
    let source = Source::of_model(&path.display().to_string()).unwrap_or_else(|errors| panic!("{errors}"));
    std::fs::remove_file(path).expect("the file");
    source
}

/// The first step that is offered, the last one, one in between, and so on.
fn long_path(source: &Source) -> Vec<String> {
    let model = dhcpfo_explorer::source::prepared(&source.file.model);
    let mut walk = dhcpfo_explorer::walk::Walk::new(&model);
    while walk.taken.len() < MANY {
        let mut offered = Vec::new();
        model.candidates(&walk.end.state, &dhcpfo_time::Standing(walk.end.now), &mut |what| offered.push(what));
        let turn = walk.taken.len();
        let tick = (turn % 5 == 4).then(|| walk.go(dhcpfo_explorer::path::Step::TICK));
        if tick.is_none_or(|tick| tick.is_err()) {
            let count = offered.len();
            let took = (0..count).map(|n| offered[(n + turn * 7) % count]).find(|what| {
                walk.go(dhcpfo_explorer::path::Step::first(dhcpfo_world::action::Action::of(*what))).is_ok()
            });
            assert!(
                took.is_some() || walk.go(dhcpfo_explorer::path::Step::TICK).is_ok(),
                "no way on after {turn} steps"
            );
        }
    }
    walk.taken.iter().map(|taken| taken.step.to_string()).collect()
}

/// Prints figures for reports/explorer; they are not judged, for they depend on the machine.
#[test]
fn figures() {
    if std::env::var("DHCPFO_FIGURES").is_err() {
        eprintln!("SKIPPED: figures are measured with DHCPFO_FIGURES=1 (reports/explorer/README.md)");
        return;
    }
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2], all[all.len() - 1], all.len())
    };
    visit(1280, 800, false, |browser, page| {
        let mut paints = Vec::new();
        for turn in 0..15 {
            browser.open("about:blank");
            browser.open(&format!("{page}?{turn}"));
            arrived(browser, 0);
            let paint =
                "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()";
            paints.push(browser.run(paint).as_f64().expect("milliseconds"));
        }
        let (middle, most, count) = median(paints);
        println!("first contentful paint: {middle:.0} ms median, {most:.0} ms greatest, of {count}");
    });
    let source = without_end();
    let path = long_path(&source);
    let lines: Vec<String> = path.iter().map(|step| step.replace(' ', "+").replace(',', "%2C")).collect();
    visit_shown(Explorer::new(source, Vec::new()), 1280, 800, false, |browser, page| {
        browser.open(&format!("{page}#p={}", lines.join(";")));
        arrived(browser, MANY);
        let (mut asked, mut drawn, mut octets) = (Vec::new(), Vec::new(), 0.0);
        for turn in 0..21 {
            let step = browser.run_async(&format!(
                "const done = arguments[0]; const begun = performance.now(); \
                 new MutationObserver((_, seen) => {{ if (document.title.startsWith('{} ·')) {{ seen.disconnect(); \
                 requestAnimationFrame(() => done(performance.now() - begun)); }} }}) \
                 .observe(document.querySelector('title'), {{ childList: true }}); \
                 document.querySelector('#actions button').click()",
                MANY + 1
            ));
            drawn.push(step.as_f64().expect("milliseconds"));
            let answer = browser.run(
                "const all = performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/api/state')); \
                 const last = all[all.length - 1]; return [last.responseEnd - last.requestStart, last.decodedBodySize]",
            );
            asked.push(answer[0].as_f64().expect("milliseconds"));
            octets = answer[1].as_f64().expect("octets");
            browser.click("#undo");
            arrived(browser, MANY);
            assert_eq!(browser.complaints(), Vec::<String>::new(), "turn {turn}");
        }
        for (what, all) in [("answer", asked), ("click to drawn", drawn)] {
            let (middle, most, count) = median(all);
            println!("a step at {MANY} steps, {what}: {middle:.0} ms median, {most:.0} ms greatest, of {count}");
        }
        println!("{octets} octets");
    });
}

/// Octets of a text in base 64.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text.bytes().filter_map(|letter| LETTERS.iter().position(|known| *known == letter));
    let (mut octets, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for value in values {
        (bits, held) = (bits << 6 | value as u32, held + 6);
        if held >= 8 {
            held -= 8;
            octets.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    octets
}
