//! Port lists as nmap writes them, kept as ranges so that `-` costs no more than `80`.

use crate::problem::{Located, ProblemKind};
use crate::services;

/// A sorted set of distinct TCP ports.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PortSet {
    /// Sorted, disjoint, not touching: (first, last, ports before this range).
    ranges: Box<[(u16, u16, u32)]>,
    count: u32,
}

impl PortSet {
    /// The set of these ranges, which may overlap in any order.
    #[must_use]
    pub fn from_ranges(mut ranges: Vec<(u16, u16)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u16, u16, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end, _)) if u32::from(first) <= u32::from(*end) + 1 => {
                    *end = last.max(*end);
                }
                _ => merged.push((first, last, 0)),
            }
        }
        let mut count = 0;
        for (first, last, before) in &mut merged {
            *before = count;
            count += u32::from(*last) - u32::from(*first) + 1;
        }
        Self {
            ranges: merged.into_boxed_slice(),
            count,
        }
    }

    /// The set of these ports.
    #[must_use]
    pub fn from_ports(ports: &[u16]) -> Self {
        Self::from_ranges(ports.iter().map(|port| (*port, *port)).collect())
    }

    /// Reads a port list.
    ///
    /// # Errors
    /// The byte offset of the item that cannot be read, and why.
    pub fn parse(text: &str) -> Located<Self> {
        let mut ranges = Vec::new();
        let mut offset = 0;
        for item in text.split(',') {
            let blank = item.len() - item.trim_start_matches([' ', '\t']).len();
            parse_item(item.trim_matches([' ', '\t']), &mut ranges)
                .map_err(|(place, kind)| (offset + blank + place, kind))?;
            offset += item.len() + 1;
        }
        Ok(Self::from_ranges(ranges))
    }

    /// How many ports.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The port at a place of the sorted set, `place < len()`.
    #[must_use]
    pub fn nth(&self, place: u32) -> Option<u16> {
        let after = self.ranges.partition_point(|range| range.2 <= place);
        let (first, last, before) = *self.ranges.get(after.checked_sub(1)?)?;
        let port = u16::try_from(u32::from(first) + (place - before)).ok()?;
        (port <= last).then_some(port)
    }

    /// This set without the ports of another.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left: Vec<(u32, u32)> = self.pairs().collect();
        for (cut_first, cut_last) in other.pairs() {
            left = left
                .into_iter()
                .flat_map(|(first, last)| {
                    let below = (first, last.min(cut_first.wrapping_sub(1)));
                    let above = (first.max(cut_last + 1), last);
                    [(below, cut_first > first), (above, cut_last < last)]
                })
                .filter_map(|((first, last), kept)| {
                    (kept && first <= last).then_some((first, last))
                })
                .collect();
        }
        let narrow = |(first, last)| Some((u16::try_from(first).ok()?, u16::try_from(last).ok()?));
        Self::from_ranges(left.into_iter().filter_map(narrow).collect())
    }

    /// The ports in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.ranges
            .iter()
            .flat_map(|(first, last, _)| *first..=*last)
    }

    /// The compact text, `22,80-81`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let part = |(first, last, _): &(u16, u16, u32)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        };
        self.ranges.iter().map(part).collect::<Vec<_>>().join(",")
    }

    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.ranges
            .iter()
            .map(|(first, last, _)| (u32::from(*first), u32::from(*last)))
    }
}

fn parse_item(text: &str, ranges: &mut Vec<(u16, u16)>) -> Located<()> {
    let item = strip_qualifier(text).map_err(|kind| (0, kind))?;
    add_ranges(item, ranges).map_err(|kind| (text.len() - item.len(), kind))
}

