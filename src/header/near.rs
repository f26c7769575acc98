//! Which known word a mistyped one was meant to be.

/// The nearest of `known` to `word`, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    let far = |k: &str| {
        let distance = distance(&word, k);
        // One word inside the other is near, too: `duplicate-address`, `no-duplicate-address`.
        let inside = word.len() > 3 && (k.contains(&word) || (k.len() > 3 && word.contains(k)));
        if inside { distance.min(2) } else { distance }
    };
    let (distance, best) = known.into_iter().map(|k| (far(k), k)).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.chars().count() / 4).then_some(best)
}

/// Insertions, deletions, replacements and exchanges of neighbours from one to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["clients", "buckets", "split", "max-unacked", "no-duplicate-address"];
        let near = |word| nearest(word, known);
        assert_eq!(near("client"), Some("clients"));
        assert_eq!(near("slpit"), Some("split"));
        assert_eq!(near("max_unacked"), Some("max-unacked"));
        assert_eq!(near("duplicate-address"), Some("no-duplicate-address"));
        assert_eq!(near("weather"), None);
    }
}
