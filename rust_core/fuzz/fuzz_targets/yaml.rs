//! The YAML parser: any bytes give balanced events or an error with a place, never a panic.
#![no_main]

use std::convert::Infallible;

use config::{Event, EventSink, Limits, ParseError, Span, parse};
use libfuzzer_sys::fuzz_target;

#[derive(Default)]
struct Balance {
    open: usize,
    end: usize,
}

impl EventSink for Balance {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        assert!(span.start <= span.end);
        self.end = self.end.max(span.end);
        match event {
            Event::MappingStart { properties, .. } | Event::SequenceStart { properties, .. } => {
                self.open += 1;
                let _ = properties.tag.map(|tag| tag.resolved());
            }
            Event::MappingEnd | Event::SequenceEnd => self.open -= 1,
            _ => {}
        }
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let mut balance = Balance::default();
    match parse(data, &Limits::default(), &mut balance) {
        Ok(()) => {
            assert_eq!(balance.open, 0);
            // Decoded text is at most half as long again as its UTF-16.
            assert!(balance.end <= data.len() * 3 / 2 + 1);
        }
        Err(ParseError::Syntax(error)) => {
            assert!(error.position.line >= 1 && error.position.column >= 1);
            assert!(!error.to_string().is_empty());
        }
        Err(other) => panic!("{other:?}"),
    }
});