fn add_ranges(item: &str, ranges: &mut Vec<(u16, u16)>) -> Result<(), ProblemKind> {
    if item.is_empty() {
        return Err(ProblemKind::EmptyPort);
    }
    if let Some(inner) = item.strip_prefix('[') {
        let inner = inner
            .strip_suffix(']')
            .ok_or_else(|| ProblemKind::MissingBracket(item.to_owned()))?;
        let (first, last) = parse_range(inner)?;
        ranges.extend(single(&services::named_ports_between(first, last)));
    } else if is_numeric(item) {
        ranges.push(parse_range(item)?);
    } else {
        let name = item.to_ascii_lowercase();
        if name.contains(['*', '?']) {
            let ports = services::ports_matching(&name);
            if ports.is_empty() {
                return Err(ProblemKind::NoServiceMatches(item.to_owned()));
            }
            ranges.extend(single(&ports));
        } else {
            let ports = services::ports_of_service(&name);
            if ports.is_empty() {
                return Err(ProblemKind::UnknownService(item.to_owned()));
            }
            ranges.extend(single(ports));
        }
    }
    Ok(())
}

fn single(ports: &[u16]) -> impl Iterator<Item = (u16, u16)> + '_ {
    ports.iter().map(|port| (*port, *port))
}

fn is_numeric(item: &str) -> bool {
    item.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// `T:` is what is scanned anyway; other protocols are not.
fn strip_qualifier(item: &str) -> Result<&str, ProblemKind> {
    match item.as_bytes() {
        [b'T' | b't', b':', ..] => Ok(item[2..].trim_start_matches([' ', '\t'])),
        [b'U' | b'u' | b'S' | b's', b':', ..] => Err(ProblemKind::Protocol(item[..2].to_owned())),
        _ => Ok(item),
    }
}

fn parse_range(text: &str) -> Result<(u16, u16), ProblemKind> {
    let malformed = || ProblemKind::NotAPort(text.to_owned());
    if text.is_empty() || !is_numeric(text) || text.matches('-').count() > 1 {
        return Err(malformed());
    }
    let Some((first, last)) = text.split_once('-') else {
        let port = parse_port(text)?;
        return Ok((port, port));
    };
    let first = if first.is_empty() {
        1
    } else {
        parse_port(first)?
    };
    let last = if last.is_empty() {
        u16::MAX
    } else {
        parse_port(last)?
    };
    if first > last {
        return Err(ProblemKind::PortsBackwards(first.into(), last.into()));
    }
    Ok((first, last))
}

fn parse_port(digits: &str) -> Result<u16, ProblemKind> {
    digits
        .parse()
        .map_err(|_| ProblemKind::PortRange(digits.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,40}") {
            let _ = PortSet::parse(&text);
        }

        #[test]
        fn nth_walks_the_set_in_order(ranges in prop::collection::vec((0u16..500, 0u16..500), 0..8)) {
            let ranges = ranges.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect::<Vec<_>>();
            let set = PortSet::from_ranges(ranges.clone());
            let expected: Vec<u16> =
                (0..=500).filter(|p| ranges.iter().any(|(a, b)| (a..=b).contains(&p))).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), expected.clone());
            let walked: Vec<u16> = (0..set.len()).filter_map(|place| set.nth(place)).collect();
            prop_assert_eq!(walked, expected);
            prop_assert_eq!(set.nth(set.len()), None);
        }

        #[test]
        fn without_is_set_difference(a in prop::collection::vec((0u16..90, 0u16..90), 0..5),
                                     b in prop::collection::vec((0u16..90, 0u16..90), 0..5)) {
            let order = |v: Vec<(u16, u16)>| v.into_iter().map(|(x, y)| (x.min(y), x.max(y))).collect::<Vec<_>>();
            let (a, b) = (PortSet::from_ranges(order(a)), PortSet::from_ranges(order(b)));
            let expected: Vec<u16> = a.iter().filter(|p| !b.iter().any(|q| q == *p)).collect();
            prop_assert_eq!(a.without(&b).iter().collect::<Vec<_>>(), expected);
        }
    }
}
