//! JSON: any bytes give balanced events or an error with a place, never a
//! panic.
#![no_main]

use std::convert::Infallible;

use config::{Event, EventSink, Limits, ParseError, Source, Span};
use libfuzzer_sys::fuzz_target;

#[derive(Default)]
struct Balance {
    open: usize,
}

impl EventSink for Balance {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        assert!(span.start <= span.end);
        match event {
            Event::MappingStart { .. } | Event::SequenceStart { .. } => self.open += 1,
            Event::MappingEnd | Event::SequenceEnd => self.open -= 1,
            _ => {}
        }
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let Ok(source) = Source::decode(data, &limits) else {
        return;
    };
    let mut balance = Balance::default();
    match source.parse_json(&limits, &mut balance) {
        Ok(()) => assert_eq!(balance.open, 0),
        Err(ParseError::Syntax(error)) => {
            assert!(error.position.line >= 1 && error.position.column >= 1);
        }
        Err(other) => panic!("{other:?}"),
    }
});
