//! Finds the node of a path in one document: goes on from where following ends at an alias, an entry counted from the end, an entry found by its key, or a merge key.

use std::convert::Infallible;

use super::error::AccessError;
use super::follow::{Ending, Follower, Frame};
use super::node::{Kind, Node};
use super::path::{Path, Step};
use super::reader::{MergeKeys, Reader};
use crate::similar::similar;
use crate::{Event, EventSink, Place, Position, Properties, Span};

/// Nodes tried for one path in one document: aliases, and mappings that are merged.
const MOST_TRIES: usize = 1_000;

/// What an alias at the end of a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtAlias {
    /// The node it names.
    Follow,
    /// Itself; one before the end is an error.
    Stay,
}

/// A node, its document and what is around it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) node: Box<Node>,
    pub(crate) site: Site,
}

/// Where a path led, in whole or in part.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// From one.
    pub(crate) document: usize,
    pub(crate) place: Place,
    /// The steps as they were gone: indexes in the place of selections.
    pub(crate) steps: Vec<Step>,
    /// Collections on the path, innermost first.
    pub(crate) frames: Vec<Frame>,
}

/// Where a path ends before its value.
#[derive(Clone, Debug)]
pub(crate) struct Lost {
    /// The step that has no entry.
    pub(crate) depth: usize,
    pub(crate) kind: Kind,
    pub(crate) at: usize,
    pub(crate) from: usize,
    /// The steps up to the alias that was followed last.
    gone: Vec<Step>,
    pub(crate) why: String,
    pub(crate) site: Site,
}

pub(crate) enum Answer {
    Found(Found),
    Lost(Lost),
}

/// A way still to be tried.
struct Way {
    from: usize,
    gone: Vec<Step>,
    steps: Vec<Step>,
    /// The step after which the entries of a merge key stand, when it has several.
    merged: Option<usize>,
}

