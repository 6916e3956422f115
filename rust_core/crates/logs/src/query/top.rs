//! The most frequent values of a field.

use serde_json::{Value, json};

use super::LONGEST_VALUE;
use crate::events::Event;
use crate::level::Level;
use crate::summary::Met;
use crate::summary::counter::Counter;
use crate::time::rfc3339;

/// How often each value of a field is there.
#[derive(Clone, Debug)]
pub struct Top {
    field: String,
    most: usize,
    values: Counter<Met>,
    missing: u64,
    key: Vec<u8>,
}

impl Top {
    /// So many values of a field at most.
    #[must_use]
    pub fn new(field: String, most: usize) -> Self {
        Self {
            field,
            most,
            values: Counter::default(),
            missing: 0,
            key: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, event: &Event<'_>) {
        self.key.clear();
        if event.write_value(&self.field, &mut self.key) {
            self.key.truncate(LONGEST_VALUE);
            let is_error = event.record.level >= Level::Error;
            self.values
                .add(&self.key, |met| met.update(event.time, is_error, b""));
        } else {
            self.missing += 1;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.values.merge(other.values);
        self.missing += other.missing;
    }

    pub(super) fn report(&self) -> Value {
        let rows = self.values.top(self.most).into_iter().map(|row| {
            let met = row.value.unwrap_or_default();
            json!({
                "value": String::from_utf8_lossy(&row.key),
                "count": row.count,
                "errors": met.errors(),
                "first": met.first().map(rfc3339),
                "last": met.last().map(rfc3339),
            })
        });
        json!({
            "field": self.field,
            "missing": self.missing,
            "distinct": self.values.distinct(),
            "is_exact": self.values.is_exact(),
            "rows": rows.collect::<Vec<_>>(),
        })
    }
}
