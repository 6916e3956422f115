//! The events of a text as the YAML test suite writes them.

// Each test program uses its own part of this.
#![allow(dead_code, unreachable_pub, clippy::print_stdout, clippy::unwrap_used)]
// The arms of the one match are rows.
#![allow(clippy::semicolon_if_nothing_returned)]

use std::convert::Infallible;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use config::{
    CollectionStyle, Event, EventSink, Limits, ParseError, Properties, ScalarStyle, Span,
    SyntaxError, parse,
};

/// Collects events as text, one on a line.
#[derive(Default)]
pub struct Listing {
    pub text: String,
    pub spans: Vec<Span>,
}

impl EventSink for Listing {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Infallible> {
        self.spans.push(span);
        let mark = |explicit, with, without| if explicit { with } else { without };
        match event {
            Event::StreamStart => self.text += "+STR",
            Event::StreamEnd => self.text += "-STR",
            Event::DocumentStart { explicit, .. } => {
                self.text += mark(explicit, "+DOC ---", "+DOC")
            }
            Event::DocumentEnd { explicit } => self.text += mark(explicit, "-DOC ...", "-DOC"),
            Event::MappingStart { properties, style } => {
                self.start("+MAP", " {}", &properties, style)
            }
            Event::MappingEnd => self.text += "-MAP",
            Event::SequenceStart { properties, style } => {
                self.start("+SEQ", " []", &properties, style)
            }
            Event::SequenceEnd => self.text += "-SEQ",
            Event::Scalar {
                value,
                properties,
                style,
            } => self.scalar(&value, &properties, style),
            Event::Alias { name } => write!(self.text, "=ALI *{name}").unwrap(),
        }
        self.text.push('\n');
        Ok(())
    }
}

impl Listing {
    fn start(
        &mut self,
        name: &str,
        brackets: &str,
        properties: &Properties<'_>,
        style: CollectionStyle,
    ) {
        self.text.push_str(name);
        if style == CollectionStyle::Flow {
            self.text.push_str(brackets);
        }
        self.properties(properties);
    }

    fn properties(&mut self, properties: &Properties<'_>) {
        if let Some(anchor) = properties.anchor {
            write!(self.text, " &{anchor}").unwrap();
        }
        if let Some(tag) = properties.tag {
            write!(self.text, " <{}>", tag.resolved()).unwrap();
        }
    }

    fn scalar(&mut self, value: &str, properties: &Properties<'_>, style: ScalarStyle) {
        self.text.push_str("=VAL");
        self.properties(properties);
        self.text.push_str(match style {
            ScalarStyle::Plain => " :",
            ScalarStyle::SingleQuoted => " '",
            ScalarStyle::DoubleQuoted => " \"",
            ScalarStyle::Literal => " |",
            ScalarStyle::Folded => " >",
        });
        for character in value.chars() {
            match character {
                '\\' => self.text.push_str("\\\\"),
                '\0' => self.text.push_str("\\0"),
                '\n' => self.text.push_str("\\n"),
                '\t' => self.text.push_str("\\t"),
                '\r' => self.text.push_str("\\r"),
                '\u{8}' => self.text.push_str("\\b"),
                _ => self.text.push(character),
            }
        }
    }
}

/// The listing, or the error with its place.
pub fn to_test_events(input: &[u8], limits: &Limits) -> Result<String, Box<SyntaxError>> {
    let mut listing = Listing::default();
    match parse(input, limits, &mut listing) {
        Ok(()) => Ok(listing.text),
        Err(ParseError::Syntax(error)) => Err(error),
        Err(other) => panic!("{other:?}"),
    }
}

/// The events in one line, or `line:column` of the error.
pub fn compact(input: &[u8], limits: &Limits) -> String {
    match to_test_events(input, limits) {
        Ok(events) => {
            let events = events.replace("=VAL ", "");
            events
                .lines()
                .filter(|line| !line.ends_with("STR"))
                .collect::<Vec<_>>()
                .join(" / ")
        }
        Err(error) => format!("{}:{}", error.position.line, error.position.column),
    }
}

/// `$CODE_OPS_SHARED`, or `../shared` beside the repository.
fn suite() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let shared = std::env::var_os("CODE_OPS_SHARED").map_or(beside, PathBuf::from);
    Some(shared.join("data/yaml-test-suite")).filter(|path| path.is_dir())
}

fn collect(folder: &Path, cases: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, cases);
        } else if path.ends_with("in.yaml") {
            cases.push(folder.to_path_buf());
        }
    }
}

/// The folders of the suite's cases; none, told on standard output, where it is absent.
pub fn suite_cases() -> Option<Vec<PathBuf>> {
    let Some(suite) = suite() else {
        println!(
            "skipped: no yaml-test-suite; set CODE_OPS_SHARED to the folder that holds data/yaml-test-suite"
        );
        return None;
    };
    let mut cases = Vec::new();
    collect(&suite, &mut cases);
    cases.sort();
    Some(cases)
}