impl Reader<'_> {
    /// Goes on in one document from how following its path ended.
    pub(super) fn in_document(
        &self,
        ending: Ending,
        site: Site,
        at_alias: AtAlias,
    ) -> Result<Answer, AccessError> {
        let mut ending = ending;
        let mut way = Way {
            from: 0,
            gone: Vec::new(),
            steps: site.steps.clone(),
            merged: None,
        };
        let mut site = site;
        let mut left: Vec<Way> = Vec::new();
        let mut lost: Option<Lost> = None;
        for _ in 0..MOST_TRIES {
            site.steps.clone_from(&way.steps);
            match self.step(ending, &mut way, &site, at_alias)? {
                Turn::Found(node) => return Ok(Answer::Found(Found { node, site })),
                Turn::Again => {}
                Turn::Lost(here) => {
                    self.ways_of_merges(&way, &here, &mut left)?;
                    lost.get_or_insert(here);
                    match left.pop() {
                        Some(next) => way = next,
                        None => break,
                    }
                }
            }
            let mut follower = Follower::new(&way.steps, way.from);
            self.next(&mut site.place.clone(), &mut follower)?;
            ending = follower.ending;
            site.frames = follower.closed;
        }
        lost.map(Answer::Lost)
            .ok_or_else(|| AccessError::value("the path leads through too many aliases"))
    }

    fn step(
        &self,
        ending: Ending,
        way: &mut Way,
        site: &Site,
        at_alias: AtAlias,
    ) -> Result<Turn, AccessError> {
        let text = self.source.text();
        Ok(match ending {
            Ending::Found(node) if node.kind == Kind::Alias && at_alias == AtAlias::Follow => {
                way.from = self.anchor(site.place, &node.text, node.ordinal)?;
                way.steps.clear();
                Turn::Again
            }
            Ending::Found(node) => Turn::Found(node),
            Ending::Alias {
                depth,
                name,
                ordinal,
            } => self.through_alias(way, site, (depth, &name, ordinal), at_alias)?,
            Ending::FromEnd { depth, entries } => {
                let Step::Index(index) = way.steps[depth] else {
                    return Err(AccessError::value("the step is no index"));
                };
                let entry = i64::try_from(entries).unwrap_or(i64::MAX) + index;
                if entry < 0 {
                    let why = format!("has {entries} entries, none at {index}");
                    return Ok(lost(way, depth, kind_and_place(site), why, site));
                }
                way.steps[depth] = Step::Index(entry);
                Turn::Again
            }
            Ending::Selected { depth, entries, at } => {
                let step = display(&way.steps[depth..=depth]);
                match entries.as_slice() {
                    [entry] => {
                        way.steps[depth] = Step::Index(i64::try_from(*entry).unwrap_or(i64::MAX));
                        Turn::Again
                    }
                    [] => {
                        let why = format!("has no entry {step}");
                        lost(way, depth, kind_and_place(site), why, site)
                    }
                    _ => {
                        let problem = format!("several entries are {step}: give an index");
                        return Err(AccessError::unfit(text, at, problem));
                    }
                }
            }
            Ending::Twice { key, at } => {
                let problem = format!("key `{key}` stands twice in this mapping");
                return Err(AccessError::unfit(text, at, problem));
            }
            Ending::Missing { depth, kind, at } => {
                let why = reason(&way.steps[depth], kind, site);
                lost(way, depth, (kind, at), why, site)
            }
            Ending::Empty => lost(way, 0, (Kind::Alias, 0), "is not there".to_owned(), site),
        })
    }

    /// On from an alias, where aliases are followed.
    fn through_alias(
        &self,
        way: &mut Way,
        site: &Site,
        (depth, name, ordinal): (usize, &str, usize),
        at_alias: AtAlias,
    ) -> Result<Turn, AccessError> {
        if at_alias == AtAlias::Stay {
            let path = display(&way.steps[..depth]);
            return Err(AccessError::value(format!(
                "`{path}` is the alias `*{name}`: change the node with `&{name}` itself"
            )));
        }
        way.from = self.anchor(site.place, name, ordinal)?;
        way.gone.extend(way.steps.drain(..depth));
        way.merged = None;
        Ok(Turn::Again)
    }

    /// The ways through the merge key of the mapping where the path is lost.
    fn ways_of_merges(
        &self,
        way: &Way,
        lost: &Lost,
        left: &mut Vec<Way>,
    ) -> Result<(), AccessError> {
        let Some(frame) = lost.site.frames.first() else {
            return Ok(());
        };
        if self.merge_keys == MergeKeys::Keep {
            return Ok(());
        }
        if left.len() > MOST_TRIES {
            return Err(AccessError::value("too many mappings are merged"));
        }
        match lost.kind {
            Kind::Mapping(_) if frame.has_merge => {
                let mut steps = way.steps.clone();
                steps.insert(lost.depth, Step::Key("<<".to_owned()));
                left.push(Way {
                    gone: way.gone.clone(),
                    from: way.from,
                    steps,
                    merged: Some(lost.depth + 1),
                });
            }
            // The earlier of the mappings in a list has the right of way.
            Kind::Sequence(_) if way.merged == Some(lost.depth) => {
                for entry in (0..frame.entries.min(MOST_TRIES)).rev() {
                    let mut steps = way.steps.clone();
                    let index = i64::try_from(entry).unwrap_or(i64::MAX);
                    steps.insert(lost.depth, Step::Index(index));
                    left.push(Way {
                        gone: way.gone.clone(),
                        from: way.from,
                        steps,
                        merged: None,
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The number of the node that an alias names: the last with this anchor before it.
    fn anchor(&self, place: Place, name: &str, before: usize) -> Result<usize, AccessError> {
        let mut anchors = Anchors {
            name,
            before,
            ordinal: 0,
            found: None,
        };
        self.next(&mut place.clone(), &mut anchors)?;
        // The parser knows that there is one.
        anchors
            .found
            .ok_or_else(|| AccessError::value(format!("alias `*{name}` has no anchor before it")))
    }

    /// The error of a path that is lost, with the keys that may be meant.
    pub(crate) fn missing(&self, lost: &Lost) -> AccessError {
        let steps = &lost.site.steps;
        let mut keys = Vec::new();
        let wanted = match steps.get(lost.depth) {
            Some(Step::Key(key)) => key.as_str(),
            _ => "",
        };
        if let Kind::Mapping(_) = lost.kind {
            let mut follower = Follower::new(steps, lost.from);
            follower.keys_at = Some(lost.depth);
            if self
                .next(&mut lost.site.place.clone(), &mut follower)
                .is_ok()
            {
                let known = follower.keys.iter().map(String::as_str);
                keys = similar(wanted, known)
                    .into_iter()
                    .map(ToOwned::to_owned)
                    .collect();
            }
        }
        AccessError::Missing {
            reached: display(&[&lost.gone, &steps[..lost.depth.min(steps.len())]].concat()),
            why: lost.why.clone(),
            similar: keys,
            position: Box::new(Position::of(self.source.text(), lost.at)),
        }
    }
}

enum Turn {
    Found(Box<Node>),
    Again,
    Lost(Lost),
}

pub(crate) fn display(steps: &[Step]) -> String {
    Path {
        steps: steps.to_vec(),
    }
    .to_string()
}

fn lost(way: &Way, depth: usize, (kind, at): (Kind, usize), why: String, site: &Site) -> Turn {
    Turn::Lost(Lost {
        depth,
        kind,
        at,
        from: way.from,
        gone: way.gone.clone(),
        why,
        site: site.clone(),
    })
}

fn kind_and_place(site: &Site) -> (Kind, usize) {
    site.frames
        .first()
        .map_or((Kind::Alias, 0), |frame| (frame.kind, frame.start))
}

fn reason(step: &Step, kind: Kind, site: &Site) -> String {
    let entries = site.frames.first().map_or(0, |frame| frame.entries);
    match (kind, step) {
        (Kind::Mapping(_), Step::Key(key)) => format!("has no key `{key}`"),
        (Kind::Mapping(_), Step::Index(index)) => format!("has no key `{index}`"),
        (Kind::Mapping(_), _) => "is a mapping, not a sequence".to_owned(),
        (Kind::Sequence(_), Step::Index(index)) => {
            format!("has {entries} entries, none at {index}")
        }
        (Kind::Sequence(_), Step::Append) => "has no entry behind the last one".to_owned(),
        (Kind::Sequence(_), Step::Key(key)) => {
            format!("is a sequence of {entries} entries, it has no key `{key}`")
        }
        (Kind::Sequence(_), Step::Match { .. }) => "has no such entry".to_owned(),
        _ => "is a scalar, nothing is below it".to_owned(),
    }
}

/// Looks for the last node with an anchor before an alias.
struct Anchors<'n> {
    name: &'n str,
    before: usize,
    ordinal: usize,
    found: Option<usize>,
}

impl EventSink for Anchors<'_> {
    type Error = Infallible;

    fn event(&mut self, event: Event<'_>, _: Span) -> Result<(), Infallible> {
        let properties = match event {
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart { .. }
            | Event::DocumentEnd { .. } => return Ok(()),
            Event::MappingStart { properties, .. }
            | Event::SequenceStart { properties, .. }
            | Event::Scalar { properties, .. } => properties,
            _ => Properties::default(),
        };
        if self.ordinal < self.before && properties.anchor == Some(self.name) {
            self.found = Some(self.ordinal);
        }
        self.ordinal += 1;
        Ok(())
    }
}
