//! A play of any protocol, as something to read: nothing is known here of its state but lines of text, each somebody's.

use crate::diagram::{STYLE, escaped};
use crate::page::{Cell, Mood, Page, Table};
use crate::story::mermaid_text;
use std::fmt::Write;

/// What was played.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// What is shown.
    pub title: String,
    /// Names with what they are: protocol, model, lengths.
    pub facts: Vec<(String, String)>,
    /// Claims that are violated, each with what it states.
    pub refuted: Vec<(String, String)>,
    /// What happened, the beginning first.
    pub rows: Vec<Row>,
    /// The script, line by line.
    pub script: Vec<String>,
    /// How to play it again.
    pub repeat: String,
    /// How the whole thing ended, if not as expected.
    pub unexpected: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub at: String,
    /// What; empty where only time passes.
    pub action: String,
    /// Where a run goes round for ever: what is said of that before the row.
    pub round: Option<String>,
    /// The lines that are not as before: whose, and what is said of it.
    pub changes: Vec<(String, String)>,
    /// Claims that are violated here and were not before.
    pub refuted: Vec<String>,
}

/// Room for numbers and times.
const GUTTER: usize = 84;
/// Distance of two lines.
const LANE: usize = 172;
/// Letters of a change that fit between two lines.
const LETTERS: usize = 28;
/// Height of a line of letters.
const LETTER: usize = 13;

impl Lines {
    /// Who has a line of its own, in the order in which they are told of.
    fn lanes(&self) -> Vec<&str> {
        let mut lanes: Vec<&str> = Vec::new();
        for (who, _) in self.rows.iter().flat_map(|row| &row.changes) {
            if !lanes.contains(&who.as_str()) {
                lanes.push(who);
            }
        }
        lanes
    }

    /// The report.
    pub fn page(&self) -> Page {
        let mut page = Page::new(&self.title);
        for (name, statement) in &self.refuted {
            page.text(Mood::Bad, format!("✗ {name}: {statement}"));
        }
        if self.refuted.is_empty() {
            page.text(Mood::Good, "✓ No claim is violated.");
        }
        if let Some(why) = &self.unexpected {
            page.text(Mood::Bad, format!("Not as expected: {why}"));
        }
        page.facts(self.facts.clone());
        page.heading("Diagram");
        let caption = "Time runs downwards. On each line stands what is new of it after the action.";
        page.diagram(self.drawn(false), self.mermaid(), caption);
        let mut table = Table::new("What happened", &["step", "time", "action", "what is different"]);
        for (number, row) in self.rows.iter().enumerate() {
            let round = row.round.iter().map(|round| format!("↻ {round}\n")).collect::<String>();
            let mut action = format!("{round}{}", action_of(number, row));
            row.refuted.iter().for_each(|name| action += &format!("\n✗ {name}"));
            let mood = if row.refuted.is_empty() { Mood::Plain } else { Mood::Bad };
            let changes: Vec<String> = row.changes.iter().map(|(who, what)| format!("{who}: {what}")).collect();
            let label = if number == 0 { "start".to_owned() } else { number.to_string() };
            table.row([label.into(), row.at.as_str().into(), Cell::new(mood, action), changes.join("\n").into()]);
        }
        page.table(table);
        page.heading("How to repeat it");
        page.code(&self.repeat);
        page.text(Mood::Plain, "The script:");
        page.code(self.script.join("\n"));
        page
    }

    /// The drawing alone.
    pub fn svg(&self) -> String {
        self.drawn(true)
    }

    /// A Mermaid sequence diagram.
    pub fn mermaid(&self) -> String {
        let lanes = self.lanes();
        let mut out = "sequenceDiagram\n".to_owned();
        for (number, lane) in lanes.iter().enumerate() {
            let _ = writeln!(out, "  participant L{number} as {}", mermaid_text(lane));
        }
        let all = if lanes.len() > 1 { format!("L0,L{}", lanes.len() - 1) } else { "L0".to_owned() };
        for (number, row) in self.rows.iter().enumerate() {
            if let Some(round) = &row.round {
                let _ = writeln!(out, "  Note over {all}: ↻ {}", mermaid_text(round));
            }
            let text = mermaid_text(&format!("{} {}", row.at, action_of(number, row)));
            let _ = writeln!(out, "  Note over {all}: {text}");
            for (who, what) in &row.changes {
                let lane = lanes.iter().position(|lane| lane == who).unwrap_or_default();
                let _ = writeln!(out, "  Note over L{lane}: {}", mermaid_text(what));
            }
            for name in &row.refuted {
                let _ = writeln!(out, "  Note over {all}: ✗ {}", mermaid_text(name));
            }
        }
        out
    }

