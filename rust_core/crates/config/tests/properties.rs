//! Whatever the bytes: no panic, events in pairs, spans inside the text; and the same events as
//! saphyr-parser where both accept.

mod common;

use common::{Listing, to_test_events};
use config::{CollectionStyle, Event, EventSink, Limits, ParseError, ScalarStyle, Span, parse};
use proptest::prelude::*;
use saphyr_parser::{Event as Theirs, Parser as TheirParser, ScalarStyle as TheirStyle};

const PIECES: &[&str] = &[
    "a",
    "b",
    "key",
    "- ",
    "-",
    "? ",
    "?",
    ": ",
    ":",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "\n",
    "\n  ",
    "\n ",
    " ",
    "\t",
    "#",
    " # c",
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "!",
    "|",
    ">",
    "|-",
    ">+",
    "|2",
    "'",
    "''",
    "\"",
    "\\n",
    "\\\n",
    "%YAML 1.2",
    "%TAG !e! tag:e,2000:",
    "!e!x ",
    "---",
    "--- ",
    "...",
    "\n---\n",
    "\n...\n",
    "é",
    "\u{FEFF}",
    "=",
    "\r\n",
    "\u{85}",
    "x: y",
    "\n- ",
    "\n? ",
    "\n: ",
    "\n  - ",
    "\n    ",
    "a: ",
    "\"q\"",
    "'s'",
    "[a, b]",
    "{a: b}",
    "~",
    "@",
    "`",
    "1.5",
];

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

fn check(input: &[u8]) {
    let mut listing = Listing::default();
    let result = parse(input, &Limits::default(), &mut listing);
    // Never panics also means that the message and the place can be made.
    if let Err(error) = &result {
        assert!(!error.to_string().is_empty());
    }
    let mut open = Vec::new();
    for line in listing.text.lines() {
        let name = &line[1..4];
        if line.starts_with('+') {
            open.push(name);
        } else if line.starts_with('-') {
            assert_eq!(open.pop(), Some(name));
        }
    }
    assert!(
        result.is_err() || open.is_empty(),
        "{open:?} is open at the end"
    );
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if !text.contains('\0') {
        for span in &listing.spans {
            assert!(span.start <= span.end, "{span:?} in {text:?}");
            assert!(
                text.get(span.start..span.end).is_some(),
                "{span:?} in {text:?}"
            );
        }
    }
}

/// Our listing without what saphyr-parser's events do not have: the styles of collections, the end
/// of a document, and names of anchors.
fn ours(text: &str) -> Option<String> {
    let listing = to_test_events(text.as_bytes(), &Limits::default()).ok()?;
    let plain = |line: &str| {
        let words: Vec<&str> = line.splitn(2, ' ').collect();
        let rest = words.get(1).copied().unwrap_or_default();
        match words[0] {
            "-DOC" | "+MAP" | "+SEQ" | "=ALI" => words[0].to_owned(),
            "=VAL" => {
                let rest = rest.strip_prefix('&').map_or(rest, |named| {
                    named.split_once(' ').map_or("", |(_, rest)| rest)
                });
                let rest = rest.strip_prefix('<').map_or(rest, |tag| {
                    tag.split_once("> ").map_or("", |(_, rest)| rest)
                });
                format!("=VAL {rest}")
            }
            _ => line.to_owned(),
        }
    };
    Some(listing.lines().map(plain).collect::<Vec<_>>().join("\n"))
}

fn theirs(text: &str) -> Option<String> {
    let mut lines = Vec::new();
    for event in TheirParser::new_from_str(text) {
        lines.push(match event.ok()?.0 {
            Theirs::Nothing => continue,
            Theirs::StreamStart => "+STR".to_owned(),
            Theirs::StreamEnd => "-STR".to_owned(),
            Theirs::DocumentStart(explicit) => {
                if explicit { "+DOC ---" } else { "+DOC" }.to_owned()
            }
            Theirs::DocumentEnd => "-DOC".to_owned(),
            Theirs::Alias(_) => "=ALI".to_owned(),
            Theirs::SequenceStart(..) => "+SEQ".to_owned(),
            Theirs::SequenceEnd => "-SEQ".to_owned(),
            Theirs::MappingStart(..) => "+MAP".to_owned(),
            Theirs::MappingEnd => "-MAP".to_owned(),
            Theirs::Scalar(value, style, ..) => {
                let mark = match style {
                    TheirStyle::Plain => ':',
                    TheirStyle::SingleQuoted => '\'',
                    TheirStyle::DoubleQuoted => '"',
                    TheirStyle::Literal => '|',
                    TheirStyle::Folded => '>',
                };
                let value = value
                    .replace('\\', "\\\\")
                    .replace('\n', "\\n")
                    .replace('\t', "\\t")
                    .replace('\r', "\\r");
                format!("=VAL {mark}{value}")
            }
        });
    }
    Some(lines.join("\n"))
}

