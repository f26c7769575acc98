//! Committed outputs: a text either is what the file says, or the file is rewritten.

use std::fmt::Write as _;
use std::path::Path;

/// Set to `1`, it makes [`compare_or_update`] write instead of compare.
pub const UPDATE: &str = "UPDATE_GOLDEN";

/// Lines of context around a difference.
const CONTEXT: usize = 2;

/// Compares a text with a committed file; with `UPDATE_GOLDEN=1` writes the file instead. The error is to be
/// read: what differs, and how to accept it.
pub fn compare_or_update(path: &Path, text: &str) -> Result<(), String> {
    let problem = |error: std::io::Error| format!("{}: {error}", path.display());
    if std::env::var_os(UPDATE).is_some_and(|value| value == "1") {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(problem)?;
        }
        return std::fs::write(path, text).map_err(problem);
    }
    let committed = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other.map_err(problem)?,
    };
    if committed == text {
        return Ok(());
    }
    let difference = difference(&committed, text);
    Err(format!("{} differs; {UPDATE}=1 accepts what the code says now.\n{difference}", path.display()))
}

/// Two texts line by line: `-` only in the first, `+` only in the second, with some lines around.
pub fn difference(before: &str, after: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = old.iter().zip(&new).take_while(same).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    let mut lines: Vec<(char, &str)> = old[..head].iter().map(|line| (' ', *line)).collect();
    lines.extend(middle(&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]));
    lines.extend(old[old.len() - tail..].iter().map(|line| (' ', *line)));
    let near = |n: usize| {
        let range = n.saturating_sub(CONTEXT)..(n + CONTEXT + 1).min(lines.len());
        lines[range].iter().any(|(mark, _)| *mark != ' ')
    };
    let (mut out, mut left_out) = (String::new(), false);
    for (n, (mark, line)) in lines.iter().enumerate() {
        if near(n) {
            if left_out {
                out.push_str("  ...\n");
            }
            let _ = writeln!(out, "{mark} {line}");
        }
        left_out = !near(n);
    }
    if out.is_empty() {
        out.push_str("  the ends of lines, or the last one\n");
    }
    out
}

/// The longest common part of what is left, by the table of lengths; too much of it is shown as it is.
fn middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    const MOST: usize = 4_000_000;
    let all = |mark: char, lines: &[&'a str]| lines.iter().map(|line| (mark, *line)).collect::<Vec<_>>();
    if old.len() * new.len() > MOST {
        return [all('-', old), all('+', new)].concat();
    }
    let width = new.len() + 1;
    let mut common = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = match old[i] == new[j] {
                true => common[(i + 1) * width + j + 1] + 1,
                false => common[(i + 1) * width + j].max(common[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines.extend(all('-', &old[i..]));
    lines.extend(all('+', &new[j..]));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_with_what_stands_around_it() {
        let before = "a\nb\nc\nd\ne\nf\ng\n";
        let after = "a\nb\nc\nD\ne\nf\ng\nh\n";
        assert_eq!(difference(before, after), "  ...\n  b\n  c\n- d\n+ D\n  e\n  f\n  g\n+ h\n");
    }

    #[test]
    fn far_from_a_difference_lines_are_left_out() {
        let before: String = (0..20).map(|n| format!("{n}\n")).collect();
        let after = before.replace("3\n", "three\n").replace("15\n", "fifteen\n");
        let shown = difference(&before, &after);
        assert!(shown.contains("- 3\n") && shown.contains("  ...\n") && !shown.contains("  8\n"), "{shown}");
    }

    #[test]
    fn a_missing_last_end_of_line_is_a_difference() {
        assert!(difference("a\n", "a").contains("ends of lines"));
    }

    #[test]
    fn a_missing_file_is_an_empty_one() {
        let nowhere = Path::new("no/such/folder/file.md");
        if std::env::var_os(UPDATE).is_none() {
            let error = compare_or_update(nowhere, "new\n").expect_err("it is not there");
            assert!(error.contains("+ new") && error.contains("UPDATE_GOLDEN=1"), "{error}");
        }
    }
}
