//! What two summaries say of the same system at different times: messages and exceptions that are
//! new, gone, more frequent or less.
//!
//! Frequencies are shares of all events. One has changed when it has at least doubled or halved and
//! chance explains that in less than one case of a thousand: the likelihood ratio of two Poisson
//! rates (G, Sokal and Rohlf, "Biometry", chapter 17) is past 10.83, the quantile of chi-squared
//! with one degree of freedom.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::counter::Counted;
use super::{Met, Summary};
use crate::level::Level;
use crate::time::rfc3339;

/// Rows of each kind of change.
const MOST: usize = 200;
/// How many times as frequent one has to be.
const RATIO: f64 = 2.0;
const CHI_SQUARED: f64 = 10.83;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    New,
    Gone,
    More,
    Less,
}

impl Summary {
    /// What has changed from this summary to another one: `before` and `after` with the numbers of
    /// events and their levels, and lists of what is `new`, `gone`, `more` and `less`, each with at
    /// most 200 rows, the worst level first.
    #[must_use]
    pub fn compare(&self, after: &Self) -> Value {
        let totals = (self.events, after.events);
        let mut rows: Vec<(Change, Value)> = Vec::new();
        let before_messages = self.messages.top(usize::MAX);
        let after_messages = after.messages.top(usize::MAX);
        for (key, [was, is]) in pairs(&before_messages, &after_messages) {
            let (level, template) = key.split_first().unwrap_or((&0, &[]));
            let level = Level::ALL.get(usize::from(*level)).copied();
            let row = |change| {
                row(change, totals, [was, is], |value| {
                    value["kind"] = json!("message");
                    value["level"] = json!(level.unwrap_or_default().name());
                    value["template"] = json!(String::from_utf8_lossy(template));
                })
            };
            rows.extend(change(was, is, totals).map(|change| (change, row(change))));
        }
        let before_exceptions = self.exceptions.top(usize::MAX);
        let after_exceptions = after.exceptions.top(usize::MAX);
        for (key, [was, is]) in pairs(&before_exceptions, &after_exceptions) {
            let mut parts = key.splitn(2, |byte| *byte == 0);
            let name = parts.next().unwrap_or_default();
            let frames = parts.next().unwrap_or_default();
            let frame = frames.split(|byte| *byte == b'\n').next();
            let row = |change| {
                row(change, totals, [was, is], |value| {
                    value["kind"] = json!("exception");
                    value["level"] = json!(Level::Error.name());
                    value["template"] = json!(String::from_utf8_lossy(name));
                    value["frame"] = json!(String::from_utf8_lossy(frame.unwrap_or_default()));
                })
            };
            rows.extend(change(was, is, totals).map(|change| (change, row(change))));
        }
        rows.sort_by_key(|(_, row)| order(row));
        let of = |wanted: Change| -> Vec<&Value> {
            let rows = rows.iter().filter(|(change, _)| *change == wanted);
            rows.map(|(_, row)| row).take(MOST).collect()
        };
        let is_exact = [self, after]
            .iter()
            .all(|summary| summary.messages.is_exact() && summary.exceptions.is_exact());
        json!({
            "version": 1,
            "before": self.in_short(),
            "after": after.in_short(),
            "is_exact": is_exact,
            "new": of(Change::New),
            "gone": of(Change::Gone),
            "more": of(Change::More),
            "less": of(Change::Less),
        })
    }

    fn in_short(&self) -> Value {
        json!({
            "total": self.events,
            "errors": self.errors(),
            "warnings": self.warnings(),
            "levels": self.levels_report(),
            "first": self.times.first.map(rfc3339),
            "last": self.times.last.map(rfc3339),
        })
    }
}

/// The worst level first, then the most frequent, then by text.
fn order(row: &Value) -> (usize, std::cmp::Reverse<u64>, String) {
    let level = row["level"].as_str().unwrap_or_default();
    let place = Level::ALL
        .iter()
        .rev()
        .position(|known| known.name() == level);
    let count = |key: &str| row[key].as_u64().unwrap_or(0);
    let count = count("before").max(count("after"));
    let text = row["template"].as_str().unwrap_or_default().to_owned();
    (place.unwrap_or(usize::MAX), std::cmp::Reverse(count), text)
}

type Side<'c> = Option<&'c Counted<Met>>;

/// The keys of both sides with what each knows of them.
fn pairs<'c>(
    before: &'c [Counted<Met>],
    after: &'c [Counted<Met>],
) -> impl Iterator<Item = (&'c [u8], [Side<'c>; 2])> {
    let mut sides: HashMap<&[u8], [Side<'_>; 2], foldhash::fast::RandomState> = HashMap::default();
    for counted in before {
        sides.entry(&counted.key).or_default()[0] = Some(counted);
    }
    for counted in after {
        sides.entry(&counted.key).or_default()[1] = Some(counted);
    }
    sides.into_iter()
}

/// What the two counts come to, if they tell anything.
#[allow(clippy::cast_precision_loss)]
fn change(was: Side<'_>, is: Side<'_>, totals: (u64, u64)) -> Option<Change> {
    let (was, is) = match (was, is) {
        (None, None) => return None,
        (None, Some(_)) => return Some(Change::New),
        (Some(_), None) => return Some(Change::Gone),
        (Some(was), Some(is)) => (was.count as f64, is.count as f64),
    };
    let all = (totals.0 + totals.1) as f64;
    let (before, after) = (totals.0 as f64 / all, totals.1 as f64 / all);
    let sum = was + is;
    let expected = (sum * before, sum * after);
    let likelihood = 2.0 * (was * (was / expected.0).ln() + is * (is / expected.1).ln());
    let ratio = (is / after) / (was / before);
    if likelihood < CHI_SQUARED {
        None
    } else if ratio >= RATIO {
        Some(Change::More)
    } else if ratio <= 1.0 / RATIO {
        Some(Change::Less)
    } else {
        None
    }
}

#[allow(clippy::cast_precision_loss)]
fn row(
    change: Change,
    totals: (u64, u64),
    [was, is]: [Side<'_>; 2],
    name: impl FnOnce(&mut Value),
) -> Value {
    let count = |side: Side<'_>| side.map_or(0, |counted| counted.count);
    let (before, after) = (count(was), count(is));
    let share = |count: u64, total: u64| count as f64 / total.max(1) as f64;
    let ratio = matches!(change, Change::More | Change::Less)
        .then(|| share(after, totals.1) / share(before, totals.0));
    let met = is.or(was).and_then(|counted| counted.value.as_ref());
    let mut value = json!({});
    name(&mut value);
    value["before"] = json!(before);
    value["after"] = json!(after);
    value["ratio"] = json!(ratio);
    value["first"] = json!(met.and_then(Met::first).map(rfc3339));
    value["last"] = json!(met.and_then(Met::last).map(rfc3339));
    value["example"] = json!(met.map(|met| String::from_utf8_lossy(&met.example)));
    value
}