    fn drawn(&self, alone: bool) -> String {
        let lanes = self.lanes();
        let heights: Vec<usize> = self.rows.iter().map(height).collect();
        let (width, height) = (GUTTER + LANE * lanes.len(), 48 + heights.iter().sum::<usize>());
        let x = |lane: usize| GUTTER + LANE * lane + LANE / 2;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-label=\"Time-space diagram of {} steps\">\n",
            self.rows.len().saturating_sub(1)
        );
        if alone {
            let _ = writeln!(out, "<style>{STYLE}</style>");
        }
        let _ = writeln!(out, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
        for (number, lane) in lanes.iter().enumerate() {
            let x = x(number);
            let _ = writeln!(
                out,
                "<line class=\"life\" x1=\"{x}\" y1=\"38\" x2=\"{x}\" y2=\"{height}\"/>\n<g class=\"head client\"><rect \
                 x=\"{}\" y=\"10\" width=\"104\" height=\"28\" rx=\"5\"/><text x=\"{x}\" y=\"29\">{}</text></g>",
                x - 52,
                escaped(lane)
            );
        }
        let mut y = 48;
        for (number, row) in self.rows.iter().enumerate() {
            let bad = if row.refuted.is_empty() { "" } else { " bad" };
            let marks: String = row.refuted.iter().map(|name| format!("   ✗ {name}")).collect();
            let _ = writeln!(
                out,
                "<g class=\"row{bad}\" data-step=\"{number}\"><rect class=\"hit\" x=\"0\" y=\"{y}\" width=\"{width}\" \
                 height=\"{}\"/>\n<text class=\"number\" x=\"8\" y=\"{t}\">{number}</text><text class=\"at\" x=\"{}\" \
                 y=\"{t}\">{}</text><text class=\"action\" x=\"{}\" y=\"{t}\">{}</text>",
                heights[number],
                GUTTER - 4,
                escaped(&row.at),
                GUTTER + 4,
                escaped(&format!("{}{marks}", action_of(number, row))),
                t = y + 14
            );
            if let Some(round) = &row.round {
                let _ = writeln!(
                    out,
                    "<line class=\"round\" x1=\"4\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\"/><text class=\"round\" x=\"{}\" \
                     y=\"{}\" text-anchor=\"end\">↻ {}</text>",
                    width - 4,
                    width - 8,
                    y + 14,
                    escaped(round)
                );
            }
            for (who, what) in &row.changes {
                let lane = lanes.iter().position(|lane| lane == who).unwrap_or_default();
                for (place, text) in wrapped(what).iter().enumerate() {
                    let (x, y) = (x(lane), y + 30 + LETTER * place);
                    let _ = writeln!(out, "<text class=\"says\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
                }
            }
            out += "</g>\n";
            y += heights[number];
        }
        out + "</svg>\n"
    }
}

fn action_of(number: usize, row: &Row) -> &str {
    match row.action.as_str() {
        "" if number == 0 => "the beginning",
        "" => "time passes",
        action => action,
    }
}

fn height(row: &Row) -> usize {
    let deepest = row.changes.iter().map(|(_, what)| wrapped(what).len()).max().unwrap_or(0);
    26 + LETTER * deepest
}

/// A text in lines that fit between two lanes, broken between words where that is possible.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LETTERS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words() {
        assert_eq!(
            wrapped("up, grants nothing until: +1m 5s from now"),
            ["up, grants nothing until:", "+1m 5s from now"]
        );
        assert_eq!(wrapped(""), Vec::<String>::new());
        let long = "x".repeat(LETTERS + 1);
        assert_eq!(wrapped(&format!("a {long} b")), ["a", long.as_str(), "b"]);
    }

    #[test]
    fn everybody_who_is_told_of_has_a_lane() {
        let row = |who: &str, what: &str| Row { changes: vec![(who.to_owned(), what.to_owned())], ..Row::default() };
        let lines = Lines { rows: vec![row("a<", "x;#"), row("b", "y"), row("a<", "z")], ..Lines::default() };
        assert_eq!(lines.lanes(), ["a<", "b"]);
        let mermaid = lines.mermaid();
        assert!(mermaid.contains("participant L0 as a<\n  participant L1 as b\n"), "{mermaid}");
        assert!(mermaid.contains("Note over L0: x#59;#35;\n") && mermaid.contains("Note over L0,L1:  time passes\n"));
        assert!(lines.svg().contains(">a&lt;</text>") && !lines.svg().contains("a<<"));
    }
}
