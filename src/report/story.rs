//! A counterexample, a scenario or a trace as something to read: what was played, with everything that a page, a
//! Markdown text, a drawing or a document needs.

use crate::diagram::{self, escaped};
use crate::page;
use crate::rows::{Lane, Row};
use dhcpfo_documents::story as document;
use dhcpfo_engine::state::Role;
use std::fmt::Write;

/// What was played.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// What is shown.
    pub title: String,
    /// The model's file, and its title.
    pub model: (String, String),
    /// MCLT and the others, in words.
    pub lengths: Vec<String>,
    /// Sections that are illustrated.
    pub cites: Vec<String>,
    /// Readings that are not those of draft-12.
    pub readings: Vec<(String, String)>,
    /// Claims that are violated, each with what it states.
    pub refuted: Vec<(String, String)>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The script, line by line.
    pub script: Vec<String>,
    /// How to play it again.
    pub repeat: String,
    /// How the whole thing ended, if not as expected.
    pub unexpected: Option<String>,
}

impl Story {
    /// The drawing alone.
    pub fn svg(&self) -> String {
        diagram::svg(&self.rows, 0, true)
    }

    /// A page that needs nothing else.
    pub fn html(&self) -> String {
        let mut out = page::head(&escaped(&self.title));
        out += &self.summary_html();
        out += "<h2>Diagram</h2>\n<figure tabindex=\"0\" aria-label=\"Time-space diagram\">\n";
        out += &diagram::svg(&self.rows, 0, false);
        out += "<figcaption>Time runs downwards. Solid arrows: messages between the servers; dashed: clients. A cross: \
                it is lost. A thick line of a client: it holds the address beside it.</figcaption>\n</figure>\n";
        out += &self.table_html();
        out += &format!("<h2>How to repeat it</h2>\n{}", page::code(&self.repeat));
        out += &format!("<h3>Script</h3>\n{}", page::code(&self.script.join("\n")));
        out + "</main>\n</body>\n</html>\n"
    }