/// The text, the end of the last leaf, and what is wrong with a span.
struct Spans<'t> {
    text: &'t str,
    end: usize,
}

impl EventSink for Spans<'_> {
    type Error = String;

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        let source = &self.text[span.start..span.end];
        let ends_with = |mark: char| source.len() > 1 && source.ends_with(mark);
        let is_right = match &event {
            Event::Alias { name } => source.strip_prefix('*') == Some(name),
            Event::Scalar { value, style, .. } => match style {
                ScalarStyle::Plain => {
                    let folds = value.split_whitespace().eq(source.split_whitespace());
                    folds && (source.contains(['\n', '\r']) || source == value)
                }
                ScalarStyle::SingleQuoted => source.starts_with('\'') && ends_with('\''),
                ScalarStyle::DoubleQuoted => source.starts_with('"') && ends_with('"'),
                ScalarStyle::Literal => source.starts_with('|'),
                ScalarStyle::Folded => source.starts_with('>'),
            },
            Event::MappingStart { style, .. } => is_bracket(source, "{", *style),
            Event::SequenceStart { style, .. } => is_bracket(source, "[", *style),
            Event::MappingEnd => matches!(source, "" | "}"),
            Event::SequenceEnd => matches!(source, "" | "]"),
            Event::DocumentStart { explicit, .. } => *explicit == (source == "---"),
            Event::DocumentEnd { explicit } => *explicit == (source == "..."),
            _ => source.is_empty(),
        };
        if !is_right {
            return Err(format!("{event:?} has the span of {source:?}"));
        }
        if matches!(event, Event::Alias { .. } | Event::Scalar { .. }) {
            let gap = self.text.get(self.end..span.start);
            if !gap.is_some_and(is_gap) {
                return Err(format!("{gap:?} is before {event:?}"));
            }
            self.end = span.end;
        }
        Ok(())
    }
}

fn is_bracket(source: &str, bracket: &str, style: CollectionStyle) -> bool {
    source.is_empty() || style == CollectionStyle::Flow && source == bracket
}

/// Whether only white space, comments, indicators, properties, markers and directives are here.
fn is_gap(gap: &str) -> bool {
    gap.split(['\n', '\r']).all(|line| {
        let words = line.split([' ', '\t', '\u{FEFF}']);
        let mut words = words.take_while(|word| !word.starts_with(['#', '%']));
        words.all(|word| {
            let word = word.trim_start_matches(['-', '?', ':', ',', '[', ']', '{', '}']);
            word.is_empty() || word.starts_with(['&', '!']) || word == "..."
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_fine(input in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&input);
    }

    #[test]
    fn any_text_is_fine(input in "\\PC{0,80}") {
        check(input.as_bytes());
    }

    #[test]
    fn near_yaml_is_fine(input in soup()) {
        check(input.as_bytes());
    }

    #[test]
    fn spans_hold_the_text(input in soup()) {
        let text = input.strip_prefix('\u{FEFF}').unwrap_or(&input);
        let mut spans = Spans { text, end: 0 };
        if let Err(ParseError::Sink(problem)) = parse(input.as_bytes(), &Limits::default(), &mut spans) {
            prop_assert!(false, "{:?}: {}", input, problem);
        }
    }

    #[test]
    fn agrees_with_saphyr_parser(input in soup()) {
        if tolerated(&input).is_none()
            && let (Some(ours), Some(theirs)) = (ours(&input), theirs(&input))
        {
            prop_assert_eq!(ours, theirs, "{:?}", input);
        }
    }
}

/// Why the two may differ on a text; in each the specification is on this side.
fn tolerated(text: &str) -> Option<&'static str> {
    let has_block_scalar = text.contains(['|', '>']);
    if has_block_scalar && (text.contains("\n---") || text.contains("\n...")) {
        return Some(
            "saphyr-parser reads a marker in a block scalar at the root as its text (9.1.2, c-forbidden)",
        );
    }
    if has_block_scalar && text.ends_with(' ') {
        return Some(
            "saphyr-parser counts spaces at the end of the input as one more line (8.1.1.2, l-chomped-empty)",
        );
    }
    None
}
