//! The picture in `src/ARCHITECTURE.md` shows every room, and the dependencies that there are.

use crate::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Our crates without `dhcpfo-`, with those of ours that each needs to be built.
fn built() -> Graph {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let document: Value = serde_json::from_slice(&cargo.stdout).expect("cargo metadata writes JSON");
    let packages = document["packages"].as_array().expect("packages");
    let short = |value: &Value| match value["name"].as_str().expect("a name") {
        "dhcpfo" => "facade".to_owned(),
        name => name.trim_start_matches("dhcpfo-").to_owned(),
    };
    let ours: BTreeSet<String> = packages.iter().map(short).collect();
    let needs = |package: &Value| {
        let all = package["dependencies"].as_array().expect("dependencies").iter();
        all.filter(|dependency| dependency["kind"].is_null() && !dependency["path"].is_null()).map(short).collect()
    };
    let graph: Graph = packages.iter().map(|package| (short(package), needs(package))).collect();
    assert!(graph.values().flatten().all(|needed| ours.contains(needed)), "a dependency by path is a room");
    graph
}

/// The rooms of the picture, and its arrows.
fn drawn() -> Graph {
    let text = std::fs::read_to_string(root().join("src/ARCHITECTURE.md")).expect("the map");
    let picture =
        text.split("```mermaid\ngraph TD\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a picture");
    let names = |list: &str| list.split('&').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
    let mut graph = Graph::new();
    for line in picture.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once(" --> ") {
            Some((from, to)) => graph.get_mut(from).expect("a room that is drawn").extend(names(to)),
            None => names(line.split('[').next().unwrap_or_default()).into_iter().for_each(|name| {
                graph.entry(name).or_default();
            }),
        }
    }
    graph
}

/// All that a room needs, by any path.
fn below(graph: &Graph, room: &str) -> BTreeSet<String> {
    graph[room].iter().flat_map(|needed| below(graph, needed).into_iter().chain([needed.clone()])).collect()
}

/// Where a room is described for whoever opens the house: the layout in README.md, the table in `src/ARCHITECTURE.md`.
#[test]
fn every_room_is_described() {
    for document in ["README.md", "src/ARCHITECTURE.md"] {
        let text = std::fs::read_to_string(root().join(document)).expect("a document");
        for room in built().keys() {
            // The small protocols are one room in several folders.
            let folder = match room.as_str() {
                "properties" => "properties".to_owned(),
                "fischer" | "kea-ha" | "lf2" | "resource-sharing" | "split-scope" => "src/protocols".to_owned(),
                room => format!("src/{room}"),
            };
            let row = |line: &str| line.starts_with('|') && line.contains(&format!("`{folder}`"));
            assert!(text.lines().any(row), "{document} does not describe {folder}");
        }
    }
}

#[test]
fn the_picture_shows_every_room_and_every_dependency() {
    let (built, drawn) = (built(), drawn());
    for (room, needed) in &built {
        let shown = drawn.get(room).unwrap_or_else(|| panic!("{room} is not in the picture"));
        let others = |direct: &String| needed.iter().filter(|other| *other != direct).cloned().collect::<Vec<_>>();
        let by_another = |direct: &String| others(direct).iter().any(|other| below(&built, other).contains(direct));
        let arrows: BTreeSet<String> = needed.iter().filter(|direct| !by_another(direct)).cloned().collect();
        assert_eq!(*shown, arrows, "{room}: its arrows, and what it needs by no other room");
    }
    assert_eq!(drawn.len(), built.len(), "a room of the picture is none");
}
