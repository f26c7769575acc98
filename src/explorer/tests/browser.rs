//! The page in a real browser. Skipped, aloud, where there is none.
//!
//! `DHCPFO_SCREENSHOTS=FOLDER` writes pictures; `DHCPFO_AXE=axe.min.js` has axe-core look at the page.

mod driver;

use dhcpfo_explorer::api::Explorer;
use dhcpfo_explorer::http::Served;
use dhcpfo_explorer::lesson::Lesson;
use dhcpfo_explorer::source::Source;
use driver::Browser;
use serde_json::json;

const MODEL: &str = "models/broken/m01-no-mclt-in-wait-duplicate.toml";
const DUPLICATE: [&str; 4] =
    ["client 0 obtain a0 primary", "crash primary", "operator secondary partner-down", "client 1 obtain a0 secondary"];
const RED: &str = "document.querySelector('#claims .broken')";

/// Serves the model with all lessons while a test looks at it.
fn visit(width: u32, height: u32, dark: bool, test: impl FnOnce(&Browser, &str)) {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
    let Some(browser) = Browser::start(width, height, dark) else { return };
    let lessons = Lesson::all("scenarios/lessons").expect("lessons");
    let explorer = Explorer::new(Source::of_model(MODEL).expect("a model"), lessons);
    let served = Served::bind(explorer, ([127, 0, 0, 1], 0).into(), None).expect("an address");
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

#[test]
fn pictures_and_accessibility() {
    let axe = std::env::var("DHCPFO_AXE").ok().map(|path| std::fs::read_to_string(path).expect("axe-core"));
    if axe.is_none() {
        eprintln!("SKIPPED: no axe-core in DHCPFO_AXE, so nobody has looked for barriers (npm install axe-core)");
    }
    let folder = std::env::var("DHCPFO_SCREENSHOTS").ok();
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
            visit(width, height, dark, |browser, page| {
                for (name, fragment, steps) in &pages {
                    browser.open(&format!("{page}?{name}{fragment}"));
                    arrived(browser, *steps);
                    browser.until("document.getElementById('times').textContent.includes('real')");
                    if let Some(folder) = &folder {
                        let colours = if dark { "dark" } else { "light" };
                        let file = format!("{folder}/explorer-{name}-{width}x{height}-{colours}.png");
                        std::fs::write(&file, decoded(&browser.picture())).expect("the picture is written");
                    }
                    if let Some(axe) = &axe {
                        browser.run(axe);
                        let found = browser.run_async(
                            "const done = arguments[0]; axe.run().then((result) => done(result.violations \
                             .filter((one) => ['serious', 'critical'].includes(one.impact)) \
                             .map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | '))))",
                        );
                        assert_eq!(found, json!([]), "{name} {width}x{height} dark {dark}");
                    }
                }
                let overflow = browser.run("return document.documentElement.scrollWidth > innerWidth");
                assert_eq!(overflow, json!(false), "wider than {width}");
            });
        }
    }
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
