//! A time-space diagram as SVG: a line for each server and client, time downwards.
//!
//! Colours are never alone: a server's condition is written on its line, what a client holds on its own, a lost message
//! ends in a cross. Colours come from classes, with a dark set for whoever prefers it, so that one drawing serves the
//! explorer's page, a report and a design document.

use crate::rows::{Lane, Row, Said};
use dhcpfo_engine::state::Role;
use std::collections::VecDeque;
use std::fmt::Write;

/// Height of a row.
const ROW: i32 = 76;
/// Where the first row is.
const TOP: i32 = 30;
/// Room for numbers and times.
const GUTTER: i32 = 84;
/// Distance of two lines.
const LANE: i32 = 128;

/// The style of a diagram that stands alone; the explorer's page has the same classes.
pub const STYLE: &str = include_str!("diagram.css");

/// Text that may stand in XML and HTML.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            // Not allowed in XML 1.0.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// Clients on both sides, the servers between them.
fn lanes(clients: usize) -> Vec<Lane> {
    let left = clients.div_ceil(2) as u8;
    let mut lanes: Vec<Lane> = (0..left).map(Lane::Client).collect();
    lanes.extend(Role::ALL.map(Lane::Server));
    lanes.extend((left..clients as u8).map(Lane::Client));
    lanes
}

/// A message between the servers that has left: in which row, as which of that row's, and what it says.
#[derive(Clone, Debug, Default)]
struct Flying {
    sent: usize,
    place: i32,
    text: String,
}

/// A drawing of rows, the first of which is the beginning.
pub struct Drawing<'a> {
    rows: &'a [Row],
    /// What clients are called, if not by their numbers.
    names: &'a [String],
    lanes: Vec<Lane>,
    /// Rows before this one are left out.
    from: usize,
    out: String,
}

/// Draws rows; those before `from` are left out. `alone`: with its own style.
pub fn svg(rows: &[Row], from: usize, alone: bool) -> String {
    named(rows, from, alone, &[])
}

/// The same, with other names for the clients than their numbers.
pub fn named(rows: &[Row], from: usize, alone: bool, names: &[String]) -> String {
    let clients = rows.first().map_or(0, |row| row.stand.holds.len());
    let from = from.min(rows.len());
    let mut drawing = Drawing { rows, names, lanes: lanes(clients), from, out: String::new() };
    drawing.draw(alone);
    drawing.out
}

