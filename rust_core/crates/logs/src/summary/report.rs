//! What a summary says, as a plain value.

use serde_json::{Map, Value, json};

use super::counter::Counted;
use super::{Met, Quantiles, Stretch, Summary};
use crate::level::{Level, LevelSource};
use crate::time::rfc3339;

/// How many entries lists have.
const TOP: usize = 20;

impl Summary {
    /// The report: a mapping with `total`, `errors`, `warnings`, `levels` and all else that was
    /// counted. Times are RFC 3339 in UTC, sizes are in bytes.
    #[must_use]
    pub fn report(&self) -> Value {
        let mut report = Map::new();
        let mut put = |key: &str, value: Value| report.insert(key.to_owned(), value);
        put("version", json!(1));
        put("total", json!(self.events));
        put("errors", json!(self.errors()));
        put("warnings", json!(self.warnings()));
        put("levels", self.levels_report());
        put("level_sources", self.level_sources_report());
        let lines = &self.lines;
        put("lines", json!(lines.total));
        put("bytes", json!(lines.bytes));
        put("blank_lines", json!(lines.blank));
        put("continuation_lines", json!(lines.continuations));
        put("unparsed_lines", json!(lines.unparsed));
        let examples = self.examples.iter().map(|line| text(line));
        put("unparsed_examples", examples.collect());
        put("cut_lines", json!(lines.cut));
        put("invalid_utf8_lines", json!(lines.invalid_utf8));
        put("formats", json!(self.formats));
        put("first", time(self.times.first));
        put("last", time(self.times.last));
        put("times", self.times_report());
        put("rate", self.rate());
        put("sources", sources(&self.sources.top(TOP)));
        put("sources_distinct", json!(self.sources.distinct()));
        put("messages", messages(&self.messages.top(TOP)));
        put("problems", messages(&self.problems()));
        put("exceptions", exceptions(&self.exceptions.top(TOP)));
        put("exceptions_distinct", json!(self.exceptions.distinct()));
        put("messages_distinct", json!(self.messages.distinct()));
        let exact = self.sources.is_exact() && self.messages.is_exact();
        put("is_exact", json!(exact));
        let fields = self.fields.iter();
        let fields: Map<String, Value> = fields
            .map(|(name, numbers)| (lossy(name), quantiles(numbers)))
            .collect();
        put("fields", Value::Object(fields));
        put("http", self.http());
        Value::Object(report)
    }

    /// The messages at level warning and worse, the worst level first.
    fn problems(&self) -> Vec<Counted<Met>> {
        let mut found = self.messages.top(usize::MAX);
        let level = |counted: &Counted<Met>| counted.key.first().copied().unwrap_or(0);
        found.retain(|counted| level(counted) >= Level::Warning as u8);
        // Those of a level stay in the order of their counts.
        found.sort_by_key(|counted| std::cmp::Reverse(level(counted)));
        found.truncate(TOP);
        found
    }

    pub(super) fn levels_report(&self) -> Value {
        let levels = Level::ALL.iter().rev();
        let counts = levels.map(|level| {
            let count = self.levels[*level as usize];
            (level.name().to_owned(), json!(count))
        });
        Value::Object(counts.collect())
    }

    fn level_sources_report(&self) -> Value {
        let sources = LevelSource::ALL.iter();
        let counts = sources.map(|source| {
            let count = self.level_sources[*source as usize];
            (source.name().to_owned(), json!(count))
        });
        Value::Object(counts.collect())
    }

    #[allow(clippy::cast_precision_loss)]
    fn times_report(&self) -> Value {
        let times = &self.times;
        json!({
            "missing": times.missing,
            "zone_assumed": times.zone_assumed,
            "year_inferred": times.year_inferred,
            "backwards": times.backwards,
            "farthest_backwards_seconds": times.farthest_backwards as f64 / 1e9,
        })
    }

