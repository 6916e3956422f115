//! The service table: which port numbers have names, and which are most used.
//!
//! The table is `code_ops/data/ports.txt`, one file for both engines.

use std::collections::HashMap;
use std::sync::LazyLock;

const TABLE_TEXT: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../code_ops/data/ports.txt"
));

/// Ports that a scan without `-p` takes.
pub const DEFAULT_PORT_COUNT: usize = 100;

struct Table {
    /// All ports in the file's order, most used first.
    ranked: Vec<u16>,
    by_name: HashMap<&'static str, Vec<u16>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut ranked = Vec::with_capacity(1200);
    let mut by_name: HashMap<&'static str, Vec<u16>> = HashMap::new();
    for line in TABLE_TEXT.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let Some(port) = words.next().and_then(|word| word.parse().ok()) else {
            continue;
        };
        ranked.push(port);
        for name in words {
            by_name.entry(name).or_default().push(port);
        }
    }
    Table { ranked, by_name }
});

/// The `count` most used ports, most used first.
#[must_use]
pub fn top_ports(count: usize) -> &'static [u16] {
    &TABLE.ranked[..count.min(TABLE.ranked.len())]
}

/// The ports of a service name in lower case; empty when the name is unknown.
#[must_use]
pub(crate) fn ports_of_service(name: &str) -> &'static [u16] {
    TABLE.by_name.get(name).map_or(&[], Vec::as_slice)
}

/// The ports of all services whose name matches a pattern of `*` and `?`.
#[must_use]
pub(crate) fn ports_matching(pattern: &str) -> Vec<u16> {
    TABLE
        .by_name
        .iter()
        .filter(|(name, _)| wildcard_match(pattern.as_bytes(), name.as_bytes()))
        .flat_map(|(_, ports)| ports.iter().copied())
        .collect()
}

/// The ports from `first` to `last` that have a name.
#[must_use]
pub(crate) fn named_ports_between(first: u16, last: u16) -> Vec<u16> {
    TABLE
        .by_name
        .values()
        .flatten()
        .copied()
        .filter(|port| (first..=last).contains(port))
        .collect()
}

/// Shell-style match; linear in the text for each star, never recursive.
fn wildcard_match(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            p = star_p + 1;
            t = star_t + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_a_shell() {
        for (pattern, text, expected) in [
            ("http*", "http", true),
            ("http*", "https-alt", true),
            ("*sql*", "postgresql", true),
            ("http?", "http", false),
            ("http?", "https", true),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(
                wildcard_match(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn the_table_has_a_thousand_ranked_ports_without_repeats() {
        let mut top = top_ports(1000).to_vec();
        assert_eq!(&top[..5], &[80, 23, 443, 21, 22]);
        top.sort_unstable();
        top.dedup();
        assert_eq!(top.len(), 1000);
    }
}
