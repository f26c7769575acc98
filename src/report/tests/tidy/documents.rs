//! Documents are types of `src/documents`: nothing else writes JSON of its own.

use crate::texts;

/// What writes JSON by hand, and why.
const BY_HAND: [(&str, &str); 8] = [
    ("src/report/itf.rs", "the Informal Trace Format is not ours, and what it holds differs from state to state"),
    ("src/explorer/api.rs", "what the page and its server say to each other: both are of one build"),
    ("src/explorer/cite.rs", "the same"),
    ("src/explorer/http.rs", "the same"),
    ("src/explorer/lesson.rs", "the same"),
    ("src/explorer/recorded/mod.rs", "the same"),
    ("src/explorer/sheet.rs", "the same"),
    ("src/explorer/text.rs", "the same"),
];

/// The code of a file without comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_code(path: &str) -> bool {
    let measures = ["/tests/", "/benches/", "/fuzz/"];
    path.ends_with(".rs") && !measures.iter().any(|part| path.contains(part))
}

#[test]
fn json_is_written_from_types() {
    let texts: Vec<(String, String)> = texts().into_iter().filter(|(path, _)| is_code(path)).collect();
    // A macro that is named here is not meant.
    let by_hand = |text: &str| code(text).contains(concat!("json", "!("));
    let found: Vec<&String> = texts.iter().filter(|(_, text)| by_hand(text)).map(|(path, _)| path).collect();
    let allowed: Vec<&str> = BY_HAND.iter().map(|(path, _)| *path).collect();
    let more: Vec<_> = found.iter().filter(|path| !allowed.contains(&path.as_str())).collect();
    assert!(more.is_empty(), "JSON by hand, not by a type of src/documents: {more:?}");
    let idle: Vec<_> = allowed.iter().filter(|path| !found.iter().any(|found| found == *path)).collect();
    assert!(idle.is_empty(), "no JSON by hand any more: {idle:?}");
}

/// What the text of a value looks like to its programmer is no format: it changes with the program.
#[test]
fn no_trace_has_the_text_of_a_value() {
    // How a trace of version 3 is read: effects were such texts then.
    const OLD: (&str, usize) = ("src/server/trace/replay.rs", 1);
    let writers = [
        "src/documents/",
        "src/server/trace/",
        "src/server/client/record.rs",
        "src/report/trace.rs",
        "src/cli/record.rs",
    ];
    let mut found = Vec::new();
    for (path, text) in texts() {
        if !is_code(&path) || !writers.iter().any(|writer| path.starts_with(writer)) {
            continue;
        }
        let count = code(&text).matches(":?}").count();
        if count != if path == OLD.0 { OLD.1 } else { 0 } {
            found.push(format!("{path}: {count} times"));
        }
    }
    assert!(found.is_empty(), "the text of a value in a trace: {found:?}");
}
