//! The places of the mutants: which lines become which others, found by their text and not by their numbers.

/// Lines of one file that become others.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// A file of the engine.
    pub(crate) file: String,
    /// Lines before that tell the place from others like it.
    before: Vec<String>,
    /// The lines.
    pub(crate) old: Vec<String>,
    /// What they become.
    new: Vec<String>,
    /// Lines behind.
    after: Vec<String>,
}

impl Place {
    /// The numbers of the mutants that are switched here.
    pub(crate) fn mutants(&self) -> Vec<u32> {
        let text = self.new.join("\n");
        let numbers = text.split("crate::m(").skip(1).filter_map(|rest| rest.split(')').next()?.parse().ok());
        let mut numbers: Vec<u32> = numbers.collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Where in a file of these lines it is: the first of its lines.
    fn find(&self, lines: &[&str]) -> Result<usize, &'static str> {
        let block: Vec<&String> = self.before.iter().chain(&self.old).chain(&self.after).collect();
        let mut at = (0..=lines.len().saturating_sub(block.len()))
            .filter(|&first| block.iter().zip(&lines[first..]).all(|(wanted, line)| *wanted == line));
        match (at.next(), at.next()) {
            (Some(first), None) => Ok(first + self.before.len()),
            (Some(_), Some(_)) => Err("the place is there twice"),
            (None, _) => Err("the place is not there any more"),
        }
    }
}

/// Reads `engine.edits`: for each place `@ FILE`, then lines that begin with `  ` (stays), `- ` (goes) or `+ ` (comes).
pub(crate) fn places(text: &str) -> Result<Vec<Place>, String> {
    let mut places: Vec<Place> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(file) = line.strip_prefix("@ ") {
            let none = Vec::new;
            places.push(Place { file: file.to_owned(), before: none(), old: none(), new: none(), after: none() });
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = places.last_mut().ok_or_else(|| format!("engine.edits:{number}: `@ FILE` must come first"))?;
        let (mark, rest) = line.split_at_checked(2).unwrap_or((line, ""));
        match mark.trim_end() {
            "-" => place.old.push(rest.to_owned()),
            "+" => place.new.push(rest.to_owned()),
            "" if place.old.is_empty() && place.new.is_empty() => place.before.push(rest.to_owned()),
            "" => place.after.push(rest.to_owned()),
            _ => return Err(format!("engine.edits:{number}: begins with none of `  `, `- `, `+ `, `@ `")),
        }
    }
    Ok(places)
}

/// The text of one file with all of its places changed, and the places that were not found.
pub(crate) fn apply<'a>(text: &str, places: &[&'a Place]) -> (String, Vec<(&'a Place, &'static str)>) {
    let lines: Vec<&str> = text.lines().collect();
    let mut drifted = Vec::new();
    let mut found: Vec<(usize, &Place)> = Vec::new();
    for place in places {
        match place.find(&lines) {
            Ok(first) => found.push((first, place)),
            Err(why) => drifted.push((*place, why)),
        }
    }
    found.sort_by_key(|(first, _)| *first);
    let (mut out, mut next) = (Vec::new(), 0);
    for (first, place) in found {
        if first < next {
            drifted.push((place, "the place overlaps another one"));
            continue;
        }
        out.extend(lines[next..first].iter().map(|line| (*line).to_owned()));
        out.extend(place.new.iter().cloned());
        next = first + place.old.len();
    }
    out.extend(lines[next..].iter().map(|line| (*line).to_owned()));
    (out.join("\n") + "\n", drifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDITS: &str =
        "@ a.rs\n  fn one() {\n-     true\n+     true != crate::m(7)\n\n@ a.rs\n- gone\n+ crate::m(8)\n";

    #[test]
    fn a_place_is_found_by_its_text() {
        let places = places(EDITS).expect("edits");
        let all: Vec<&Place> = places.iter().collect();
        let (text, drifted) = apply("fn two() {\n    true\n}\nfn one() {\n    true\n}\n", &all);
        assert_eq!(text, "fn two() {\n    true\n}\nfn one() {\n    true != crate::m(7)\n}\n");
        assert_eq!(drifted.len(), 1, "the second place is gone");
        assert_eq!(drifted[0].0.mutants(), [8]);
    }

    #[test]
    fn a_place_that_is_there_twice_is_not_guessed() {
        let places = places("@ a.rs\n- x\n+ y\n").expect("edits");
        let (text, drifted) = apply("x\nx\n", &[&places[0]]);
        assert_eq!((text.as_str(), drifted.len()), ("x\nx\n", 1));
    }
}
