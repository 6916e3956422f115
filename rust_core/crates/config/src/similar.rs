//! What a mistyped word may have meant.

/// Longer words are not compared.
const LONGEST: usize = 100;

/// The known word nearest to a word, if it is near: a third of its letters may differ.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let most = (word.chars().count() / 3).max(1);
    within(word, known, most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The known words near to a word, the nearest first, three at most. To one or two letters any
/// word would be near.
pub(crate) fn similar<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    let most = match word.chars().count() {
        0..3 => 0,
        count => count / 3,
    };
    let mut found: Vec<(usize, &str)> = within(word, known, most).collect();
    found.sort_by_key(|(distance, _)| *distance);
    let mut words: Vec<&str> = found.into_iter().map(|(_, candidate)| candidate).collect();
    words.dedup();
    words.truncate(3);
    words
}

fn within<'k>(
    word: &str,
    known: impl IntoIterator<Item = &'k str>,
    most: usize,
) -> impl Iterator<Item = (usize, &'k str)> {
    known
        .into_iter()
        .filter(|candidate| !candidate.is_empty())
        .map(move |candidate| (distance(word, candidate), candidate))
        .filter(move |(distance, _)| *distance <= most)
}

/// Letters to insert, remove, replace, or swap with their neighbour (optimal string alignment),
/// with capitals taken for small letters.
fn distance(one: &str, other: &str) -> usize {
    if one.len().max(other.len()) > LONGEST {
        return usize::MAX;
    }
    let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (one, other) = (lower(one), lower(other));
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, left) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, right) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(left != right);
            let mut best = replaced.min(last[column + 1] + 1).min(line[column] + 1);
            let is_swap =
                row > 0 && column > 0 && *left == other[column - 1] && one[row - 1] == *right;
            if is_swap {
                best = best.min(before_last[column - 1] + 1);
            }
            line.push(best);
        }
        before_last = std::mem::replace(&mut last, line);
    }
    last[other.len()]
}