impl Drawing<'_> {
    fn x(&self, lane: Lane) -> i32 {
        let place = self.lanes.iter().position(|other| *other == lane).unwrap_or(0);
        GUTTER + LANE / 2 + place as i32 * LANE
    }

    fn y(&self, row: usize) -> i32 {
        TOP + (row.saturating_sub(self.from)) as i32 * ROW + 30
    }

    /// What fits above a line.
    fn name(&self, lane: Lane) -> String {
        let given = match lane {
            Lane::Client(number) => self.names.get(usize::from(number)),
            Lane::Server(_) => None,
        };
        let Some(name) = given else { return lane.name() };
        let (most, count) = (11, name.chars().count());
        let end: String = name.chars().skip(count.saturating_sub(most)).collect();
        escaped(&if count > most + 1 { format!("…{end}") } else { name.clone() })
    }

    fn line(&mut self, args: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.out.write_fmt(args);
        self.out.push('\n');
    }

    fn draw(&mut self, alone: bool) {
        let (width, last) = (GUTTER + LANE * self.lanes.len() as i32, self.rows.len());
        let height = self.y(last) + 14;
        let steps = last.saturating_sub(1);
        self.line(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-label=\"Time-space diagram of {steps} steps\">"
        ));
        if alone {
            self.line(format_args!("<style>{STYLE}</style>"));
        }
        self.line(format_args!("<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>"));
        self.heads();
        for row in self.from..last {
            self.band(row);
        }
        for row in self.from..last {
            self.row(row);
        }
        self.messages();
        self.line(format_args!("</svg>"));
    }

    fn heads(&mut self) {
        for lane in self.lanes.clone() {
            let (x, name) = (self.x(lane), self.name(lane));
            let class = if matches!(lane, Lane::Server(_)) { "server" } else { "client" };
            self.line(format_args!(
                "<g class=\"head {class}\"><rect x=\"{}\" y=\"10\" width=\"104\" height=\"28\" rx=\"5\"/>\
                 <text x=\"{x}\" y=\"29\">{name}</text></g>",
                x - 52
            ));
        }
    }

    /// The pieces of the lines below a row, and between the servers whether there is a connection.
    fn band(&mut self, row: usize) {
        let (y, end) = (self.y(row), self.y(row + 1));
        let stand = self.rows[row].stand.clone();
        let before = (row > self.from).then(|| self.rows[row - 1].stand.clone());
        let [p, s] = Role::ALL.map(|role| self.x(Lane::Server(role)));
        let link = if stand.link { "link" } else { "link down" };
        self.line(format_args!(
            "<rect class=\"{link}\" x=\"{p}\" y=\"{y}\" width=\"{}\" height=\"{}\"/>",
            s - p,
            end - y
        ));
        for (role, condition) in Role::ALL.into_iter().zip(&stand.conditions) {
            let x = self.x(Lane::Server(role));
            let class = class_of(condition);
            self.line(format_args!("<line class=\"life {class}\" x1=\"{x}\" y1=\"{y}\" x2=\"{x}\" y2=\"{end}\"/>"));
            if before.as_ref().is_none_or(|before| before.conditions[role.index()] != *condition) {
                self.state(x, y, &class, condition);
            }
        }
        for (number, held) in (0_u8..).zip(&stand.holds) {
            let x = self.x(Lane::Client(number));
            let twice = held.is_some() && stand.holds.iter().filter(|other| *other == held).count() > 1;
            let class = if twice {
                "held twice"
            } else if held.is_some() {
                "held"
            } else {
                "life"
            };
            self.line(format_args!("<line class=\"{class}\" x1=\"{x}\" y1=\"{y}\" x2=\"{x}\" y2=\"{end}\"/>"));
            let was = before.as_ref().and_then(|before| before.holds[usize::from(number)].clone());
            if was != *held {
                let text = held
                    .as_ref()
                    .map_or_else(|| "–".to_owned(), |held| if twice { format!("{held} !") } else { held.clone() });
                self.holds(Lane::Client(number), y + 32, &text);
            }
        }
    }

    /// What a client holds, beside its line: inwards of the last one, where the drawing ends.
    fn holds(&mut self, lane: Lane, y: i32, text: &str) {
        let (x, last) = (self.x(lane), self.lanes.last() == Some(&lane) && text.len() > 6);
        let (x, anchor) = if last { (x - 9, " text-anchor=\"end\"") } else { (x + 9, "") };
        self.line(format_args!("<text class=\"holds\" x=\"{x}\" y=\"{y}\"{anchor}>{}</text>", escaped(text)));
    }

    /// A long name in two lines, broken at its hyphen.
    fn state(&mut self, x: i32, y: i32, class: &str, condition: &str) {
        let parts: Vec<&str> = match condition.split_once('-') {
            Some((first, _)) if condition.len() > 16 => vec![&condition[..=first.len()], &condition[first.len() + 1..]],
            _ => vec![condition],
        };
        let longest = parts.iter().map(|part| part.len()).max().unwrap_or(0) as i32;
        let (width, height) = (10 + 7 * longest, 4 + 11 * parts.len() as i32);
        self.line(format_args!(
            "<g class=\"state {class}\"><rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>",
            x - width / 2,
            y + 26
        ));
        for (number, part) in (1..).zip(parts) {
            self.line(format_args!("<text x=\"{x}\" y=\"{}\">{}</text>", y + 25 + 11 * number, escaped(part)));
        }
        self.line(format_args!("</g>"));
    }

    fn row(&mut self, number: usize) {
        let row = self.rows[number].clone();
        let (y, width) = (self.y(number), GUTTER + LANE * self.lanes.len() as i32);
        let bad = if row.refuted.is_empty() { "" } else { " bad" };
        self.line(format_args!("<g class=\"row{bad}\" data-step=\"{number}\">"));
        self.line(format_args!("<rect class=\"hit\" x=\"0\" y=\"{}\" width=\"{width}\" height=\"{ROW}\"/>", y - 31));
        let label = escaped(&row.label);
        self.line(format_args!("<text class=\"number\" x=\"8\" y=\"{}\">{label}</text>", y + 4));
        let at = escaped(row.at.as_deref().unwrap_or(""));
        self.line(format_args!("<text class=\"at\" x=\"{}\" y=\"{}\">{at}</text>", GUTTER - 4, y + 4));
        let text = if row.action.is_empty() && number > 0 { "time passes" } else { &row.action };
        let refuted: Vec<String> = row.refuted.iter().map(|name| format!("✗ {name}")).collect();
        let text = [vec![text.to_owned()], refuted].concat().join("   ");
        self.line(format_args!(
            "<text class=\"action\" x=\"{}\" y=\"{}\">{}</text>",
            GUTTER + 4,
            y - 17,
            escaped(&text)
        ));
        if let Some(round) = &row.round {
            let (y, text) = (y - 36, escaped(round));
            self.line(format_args!("<line class=\"round\" x1=\"4\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\"/>", width - 4));
            self.line(format_args!("<text class=\"round\" x=\"8\" y=\"{}\">↻ {text}</text>", y - 4));
        }
        for said in &row.said {
            self.said(y, said);
        }
        self.marks(number, &row);
        self.line(format_args!("</g>"));
    }

    fn said(&mut self, y: i32, said: &Said) {
        let (from, to) = (self.x(said.from), self.x(said.to));
        let y = if matches!(said.from, Lane::Client(_)) { y } else { y + 15 };
        let class = match (said.from, said.to, said.lost) {
            (Lane::Server(_), Lane::Server(_), _) => "message",
            (_, _, true) => "packet gone",
            (_, _, false) => "packet",
        };
        self.arrow((from, y), (to, y), &said.text, class);
    }

    /// Crashes, starts and operators.
    fn marks(&mut self, number: usize, row: &Row) {
        let words: Vec<&str> = row.action.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let y = self.y(number);
        let off = |row: &Row, role: Role| row.stand.conditions[role.index()] == "off";
        for role in Role::ALL {
            let x = self.x(Lane::Server(role));
            let was_off = number > 0 && off(&self.rows[number - 1], role);
            let symbol = match (was_off, off(row, role)) {
                (false, true) if number > 0 => "✖",
                (true, false) => "▶",
                _ if words.first() == Some(&"operator") && words.get(1) == Some(&role.name()) => "◆",
                _ => continue,
            };
            self.line(format_args!("<text class=\"mark\" x=\"{x}\" y=\"{}\">{symbol}</text>", y + 6));
        }
    }

    /// The messages between the servers, from the row where they leave to the one where they are read.
    fn messages(&mut self) {
        let mut flying: [VecDeque<Flying>; 2] = Default::default();
        for number in 0..self.rows.len() {
            let row = self.rows[number].clone();
            if let Some((to, text)) = &row.received
                && let Some(flying) = flying[to.index()].pop_front()
            {
                self.message(*to, &Flying { text: text.clone(), ..flying }, number, "message");
            }
            for (to, _) in &row.lost {
                if let Some(flying) = flying[to.index()].pop_front() {
                    self.message(*to, &flying, number, "message gone");
                }
            }
            for (place, (from, text)) in row.sent.iter().enumerate() {
                let message = Flying { sent: number, place: place as i32, text: text.clone() };
                if row.stand.link || number > 0 && self.rows[number - 1].stand.link {
                    flying[from.partner().index()].push_back(message);
                } else {
                    self.message(from.partner(), &message, number, "message gone");
                }
            }
        }
        for to in Role::ALL {
            for message in std::mem::take(&mut flying[to.index()]) {
                self.message(to, &message, self.rows.len(), "message flying");
            }
        }
    }

    fn message(&mut self, to: Role, flying: &Flying, read: usize, class: &str) {
        if read < self.from {
            return;
        }
        let (from, end) = (self.x(Lane::Server(to.partner())), self.x(Lane::Server(to)));
        // Several that leave at once do so one below the other.
        let high = self.y(flying.sent) + 8 + 11 * flying.place;
        let low = if flying.sent == read { high + 12 } else { self.y(read).max(high) };
        let low = if read == self.rows.len() { low - 22 + 11 * flying.place } else { low };
        self.arrow((from, high), (end, low), &flying.text, class);
    }

    fn arrow(&mut self, (x1, y1): (i32, i32), (x2, y2): (i32, i32), text: &str, class: &str) {
        let gone = class.ends_with("gone");
        let (x, y) = if gone { ((x1 + 2 * x2) / 3, (y1 + 2 * y2) / 3) } else { (x2, y2) };
        let back = if x2 > x1 { -7 } else { 7 };
        // Long arrows cross other rows: what they say stands where they begin.
        let (cx, cy, anchor) = match y - y1 > ROW / 2 {
            true if x2 > x1 => (x1 + 8, y1 - 3, " text-anchor=\"start\""),
            true => (x1 - 8, y1 - 3, " text-anchor=\"end\""),
            false => ((x1 + x) / 2, (y1 + y) / 2 - 3, ""),
        };
        let text = escaped(&shortened(text));
        self.line(format_args!("<g class=\"{class}\"><line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x}\" y2=\"{y}\"/>"));
        if gone {
            self.line(format_args!("<text class=\"cross\" x=\"{x}\" y=\"{}\">✕</text>", y + 5));
        } else {
            self.line(format_args!("<path d=\"M{x} {y}l{back} -4v8z\"/>"));
        }
        self.line(format_args!("<text class=\"says\" x=\"{cx}\" y=\"{cy}\"{anchor}>{text}</text></g>"));
    }
}

/// What fits between two lines.
fn shortened(text: &str) -> String {
    let most = 22;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let first: String = text.split(", ").next().unwrap_or(text).chars().take(most).collect();
    format!("{first}…")
}

/// The class of a condition: its word in small letters.
fn class_of(condition: &str) -> String {
    format!("c-{}", condition.to_lowercase())
}
