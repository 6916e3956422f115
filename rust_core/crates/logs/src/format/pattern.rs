//! Formats that users describe: regular expressions whose groups have names, and grok.
//!
//! Patterns live as long as the program, equal ones once: a format is a number that is copied.

use std::sync::{OnceLock, RwLock};

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use super::access::split_request;
use super::context::Context;
use super::grok::expanded;
use super::roles::{Role, role};
use crate::filter::PatternError;
use crate::level::{Level, LevelSource};
use crate::record::{Http, Record, Span};
use crate::time::{Clock, Shape, Stamp, YearOf};

/// Compiled patterns may take so many bytes.
const PATTERN_BYTES: usize = 8 << 20;
/// Patterns of a program.
const MOST: usize = 1_000;

/// A pattern, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(u32);

/// A group with a name.
#[derive(Debug)]
struct Group {
    index: usize,
    role: Role,
    name: Box<[u8]>,
}

#[derive(Debug)]
struct Known {
    text: String,
    regex: Regex,
    groups: Vec<Group>,
}

fn known() -> &'static RwLock<Vec<&'static Known>> {
    static KNOWN: OnceLock<RwLock<Vec<&'static Known>>> = OnceLock::new();
    KNOWN.get_or_init(RwLock::default)
}

impl Pattern {
    /// The pattern that a text is: a regular expression in the `regex` crate's syntax, or grok where
    /// `%{` stands in it. Groups that are named `time`, `level`, `message`, `source`, `host`,
    /// `client`, `method`, `path`, `request`, `status`, `bytes` and as such keys are named in
    /// structured logs become parts of the event, all others fields. It need not match all of a
    /// line.
    ///
    /// # Errors
    ///
    /// Of a text that is no pattern, that has no group with a name, or of too many patterns.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let failed = |reason: &str| PatternError {
            pattern: text.to_owned(),
            reason: reason.to_owned(),
        };
        let expression = expanded(text).map_err(|reason| failed(&reason))?;
        let regex = RegexBuilder::new(&expression)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build();
        let regex = regex.map_err(|error| failed(&crate::filter::last_line(&error.to_string())))?;
        let names = regex.capture_names().enumerate();
        let groups: Vec<Group> = names
            .filter_map(|(index, name)| {
                let name = name?.as_bytes();
                Some(Group {
                    index,
                    role: role(name).0,
                    name: name.into(),
                })
            })
            .collect();
        if groups.is_empty() {
            return Err(failed(
                "no group has a name, as in (?P<time>...) or %{WORD:name}",
            ));
        }
        let mut all = known().write().map_err(|_| failed("it was not kept"))?;
        let place = all.iter().position(|pattern| pattern.text == text);
        let place = place.unwrap_or_else(|| {
            all.push(Box::leak(Box::new(Known {
                text: text.to_owned(),
                regex,
                groups,
            })));
            all.len() - 1
        });
        if place >= MOST {
            return Err(failed("there are more than 1,000 patterns"));
        }
        let number = u32::try_from(place).map_err(|_| failed("there are too many patterns"))?;
        Ok(Self(number))
    }
}

/// What a reader keeps of the pattern that it read with last. A regular expression lends its memory
/// to one thread at a time, so that each has its own.
#[derive(Debug)]
pub(crate) struct PatternReader {
    pattern: Pattern,
    groups: &'static [Group],
    regex: Regex,
    places: CaptureLocations,
}

impl PatternReader {
    pub(crate) fn new(pattern: Pattern) -> Option<Self> {
        let all = known().read().ok()?;
        let known: &'static Known = all.get(pattern.0 as usize)?;
        let regex = known.regex.clone();
        Some(Self {
            pattern,
            groups: &known.groups,
            places: regex.capture_locations(),
            regex,
        })
    }

    pub(crate) fn is(&self, pattern: Pattern) -> bool {
        self.pattern == pattern
    }

    pub(crate) fn parse(&mut self, text: &[u8], context: &mut Context<'_>) -> Option<Record> {
        let whole = self.regex.captures_read(&mut self.places, text)?;
        let mut record = Record {
            message: Span::new(whole.start(), text.len()),
            ..Record::default()
        };
        let mut http = Http::default();
        let mut has_message = false;
        for group in self.groups {
            let Some((start, end)) = self.places.get(group.index).filter(|(a, b)| a < b) else {
                continue;
            };
            let place = Span::new(start, end);
            let word = &text[start..end];
            match group.role {
                Role::Time | Role::Date | Role::Clock => {
                    if let Some((stamp, is_year_missing)) = time(word, context) {
                        record.time = Some(stamp);
                        record.is_year_missing = is_year_missing;
                        continue;
                    }
                }
                Role::Level => {
                    record.found(level(word), LevelSource::Field);
                    continue;
                }
                Role::Message => {
                    record.message = place;
                    has_message = true;
                    continue;
                }
                Role::Source => record.source = place,
                Role::Host => record.host = place,
                Role::Trace => record.trace = place,
                Role::Client => http.client = place,
                Role::Method => http.method = place,
                Role::Target => http.target = place,
                Role::Referrer => http.referrer = place,
                Role::Agent => http.agent = place,
                Role::Request => {
                    split_request(text, start, end, &mut http);
                    record.message = place;
                    has_message = true;
                }
                Role::Status => http.status = number(word).unwrap_or_default(),
                Role::Bytes => http.bytes = number(word),
                Role::Other | Role::Label | Role::User | Role::Query | Role::Verdict => {}
            }
            if matches!(group.role, Role::Source | Role::Host | Role::Trace) {
                continue;
            }
            if group.role == Role::Other {
                context.number(&group.name, word);
            } else {
                context.field(&group.name, word);
            }
        }
        if (100..600).contains(&http.status) {
            if !has_message && !http.target.is_empty() {
                record.message = http.target;
            }
            record.http = Some(http);
        }
        Some(record)
    }
}

/// A time of any shape, and whether its year came from elsewhere.
fn time(word: &[u8], context: &mut Context<'_>) -> Option<(Stamp, bool)> {
    if let Some(stamp) = find(context.clock, word) {
        return Some((stamp, false));
    }
    let yearless = [Shape::Syslog, Shape::MonthDay, Shape::Klog];
    let found = yearless
        .into_iter()
        .find_map(|shape| shape.parse(word, context.year));
    found.map(|(stamp, _)| (stamp, true))
}

fn find(clock: &mut Clock, word: &[u8]) -> Option<Stamp> {
    let stamp = clock.find(word)?;
    // Most of what begins with digits is a number of seconds to some shape.
    let is_epoch = Shape::Epoch.parse(word, YearOf::default()).is_some();
    (is_epoch || !word.iter().all(u8::is_ascii_digit)).then_some(stamp)
}

fn level(word: &[u8]) -> Option<Level> {
    match word {
        [letter] => Level::of_letter(*letter),
        _ => Level::of_word(word),
    }
}

fn number<T: std::str::FromStr>(word: &[u8]) -> Option<T> {
    std::str::from_utf8(word).ok()?.parse().ok()
}
