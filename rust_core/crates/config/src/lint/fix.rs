//! Applies the edits that the rules propose, as long as the text says the same: the events of the
//! parser, but for their places, are compared before and after.

use std::borrow::Cow;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::configuration::Configuration;
use super::report::{Edit, Purpose, Report};
use super::rule::Rule;
use crate::event::{Event, EventSink, Properties, ScalarStyle, Span};
use crate::limits::Limits;
use crate::resolve::{Resolved, Schema, resolve};
use crate::source::Source;

/// One edit can make way for another; after so many rounds what is left stays.
const ROUNDS: usize = 64;

const MARK: char = '\u{FEFF}';

/// The text with what can be fixed safely, byte for byte the same elsewhere.
///
/// Fixed are trailing-spaces, new-line-at-end-of-file, new-lines, empty-lines, document-start and
/// document-end (missing markers), comments, comments-indentation, colons, commas, braces,
/// brackets, hyphens, and truthy and two-readers where YAML 1.2 reads text: quotes keep that.
/// Nothing inside scalars of several lines is touched but line breaks, and nothing on lines where
/// a comment turns the rule off. A text that is no YAML, or not in UTF-8, stays as it is.
#[must_use]
pub fn fix<'t>(text: &'t [u8], configuration: &Configuration, path: &str) -> Cow<'t, [u8]> {
    let mark: &[u8] = b"\xEF\xBB\xBF";
    let (mark, body) = match text.strip_prefix(mark) {
        Some(body) => (mark, body),
        None => (&[][..], text),
    };
    let Ok(body) = std::str::from_utf8(body) else {
        return Cow::Borrowed(text);
    };
    // A second mark would be taken for the first.
    let Some(meaning) = meaning(body).filter(|_| !body.starts_with(MARK)) else {
        return Cow::Borrowed(text);
    };
    let mut fixed = Cow::Borrowed(body);
    for _ in 0..ROUNDS {
        match round(&fixed, configuration, path, meaning) {
            Some(next) => fixed = Cow::Owned(next),
            None => break,
        }
    }
    match fixed {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(fixed) => Cow::Owned([mark, fixed.as_bytes()].concat()),
    }
}

/// One round of edits; none when nothing changed.
fn round(text: &str, configuration: &Configuration, path: &str, wanted: u64) -> Option<String> {
    let edits = edits(text, configuration, path);
    if edits.is_empty() {
        return None;
    }
    let all: Vec<&Edit> = edits.iter().collect();
    let same = |fixed: &String| {
        fixed != text && !fixed.starts_with(MARK) && meaning(fixed) == Some(wanted)
    };
    let fixed = apply(text, &all);
    if same(&fixed) {
        return Some(fixed);
    }
    // Something in there is not safe: rule by rule, what is.
    let mut safe = Vec::new();
    for rule in Rule::ALL {
        let own: Vec<&Edit> = edits.iter().filter(|edit| edit.rule == rule).collect();
        if !own.is_empty() && same(&apply(text, &own)) {
            safe.extend(own);
        }
    }
    safe.sort_by_key(|edit| (edit.start, edit.end));
    Some(apply(text, &safe)).filter(same)
}

/// The edits in order, none over another.
fn edits(text: &str, configuration: &Configuration, path: &str) -> Vec<Edit> {
    let mut report = Report::new(text, Purpose::Fix, configuration.levels(path));
    if super::disables(text) {
        return Vec::new();
    }
    let directives = super::run(configuration, &mut report, None);
    let texts = report.texts;
    let mut edits = report.edits;
    edits.retain(|edit| edit.rule == Rule::NewLines || !is_inside(&texts, edit.start, edit.end));
    if text.contains(MARK) {
        // A mark begins a document, so a marker beside it may belong to another one.
        let is_marker = |rule| matches!(rule, Rule::DocumentStart | Rule::DocumentEnd);
        edits.retain(|edit| !is_marker(edit.rule));
    }
    if !directives.is_empty() {
        let mut lines = Lines::new(text);
        edits.sort_by_key(|edit| edit.start);
        edits.retain(|edit| {
            let first = lines.of(edit.start);
            !directives.is_off(edit.rule.name(), first)
        });
    }
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let mut end = 0;
    let mut last_start = None;
    edits.retain(|edit| {
        let is_free = edit.start >= end && last_start != Some(edit.start);
        if is_free {
            end = edit.end;
            last_start = Some(edit.start);
        }
        is_free
    });
    edits
}

/// Whether an edit reaches into a scalar of several lines; they are in the order of the text.
fn is_inside(texts: &[(usize, usize)], start: usize, end: usize) -> bool {
    let at = texts.partition_point(|(_, to)| *to <= start);
    texts
        .get(at)
        .is_some_and(|(from, to)| start > *from && start < *to || end > *from && start < *from)
}

/// Line numbers of growing offsets.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
        }
    }

    fn of(&mut self, offset: usize) -> u32 {
        let passed = &self.text.as_bytes()[self.at..offset];
        let count = memchr::memchr_iter(b'\n', passed).count();
        self.line += u32::try_from(count).unwrap_or(u32::MAX - self.line);
        self.at = offset;
        self.line
    }
}

fn apply(text: &str, edits: &[&Edit]) -> String {
    let mut fixed = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for edit in edits {
        fixed.push_str(&text[from..edit.start]);
        fixed.push_str(&edit.text);
        from = edit.end;
    }
    fixed.push_str(&text[from..]);
    fixed
}

/// What must stay: everything in events but their places and styles, whether markers are written,
/// and how a scalar is quoted as long as YAML 1.2 reads the same.
struct Meaning {
    hasher: DefaultHasher,
}

/// A digest of the events; none when the text is no YAML.
fn meaning(text: &str) -> Option<u64> {
    let limits = Limits::default();
    let source = Source::of_text(text, &limits).ok()?;
    let mut meaning = Meaning {
        hasher: DefaultHasher::new(),
    };
    source.parse(&limits, &mut meaning).ok()?;
    Some(meaning.hasher.finish())
}

impl Meaning {
    fn properties(&mut self, properties: &Properties<'_>) {
        properties.anchor.hash(&mut self.hasher);
        if let Some(tag) = properties.tag {
            tag.resolved().hash(&mut self.hasher);
        }
    }
}

impl EventSink for Meaning {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), Infallible> {
        std::mem::discriminant(&event).hash(&mut self.hasher);
        match event {
            Event::Scalar {
                value,
                properties,
                style,
            } => {
                let is_plain =
                    style == ScalarStyle::Plain && resolve(&value, Schema::Core) != Resolved::Text;
                is_plain.hash(&mut self.hasher);
                value.hash(&mut self.hasher);
                self.properties(&properties);
            }
            Event::MappingStart { properties, .. } | Event::SequenceStart { properties, .. } => {
                self.properties(&properties);
            }
            Event::Alias { name } => name.hash(&mut self.hasher),
            Event::DocumentStart { version, tags, .. } => {
                version.map(|version| version.minor).hash(&mut self.hasher);
                tags.hash(&mut self.hasher);
            }
            _ => {}
        }
        Ok(())
    }
}
