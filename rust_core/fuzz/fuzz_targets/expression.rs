//! Expressions: any text is a condition or an error with a place in it, never a panic; a condition
//! and its negation are opposites for every event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logs::expression::{Expression, Fields, Value};
use logs::level::Level;
use logs::time::WallClock;

const NOW: i64 = 1_795_176_000_000_000_000;

/// Fields of all types, by the first letter of the name.
struct Event<'v>(&'v [u8]);

impl Fields for Event<'_> {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        Some(match name.as_bytes().first()? {
            b'a'..=b'e' => Value::Text(self.0),
            b'f'..=b'i' => Value::Number(503.5),
            b'j' | b'k' => Value::Bool(true),
            b'l' => Value::Level(Level::Warning),
            b'm' => Value::Null,
            b't' => Value::Time(NOW),
            _ => return None,
        })
    }
}

fuzz_target!(|text: &str| {
    match Expression::parse(text, NOW, &WallClock::fixed(3_600)) {
        Ok(expression) => {
            assert!(!expression.names().is_empty());
            let event = Event(text.as_bytes());
            let matches = expression.matches(&event);
            let negated = format!("not ({text})");
            // A limit can be passed by what was added.
            if let Ok(negated) = Expression::parse(&negated, NOW, &WallClock::fixed(3_600)) {
                assert_eq!(negated.matches(&event), !matches);
                assert_eq!(negated.names(), expression.names());
            }
        }
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some());
            assert!(error.render(text).contains('^'));
        }
    }
});