    fn summary_html(&self) -> String {
        let mut out = String::new();
        for (name, statement) in &self.refuted {
            out += &format!("<p class=\"bad\"><strong>✗ {}</strong>: {}</p>\n", escaped(name), escaped(statement));
        }
        if self.refuted.is_empty() {
            out += "<p class=\"good\">✓ No claim is violated.</p>\n";
        }
        if let Some(why) = &self.unexpected {
            out += &format!("<p class=\"bad\">Not as expected: {}</p>\n", escaped(why));
        }
        let mut facts =
            vec![("model", format!("{}: {}", self.model.0, self.model.1)), ("lengths", self.lengths.join(", "))];
        if !self.cites.is_empty() {
            facts.push(("cites", self.cites.join(", ")));
        }
        let readings: Vec<String> = self.readings.iter().map(|(key, word)| format!("{key} = {word}")).collect();
        let none = "those of draft-12".to_owned();
        facts.push(("readings", if readings.is_empty() { none } else { readings.join(", ") }));
        out += "<dl>\n";
        for (name, text) in facts {
            out += &format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(&text));
        }
        out + "</dl>\n"
    }

    fn table_html(&self) -> String {
        let mut out = "<h2>What happened</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" \
                       aria-label=\"What happened\">\n<table>\n<thead><tr><th scope=\"col\">step</th><th scope=\"col\">time</th>\
                       <th scope=\"col\">action</th><th scope=\"col\">what was done</th><th scope=\"col\">what is different</th>\
                       </tr></thead>\n<tbody>\n"
            .to_owned();
        let list = |lines: Vec<String>| lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br>");
        for row in &self.rows {
            let bad = if row.refuted.is_empty() { "" } else { " class=\"bad\"" };
            let changes = row.changes.iter().map(|(who, how)| format!("{who}: {how}")).collect();
            let mut action = escaped(action_of(row));
            row.refuted.iter().for_each(|name| action += &format!("<br>✗ {}", escaped(name)));
            let _ = writeln!(
                out,
                "<tr{bad}><th scope=\"row\">{}</th><td>{}</td><td>{action}</td><td>{}</td><td>{}</td></tr>",
                escaped(&row.label),
                escaped(row.at.as_deref().unwrap_or("")),
                list(done(row)),
                list(changes)
            );
        }
        out + "</tbody>\n</table>\n</div>\n"
    }

    /// Markdown, with a Mermaid diagram.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n", self.title);
        for (name, statement) in &self.refuted {
            out += &format!("* **✗ {name}**: {statement}\n");
        }
        if self.refuted.is_empty() {
            out += "* ✓ No claim is violated.\n";
        }
        out += &format!("* model `{}`: {}\n* lengths: {}\n", self.model.0, self.model.1, self.lengths.join(", "));
        for (key, word) in &self.readings {
            out += &format!("* reading `{key} = {word}`\n");
        }
        out += &format!(
            "\n```mermaid\n{}```\n\n| step | time | action | what was done |\n| ---: | ---: | --- | --- |\n",
            self.mermaid()
        );
        let cell = |text: &str| text.replace('|', "\\|");
        for row in &self.rows {
            let mut action = cell(action_of(row));
            row.refuted.iter().for_each(|name| action += &format!(" **✗ {name}**"));
            let done: Vec<String> = done(row).iter().map(|line| cell(line)).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {action} | {} |",
                row.label,
                row.at.as_deref().unwrap_or(""),
                done.join("<br>")
            );
        }
        out + &format!("\nRepeat it:\n\n```\n{}\n```\n", self.repeat)
    }

    /// A Mermaid sequence diagram.
    pub fn mermaid(&self) -> String {
        let clients = self.rows.first().map_or(0, |row| row.stand.holds.len());
        let mut out = "sequenceDiagram\n  participant P as primary\n  participant S as secondary\n".to_owned();
        (0..clients).for_each(|number| out += &format!("  participant C{number} as client {number}\n"));
        let letter = |lane: Lane| match lane {
            Lane::Server(Role::Primary) => "P".to_owned(),
            Lane::Server(Role::Secondary) => "S".to_owned(),
            Lane::Client(number) => format!("C{number}"),
        };
        let server = |role: Role| letter(Lane::Server(role));
        for (index, row) in self.rows.iter().enumerate() {
            let at = row.at.as_deref().map(|at| format!("{at} ")).unwrap_or_default();
            let text = action_of(row);
            row.round.iter().for_each(|round| out += &format!("  Note over P,S: ↻ {}\n", mermaid_text(round)));
            out += &format!("  Note over P,S: {}\n", mermaid_text(&format!("{at}{text}")));
            for said in &row.said {
                let arrow = if said.lost { "--x" } else { "-->>" };
                out += &format!("  {}{arrow}{}: {}\n", letter(said.from), letter(said.to), mermaid_text(&said.text));
            }
            for (from, text) in &row.sent {
                let link = row.stand.link || index > 0 && self.rows[index - 1].stand.link;
                let arrow = if link { "-)" } else { "-x" };
                out += &format!("  {}{arrow}{}: {}\n", server(*from), server(from.partner()), mermaid_text(text));
            }
            for (role, condition) in Role::ALL.into_iter().zip(&row.stand.conditions) {
                if index == 0 || self.rows[index - 1].stand.conditions[role.index()] != *condition {
                    out += &format!("  Note over {}: {}\n", server(role), mermaid_text(condition));
                }
            }
            row.refuted.iter().for_each(|name| out += &format!("  Note over P,S: ✗ {}\n", mermaid_text(name)));
        }
        out
    }

    /// The same as one document.
    pub fn document(&self) -> document::Story {
        let row = |row: &Row| document::Row {
            step: row.label.clone(),
            at: row.at.clone(),
            action: row.action.clone(),
            done: done(row),
            changes: row.changes.iter().map(|(who, how)| format!("{who}: {how}")).collect(),
            refuted: row.refuted.clone(),
            conditions: row.stand.conditions.clone(),
            link: row.stand.link,
            holds: row.stand.holds.clone(),
        };
        document::Story {
            version: document::FORMAT.version,
            title: self.title.clone(),
            model: self.model.0.clone(),
            lengths: self.lengths.clone(),
            readings: self.readings.clone(),
            refuted: self.refuted.iter().map(|(name, _)| name.clone()).collect(),
            unexpected: self.unexpected.clone(),
            script: self.script.clone(),
            rows: self.rows.iter().map(row).collect(),
        }
    }
}

fn action_of(row: &Row) -> &str {
    match row.label.as_str() {
        "start" => "the beginning",
        _ if row.action.is_empty() => "time passes",
        _ => &row.action,
    }
}

/// What servers did, line by line.
fn done(row: &Row) -> Vec<String> {
    let received = row.received.iter().map(|(role, text)| format!("{} RECEIVE {text}", role.name()));
    let said = row.said.iter().map(|said| {
        let lost = if said.lost { " (lost)" } else { "" };
        format!("{} → {}: {}{lost}", said.from.name(), said.to.name(), said.text)
    });
    let does = row.does.iter().map(|(role, verb, text)| format!("{} {verb} {text}", role.name()));
    let sent = row.sent.iter().map(|(role, text)| format!("{} SEND {text}", role.name()));
    let lost = row.lost.iter().map(|(role, text)| format!("{} LOST {text}", role.partner().name()));
    received.chain(said).chain(does).chain(sent).chain(lost).collect()
}

/// Semicolons and number signs end or begin something in Mermaid.
pub(crate) fn mermaid_text(text: &str) -> String {
    let letter = |letter: char| match letter {
        '#' => "#35;".to_owned(),
        ';' => "#59;".to_owned(),
        '\n' => " ".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(letter).collect()
}
