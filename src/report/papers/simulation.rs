//! Random runs: what failed, with what repeats it, and what was measured.

use super::{decimals, list, text};
use crate::page::{Cell, Mood, Page, Table};
use serde_json::Value;
use std::fmt::Write as _;

pub(super) fn page(document: &Value) -> Page {
    let title = document["title"].as_str().map(|title| format!("Random runs: {title}"));
    let mut page = Page::new(title.unwrap_or_else(|| "Random runs".to_owned()));
    let entries = || list(&document["models"]).chain(list(&document["points"]));
    let aside = entries().map(|entry| list(&entry["put-aside"]).count()).sum::<usize>();
    match entries().map(|entry| list(&entry["failures"]).count()).sum::<usize>() {
        0 if aside > 0 => page.text(Mood::Bad, "✗ Claims were broken, each after an assumption of the draft was."),
        0 => page.text(Mood::Good, "✓ Nothing was refuted. That is no proof: `dhcpfo check` is for that."),
        1 => page.text(Mood::Bad, "✗ One run failed."),
        some => page.text(Mood::Bad, format!("✗ {some} runs failed.")),
    }
    models(&mut page, document);
    let path = document["path"].as_str().unwrap_or_default();
    list(&document["points"]).for_each(|point| self::point(&mut page, path, point));
    page
}

fn models(page: &mut Page, document: &Value) {
    let head = ["model", "runs", "actions", "days of virtual time", "ended", "claim", "seed", "run", "shrunk to", ""];
    let mut table = Table::new("Models in which runs were carried out", &head);
    for model in list(&document["models"]) {
        let shortest = list(&model["failures"]).min_by_key(|failure| failure["shrunk-to"].as_u64());
        let of = |key: &str| Cell::from(shortest.map(|failure| text(&failure[key])).unwrap_or_default());
        let days = model["virtual-seconds"].as_u64().map(|seconds| text(&Value::from(seconds / 86_400)));
        let expected = match model["as-expected"].as_bool() {
            Some(true) => Cell::from("as expected"),
            _ => Cell::new(Mood::Bad, "not as expected"),
        };
        table.row([
            Cell::from(format!("{}\n{}", text(&model["path"]), text(&model["title"]))),
            Cell::from(text(&model["runs"])),
            Cell::from(text(&model["actions"])),
            Cell::from(days.unwrap_or_default()),
            Cell::from(text(&model["end"])),
            of("claim"),
            of("seed"),
            of("actions"),
            of("shrunk-to"),
            expected,
        ]);
    }
    page.table(table);
    for model in list(&document["models"]) {
        let Some(failure) = list(&model["failures"]).min_by_key(|failure| failure["shrunk-to"].as_u64()) else {
            continue;
        };
        page.heading(format!("{} in {}", text(&failure["claim"]), text(&model["path"])));
        let mut steps = Table::new("What it shrank to", &["step", "second", "action"]);
        for (number, step) in (1..).zip(list(&failure["path"])) {
            let number: u64 = number;
            steps.row([number.to_string(), text(&step["at"]), text(&step["action"])].map(Cell::from));
        }
        page.table(steps);
        let (path, seed) = (text(&model["path"]), &failure["seed"]);
        page.code(format!("dhcpfo simulate {path} --seed {seed} --runs 1"));
    }
}

