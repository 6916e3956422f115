//! Merge keys: the entries of the mappings under `<<` stand behind the mapping's own, which win over
//! them, as earlier ones do over later ones.

use std::ops::Range;

use super::{Recorded, Resolver, Turn, charge};
use crate::values::{Entry, Stop, Token, ValueSink};

impl<S: ValueSink> Resolver<'_, S> {
    pub(super) fn merge_key(&mut self, at: usize) -> Result<(), Stop> {
        if !self.keys.insert("<<") {
            let problem = "key `<<` stands twice in this mapping: give it a list of mappings";
            return Err(Stop::unfit(problem, at));
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.turn = Turn::Merge;
        }
        Ok(())
    }

    /// Keeps the node of an alias under `<<` for the mapping's end.
    pub(super) fn merge_later(&mut self, source: Recorded) {
        if let Some(frame) = self.frames.last_mut() {
            frame.turn = Turn::Key;
            frame.depth = frame.depth.max(source.depth);
            frame.merges.push(source);
        }
    }

    /// At the end of a mapping.
    pub(super) fn merge_all(&mut self) -> Result<(), Stop> {
        let merges = self
            .frames
            .last_mut()
            .map(|frame| std::mem::take(&mut frame.merges));
        for source in merges.into_iter().flatten() {
            self.merge(&source)?;
        }
        Ok(())
    }

    /// Passes on the entries under `<<` that the mapping has not itself.
    fn merge(&mut self, source: &Recorded) -> Result<(), Stop> {
        let at = source.at;
        let problem = || Stop::unfit("`<<` takes a mapping or a list of mappings", at);
        let mut row = source.rows.start;
        if matches!(self.log.get(row), Entry::Token(Token::SequenceStart)) {
            row += 1;
        }
        while row + 1 < source.rows.end || row == source.rows.start {
            if !matches!(self.log.get(row), Entry::Token(Token::MappingStart)) {
                return Err(problem());
            }
            let end = self.log.end(row);
            self.merge_entries(row + 1..end - 1, at)?;
            row = end;
        }
        Ok(())
    }

    fn merge_entries(&mut self, rows: Range<usize>, at: usize) -> Result<(), Stop> {
        let mut row = rows.start;
        while row < rows.end {
            let end = match self.log.get(row) {
                Entry::Aside => self.log.end(row),
                Entry::Token(Token::Key(key)) => {
                    charge(&mut self.expanded, at)?;
                    let end = self.log.end(row + 1);
                    if self.keys.insert(key.text()) {
                        self.repeat(row..end, at)?;
                    }
                    end
                }
                Entry::Token(_) => row + 1,
            };
            row = end;
        }
        Ok(())
    }
}
