//! A document in pieces, as one HTML page that needs nothing else, or as Markdown: the look of all reports.

use crate::diagram::{self, escaped};
use std::fmt::Write as _;

/// Style of a page that stands alone.
const STYLE: &str = include_str!("story.css");

/// How something is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it is.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// What a table is there for.
    Main,
}

impl Mood {
    const fn class(self) -> &'static str {
        match self {
            Mood::Plain => "",
            Mood::Good => " class=\"good\"",
            Mood::Bad => " class=\"bad\"",
            Mood::Main => " class=\"main\"",
        }
    }
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it says; new lines are kept.
    pub text: String,
    /// How it is meant.
    pub mood: Mood,
}

impl Cell {
    /// A cell with a mood.
    pub fn new(mood: Mood, text: impl Into<String>) -> Cell {
        Cell { text: text.into(), mood }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell::new(Mood::Plain, text)
    }
}

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Heading(String),
    Text(Mood, String),
    Facts(Vec<(String, String)>),
    List(Vec<String>),
    Code(String),
    /// An SVG, what it shows, and the same for Mermaid, if there is that.
    Drawing(String, String, Option<String>),
    Table(Table),
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows; the first cell of each is its name.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty one.
    pub fn new(caption: &str, head: &[&str]) -> Table {
        Table {
            caption: caption.to_owned(),
            head: head.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }
}

/// A page in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    title: String,
    pieces: Vec<Piece>,
}

impl Page {
    /// An empty one.
    pub fn new(title: impl Into<String>) -> Page {
        Page { title: title.into(), pieces: Vec::new() }
    }

    /// A heading.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece::Heading(text.into()));
    }

    /// A paragraph.
    pub fn text(&mut self, mood: Mood, text: impl Into<String>) {
        self.pieces.push(Piece::Text(mood, text.into()));
    }

    /// Names with what they are.
    pub fn facts(&mut self, facts: Vec<(String, String)>) {
        self.pieces.push(Piece::Facts(facts));
    }

    /// Points; nothing if there are none.
    pub fn list(&mut self, points: Vec<String>) {
        if !points.is_empty() {
            self.pieces.push(Piece::List(points));
        }
    }

    /// Lines to be typed.
    pub fn code(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece::Code(text.into()));
    }

    /// A drawing, which Markdown leaves out, and what it shows.
    pub fn drawing(&mut self, svg: String, caption: impl Into<String>) {
        self.pieces.push(Piece::Drawing(svg, caption.into(), None));
    }

    /// A drawing, and the same for Mermaid, which Markdown has in its place; and what it shows.
    pub fn diagram(&mut self, svg: String, mermaid: String, caption: impl Into<String>) {
        self.pieces.push(Piece::Drawing(svg, caption.into(), Some(mermaid)));
    }

    /// A table; nothing if it has no rows.
    pub fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.pieces.push(Piece::Table(table));
        }
    }

    /// One page that needs nothing else.
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let mut out = head(&title);
        for piece in &self.pieces {
            match piece {
                Piece::Heading(text) => out += &format!("<h2>{}</h2>\n", escaped(text)),
                Piece::Text(mood, text) => out += &format!("<p{}>{}</p>\n", mood.class(), escaped(text)),
                Piece::Facts(facts) => {
                    out += "<dl>\n";
                    for (name, text) in facts {
                        out += &format!("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(text));
                    }
                    out += "</dl>\n";
                }
                Piece::List(points) => {
                    out += "<ul>\n";
                    points.iter().for_each(|point| out += &format!("<li>{}</li>\n", escaped(point)));
                    out += "</ul>\n";
                }
                Piece::Code(text) => out += &code(text),
                Piece::Drawing(svg, caption, _) => {
                    let label = escaped(caption);
                    out += &format!(
                        "<figure tabindex=\"0\" aria-label=\"{label}\">\n{svg}<figcaption>{label}</figcaption>\n</figure>\n"
                    );
                }
                Piece::Table(table) => table_html(&mut out, table),
            }
        }
        out + "</main>\n</body>\n</html>\n"
    }

    /// The same without drawings that only an SVG shows.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", self.title);
        for piece in &self.pieces {
            match piece {
                Piece::Heading(text) => out += &format!("\n## {text}\n"),
                Piece::Text(_, text) => out += &format!("\n{text}\n"),
                Piece::Facts(facts) => {
                    out.push('\n');
                    facts.iter().for_each(|(name, text)| out += &format!("* {name}: {text}\n"));
                }
                Piece::List(points) => {
                    out.push('\n');
                    points.iter().for_each(|point| out += &format!("* {point}\n"));
                }
                Piece::Code(text) => out += &format!("\n```\n{text}\n```\n"),
                Piece::Drawing(_, _, None) => {}
                Piece::Drawing(_, _, Some(mermaid)) => out += &format!("\n```mermaid\n{mermaid}```\n"),
                Piece::Table(table) => table_markdown(&mut out, table),
            }
        }
        out
    }
}

/// How every page begins. The title has to be escaped.
pub(crate) fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        diagram::STYLE
    )
}

/// Lines to be typed; what is wider than the page can be scrolled with the keyboard.
pub(crate) fn code(text: &str) -> String {
    format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escaped(text))
}

fn table_html(out: &mut String, table: &Table) {
    let caption = escaped(&table.caption);
    *out += &format!("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\">\n<table>\n");
    *out += &format!("<caption>{caption}</caption>\n<thead><tr>");
    for name in &table.head {
        *out += &format!("<th scope=\"col\">{}</th>", escaped(name));
    }
    *out += "</tr></thead>\n<tbody>\n";
    for row in &table.rows {
        *out += "<tr>";
        for (place, cell) in row.iter().enumerate() {
            let text = escaped(&cell.text).replace('\n', "<br>");
            let class = cell.mood.class();
            let _ = match place {
                0 => write!(out, "<th scope=\"row\"{class}>{text}</th>"),
                _ => write!(out, "<td{class}>{text}</td>"),
            };
        }
        *out += "</tr>\n";
    }
    *out += "</tbody>\n</table>\n</div>\n";
}

fn table_markdown(out: &mut String, table: &Table) {
    *out +=
        &format!("\n{}:\n\n| {} |\n|{}\n", table.caption, table.head.join(" | "), " --- |".repeat(table.head.len()));
    for row in &table.rows {
        let cell = |cell: &Cell| {
            let text = cell.text.replace('|', "\\|").replace('\n', "<br>");
            match cell.mood {
                Mood::Bad | Mood::Main if !text.is_empty() => format!("**{text}**"),
                _ => text,
            }
        };
        *out += &format!("| {} |\n", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let nasty = "<script>&\"|\nx";
        let mut page = Page::new(nasty);
        page.heading(nasty);
        page.text(Mood::Bad, nasty);
        page.facts(vec![(nasty.to_owned(), nasty.to_owned())]);
        page.list(vec![nasty.to_owned()]);
        page.code(nasty);
        let mut table = Table::new(nasty, &[nasty]);
        table.row([Cell::new(Mood::Main, nasty)]);
        page.table(table);
        let html = page.html();
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("&lt;script&gt;&amp;&quot;|<br>x</th>"), "{html}");
        assert!(page.markdown().contains("| **<script>&\"\\|<br>x** |"), "{}", page.markdown());
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let mut page = Page::new("x");
        page.list(Vec::new());
        page.table(Table::new("none", &["a"]));
        assert_eq!(page.markdown(), "# x\n");
    }
}
