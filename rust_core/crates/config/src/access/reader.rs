//! A text, document by document: which of them has a path.

use std::convert::Infallible;

use super::error::AccessError;
use super::follow::Follower;
use super::locate::{Answer, AtAlias, Site};
use super::path::Path;
use crate::{EventSink, Limits, ParseError, Place, Source};

/// How the text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A stream of documents.
    Yaml,
    /// One value, strictly.
    Json,
}

/// Whether a path leads through `<<`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeKeys {
    /// A mapping has the entries of those under its `<<`.
    Apply,
    /// `<<` is a key like others.
    Keep,
}

/// A text, and how paths are followed in it.
pub struct Reader<'s> {
    pub(crate) source: &'s Source<'s>,
    pub(crate) format: Format,
    pub(crate) limits: Limits,
    pub(crate) merge_keys: MergeKeys,
}

/// What came of a path, and of how many documents.
pub(crate) struct Located {
    pub(crate) answer: Answer,
    pub(crate) documents: usize,
}

impl<'s> Reader<'s> {
    /// Reads the text with the default limits but for those given.
    #[must_use]
    pub fn new(
        source: &'s Source<'s>,
        format: Format,
        limits: Limits,
        merge_keys: MergeKeys,
    ) -> Self {
        Self {
            source,
            format,
            limits,
            merge_keys,
        }
    }

    /// Gives one document to the sink and moves on; false when there is none left.
    pub(crate) fn next<S: EventSink<Error = Infallible>>(
        &self,
        place: &mut Place,
        sink: &mut S,
    ) -> Result<bool, AccessError> {
        let parsed = match self.format {
            Format::Yaml => self.source.next_document(place, &self.limits, sink),
            Format::Json if place.offset() > 0 => Ok(false),
            Format::Json => self.source.parse_json(&self.limits, sink).map(|()| {
                *place = Place::end(self.source.text().len());
                true
            }),
        };
        parsed.map_err(|error| match error {
            ParseError::Syntax(error) => AccessError::Syntax(error),
            ParseError::Sink(never) => match never {},
        })
    }

    /// The node of a path in the document of this number, or in the one that has it. All of the
    /// text is read, so that an error in it is always told.
    pub(crate) fn locate(
        &self,
        path: &Path,
        document: Option<usize>,
        at_alias: AtAlias,
    ) -> Result<Located, AccessError> {
        let mut place = Place::default();
        let mut number = 0;
        let mut answers = Answers::default();
        loop {
            let start = place;
            let mut follower = Follower::new(&path.steps, 0);
            if !self.next(&mut place, &mut follower)? {
                break;
            }
            number += 1;
            if document.is_none_or(|wanted| wanted == number) {
                let site = Site {
                    document: number,
                    place: start,
                    steps: path.steps.clone(),
                    frames: std::mem::take(&mut follower.closed),
                };
                answers.add(self.in_document(follower.ending, site, at_alias)?);
            }
        }
        let missing = AccessError::NoDocument {
            number: document.unwrap_or(1),
            count: number,
        };
        let answer = answers.only(path)?.ok_or(missing)?;
        Ok(Located {
            answer,
            documents: number,
        })
    }
}

/// What the documents say to one path.
#[derive(Default)]
struct Answers {
    /// The first that is found, else the one where the path leads farthest.
    best: Option<Answer>,
    /// Documents that have the path: the first two, and how many.
    first: usize,
    second: usize,
    count: usize,
}

impl Answers {
    fn add(&mut self, answer: Answer) {
        if let Answer::Found(found) = &answer {
            self.count += 1;
            match self.count {
                1 => self.first = found.site.document,
                2 => self.second = found.site.document,
                _ => {}
            }
        }
        let is_better = match (&self.best, &answer) {
            (None, _) | (Some(Answer::Lost(_)), Answer::Found(_)) => true,
            (Some(Answer::Lost(best)), Answer::Lost(lost)) => lost.depth > best.depth,
            (Some(Answer::Found(_)), _) => false,
        };
        if is_better {
            self.best = Some(answer);
        }
    }

    fn only(self, path: &Path) -> Result<Option<Answer>, AccessError> {
        if self.count > 1 {
            return Err(AccessError::SeveralDocuments {
                path: path.to_string(),
                first: self.first,
                second: self.second,
                count: self.count,
            });
        }
        Ok(self.best)
    }
}