/// A point of a sweep, or all there is.
fn point(page: &mut Page, path: &str, point: &Value) {
    let settings = |value: &Value| {
        let settings = value.as_object().into_iter().flatten();
        settings.map(|(key, number)| format!("{key} = {number}")).collect::<Vec<_>>()
    };
    let at = settings(&point["at"]);
    page.heading(if at.is_empty() { "Measures".to_owned() } else { at.join(", ") });
    page.facts(vec![("runs".to_owned(), text(&point["runs"]))]);
    for failure in list(&point["failures"]) {
        let (claim, at, detail) = (text(&failure["claim"]), text(&failure["at"]), text(&failure["detail"]));
        page.text(Mood::Bad, format!("✗ {claim} is refuted at {at} s: {detail}"));
        let changed = settings(&failure["settings"]).into_iter().map(|set| format!(" --set {}", set.replace(' ', "")));
        let (seed, until) = (&failure["seed"], &failure["until"]);
        page.code(format!(
            "dhcpfo simulate {path} --seed {seed} --runs 1 --until {until}{}",
            changed.collect::<String>()
        ));
    }
    aside(page, point);
    let meaning = |name: &str| text(&point["meanings"][name]);
    let mut counted = Table::new("Counted", &["what", "number", "meaning"]);
    for (name, number) in point["counts"].as_object().into_iter().flatten() {
        counted.row([name.clone(), text(number), meaning(name)].map(Cell::from));
    }
    for (name, rate) in point["rates"].as_object().into_iter().flatten() {
        counted.row([name.clone(), decimals(rate.as_f64().unwrap_or(0.0)), meaning(name)].map(Cell::from));
    }
    page.table(counted);
    let quantiles = list(&point["spreads"]).next().map(|spread| &spread["quantiles"]);
    let parts: Vec<String> = quantiles.into_iter().flat_map(list).map(percent).collect();
    let head: Vec<&str> = ["what", "number", "mean"].into_iter().chain(parts.iter().map(String::as_str)).collect();
    let mut spreads = Table::new("Distributions, in the unit of what is measured", &head);
    for spread in list(&point["spreads"]) {
        let mean = decimals(spread["mean"].as_f64().unwrap_or(0.0));
        let first = [text(&spread["name"]), text(&spread["number"]), mean];
        let rest = list(&spread["quantiles"]).map(|quantile| text(&quantile["value"]));
        spreads.row(first.into_iter().chain(rest).map(Cell::from));
    }
    page.table(spreads);
    for spread in list(&point["spreads"]) {
        if let Some(svg) = bars(spread) {
            page.drawing(svg, format!("{}: how often each size was measured", text(&spread["name"])));
        }
    }
}

/// What was broken after an assumption of the draft was, and when servers had nothing to give.
fn aside(page: &mut Page, point: &Value) {
    for one in list(&point["put-aside"]) {
        let of = |key: &str| text(&one[key]);
        let (claim, number, at, since, why) = (of("claim"), of("number"), of("at"), of("since"), of("assumption"));
        let line = format!("✗ {claim} was broken {number} times, first at {at} s, for since {since} s {why}");
        page.text(Mood::Bad, line);
    }
    for one in list(&point["assumptions-broken"]) {
        let (why, since, runs) = (text(&one["assumption"]), text(&one["since"]), text(&one["runs"]));
        page.text(
            Mood::Plain,
            format!("In {runs} runs the draft promises nothing any more, first since {since} s: {why}."),
        );
    }
    for dry in list(&point["no-address-to-give"]["stretches"]) {
        let of = |key: &str| text(&dry[key]);
        let (server, state, first, last, why) = (of("server"), of("state"), of("first"), of("last"), of("why"));
        let line = format!("The {server}, in {state}, had no address to give from {first} s to {last} s: {why}.");
        page.text(Mood::Plain, line);
    }
}

fn percent(quantile: &Value) -> String {
    format!("{}%", 100.0 * quantile["part"].as_f64().unwrap_or(0.0))
}

/// Bars for the sizes that were measured; None where there are too few to say anything.
fn bars(spread: &Value) -> Option<String> {
    let bin = |bin: &Value| Some((bin[0].as_u64()?, bin[1].as_u64()?));
    let mut bins: Vec<(u64, u64)> = list(&spread["bins"]).map(bin).collect::<Option<_>>()?;
    if bins.len() < 3 {
        return None;
    }
    // Neighbours together, until all of them fit.
    while bins.len() > 60 {
        bins = bins.chunks(2).map(|pair| (pair[0].0, pair.iter().map(|(_, count)| count).sum())).collect();
    }
    let most = bins.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let (width, height) = (620, 110);
    let each = 600.0 / bins.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{} sizes\">\n",
        bins.len()
    );
    for (place, (_, count)) in bins.iter().enumerate() {
        let high = (80.0 * *count as f64 / most as f64).max(0.5);
        let (x, y) = (10.0 + each * place as f64, 90.0 - high);
        let _ = writeln!(
            svg,
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
            (each - 1.0).max(0.5)
        );
    }
    for (place, anchor) in [(0, "start"), (bins.len() / 2, "middle"), (bins.len() - 1, "end")] {
        let x = 10.0 + each * (place as f64 + if anchor == "end" { 1.0 } else { 0.0 });
        let size = text(&Value::from(bins[place].0));
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"105\" text-anchor=\"{anchor}\">{size}</text>");
    }
    Some(svg + "</svg>\n")
}