    fn rate(&self) -> Value {
        let buckets = self.timeline.buckets().map(|(start, counts)| {
            let events: u64 = counts.iter().sum();
            let errors: u64 = counts[Level::Error as usize..].iter().sum();
            json!({
                "time": time(start.checked_mul(1_000_000_000)),
                "events": events,
                "errors": errors,
                "warnings": counts[Level::Warning as usize],
            })
        });
        let stretch = |stretch: &Stretch| {
            json!({
                "from": time(stretch.start.checked_mul(1_000_000_000)),
                "to": time(stretch.end.checked_mul(1_000_000_000)),
                "seconds": stretch.end - stretch.start,
                "events": stretch.events,
            })
        };
        json!({
            "bucket_seconds": self.timeline.bucket_seconds(),
            "bursts": self.timeline.bursts().iter().map(stretch).collect::<Vec<Value>>(),
            "gaps": self.timeline.gaps().iter().map(stretch).collect::<Vec<Value>>(),
            "buckets": buckets.collect::<Vec<Value>>(),
        })
    }

    fn http(&self) -> Value {
        let Some(requests) = &self.requests else {
            return Value::Null;
        };
        let plain = |counted: Vec<Counted<u64>>| -> Value {
            let row = |counted: &Counted<u64>| json!({"name": text(&counted.key), "count": counted.count});
            counted.iter().map(row).collect()
        };
        let mut classes = Map::new();
        for (status, count) in &requests.statuses {
            let class = match status / 100 {
                class @ 1..=5 => format!("{class}xx"),
                _ => "other".to_owned(),
            };
            let sum = classes.get(&class).and_then(Value::as_u64).unwrap_or(0);
            classes.insert(class, json!(sum + count));
        }
        let statuses = requests.statuses.iter();
        let statuses: Map<String, Value> = statuses
            .map(|(status, count)| (status.to_string(), json!(count)))
            .collect();
        json!({
            "requests": requests.count,
            "classes": classes,
            "statuses": statuses,
            "methods": plain(requests.methods.top(TOP)),
            "paths": plain(requests.paths.top(TOP)),
            "paths_distinct": requests.paths.distinct(),
            "failures": plain(requests.failures.top(TOP)),
            "failures_distinct": requests.failures.distinct(),
            "clients": plain(requests.clients.top(TOP)),
            "clients_distinct": requests.clients.distinct(),
            "agents": plain(requests.agents.top(TOP)),
            "agents_distinct": requests.agents.distinct(),
            "bytes": quantiles(&requests.bytes),
        })
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn text(bytes: &[u8]) -> Value {
    Value::String(lossy(bytes))
}

fn time(nanoseconds: Option<i64>) -> Value {
    nanoseconds.map_or(Value::Null, |time| Value::String(rfc3339(time)))
}

fn sources(top: &[Counted<Met>]) -> Value {
    let row = |counted: &Counted<Met>| {
        json!({
            "name": text(&counted.key),
            "count": counted.count,
            "errors": counted.value.as_ref().map(|met| met.errors),
        })
    };
    top.iter().map(row).collect()
}

fn messages(top: &[Counted<Met>]) -> Value {
    let row = |counted: &Counted<Met>| {
        let (level, template) = counted.key.split_first().unwrap_or((&0, &[]));
        let level = Level::ALL
            .get(usize::from(*level))
            .copied()
            .unwrap_or_default();
        let met = counted.value.as_ref();
        json!({
            "level": level.name(),
            "template": text(template),
            "count": counted.count,
            "first": time(met.and_then(|met| met.first)),
            "last": time(met.and_then(|met| met.last)),
            "example": met.map(|met| text(&met.example)),
        })
    };
    top.iter().map(row).collect()
}

fn exceptions(top: &[Counted<Met>]) -> Value {
    let row = |counted: &Counted<Met>| {
        let end = memchr::memchr(0, &counted.key).unwrap_or(counted.key.len());
        let (name, frames) = counted.key.split_at(end);
        let frames = frames.strip_prefix(b"\0").unwrap_or_default();
        let frames = frames.split(|byte| *byte == b'\n').map(text);
        let met = counted.value.as_ref();
        json!({
            "name": text(name),
            "frames": frames.collect::<Vec<Value>>(),
            "count": counted.count,
            "first": time(met.and_then(|met| met.first)),
            "last": time(met.and_then(|met| met.last)),
            "example": met.map(|met| text(&met.example)),
        })
    };
    top.iter().map(row).collect()
}

pub(crate) fn quantiles(numbers: &Quantiles) -> Value {
    json!({
        "count": numbers.count(),
        "min": numbers.least(),
        "max": numbers.most(),
        "sum": numbers.sum(),
        "p50": numbers.quantile(0.5),
        "p90": numbers.quantile(0.9),
        "p95": numbers.quantile(0.95),
        "p99": numbers.quantile(0.99),
    })
}
