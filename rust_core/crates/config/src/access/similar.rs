//! Keys that may be meant by one that is not there.

const MOST: usize = 3;
/// Longer words are not compared.
const LONGEST: usize = 64;

/// The keys nearest to a word, the nearest first: at most a third of its characters differ.
pub(crate) fn similar(word: &str, keys: &[String]) -> Vec<String> {
    // Of one or two letters any word is near.
    let most = match word.chars().count() {
        0..3 => 0,
        count => (count / 3).max(1),
    };
    let mut found: Vec<(usize, &String)> = keys
        .iter()
        .filter(|key| key.len() <= LONGEST && word.len() <= LONGEST && !key.is_empty())
        .map(|key| (distance(word, key), key))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    let mut keys: Vec<String> = found.into_iter().map(|(_, key)| key.clone()).collect();
    keys.dedup();
    keys.truncate(MOST);
    keys
}

/// Characters to insert, remove, replace or swap with the next, case apart.
fn distance(one: &str, other: &str) -> usize {
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
