//! What stands between two events: comments, indicators, anchors and tags, empty lines. Which
//! comment belongs to what is decided here.

use std::hash::{BuildHasher, Hasher};

use super::super::node::Comment;
use super::{After, Builder, STATE};

impl<'t> Builder<'t> {
    /// Looks at what stands before the next event.
    pub(super) fn gap(&mut self, to: usize) {
        while self.place.at < to {
            match self.byte(self.place.at) {
                b'\n' | b'\r' => self.line_break(),
                b'#' => self.comment(),
                b'-' | b'?' => self.entry(),
                b':' => self.indicator(After::Indicator),
                b',' => self.indicator(After::Node),
                b'&' | b'!' => self.property(),
                b'%' if !self.in_document => {
                    let line = self.line();
                    self.document.directives.push(line.trim_end());
                    self.place.at += line.len();
                }
                // White space, and byte order marks.
                _ => self.place.at += 1,
            }
        }
    }

    fn line(&self) -> &'t str {
        let rest = &self.text[self.place.at..];
        let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes());
        &rest[..end.unwrap_or(rest.len())]
    }

    fn line_break(&mut self) {
        let is_pair =
            self.byte(self.place.at) == b'\r' && self.text[self.place.at + 1..].starts_with('\n');
        self.place.at += if is_pair { 2 } else { 1 };
        self.place.is_apart |= self.place.is_fresh;
        self.place.is_fresh = true;
    }

    fn indicator(&mut self, after: After) {
        self.place.at += 1;
        self.place.is_fresh = false;
        self.place.is_apart = false;
        self.after = after;
    }

    /// `-` or `?`: an entry begins.
    fn entry(&mut self) {
        if self.byte(self.place.at) == b'?'
            && let Some(frame) = self.frames.last_mut()
        {
            frame.is_explicit = true;
        }
        self.pending.is_apart = Some(self.place.is_apart);
        let lead = std::mem::take(&mut self.pending.lead);
        self.pending.before.extend(lead);
        self.indicator(After::Indicator);
    }

    fn property(&mut self) {
        let rest = &self.text[self.place.at..];
        let length = if rest.starts_with("!<") {
            rest.find('>').map(|found| found + 1)
        } else {
            rest.find([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}'])
        };
        let word = &rest[..length.unwrap_or(rest.len())];
        self.pending.properties.push(word);
        self.place.at += word.len();
        self.place.is_fresh = false;
        self.after = After::Indicator;
    }

    pub(super) fn take_comment(&mut self) -> Comment<'t> {
        let column = self.column(self.place.at);
        let line = self.line();
        self.place.at += line.len();
        let text = line.trim_end();
        let mut hasher = STATE.build_hasher();
        hasher.write(text.as_bytes());
        self.comments = self.comments.wrapping_add(hasher.finish());
        let is_apart = std::mem::take(&mut self.place.is_apart);
        self.place.is_fresh = false;
        Comment {
            text,
            is_apart,
            column,
        }
    }

    fn comment(&mut self) {
        let is_own_line = self.place.is_fresh;
        let comment = self.take_comment();
        if is_own_line {
            let is_first = self.after == After::Node && self.pending.lead.is_empty();
            match self.missing_value(comment.column).filter(|_| is_first) {
                Some(node) => node.inner.push(comment),
                None => self.pending.lead.push(comment),
            }
            return;
        }
        match self.after {
            After::DocumentEnd => self.document.comment = Some(comment.text),
            After::Indicator if self.pending.header.is_none() => {
                self.pending.header = Some(comment.text);
            }
            After::Node => match self.last_node() {
                Some(node) if node.comment.is_none() => node.comment = Some(comment.text),
                _ => self.pending.lead.push(comment),
            },
            _ => self.pending.lead.push(comment),
        }
    }

    /// Takes a comment on the line of the last token.
    pub(super) fn same_line(&mut self) {
        while matches!(self.byte(self.place.at), b' ' | b'\t') {
            self.place.at += 1;
        }
        if !self.place.is_fresh && self.byte(self.place.at) == b'#' {
            self.comment();
        }
    }

    /// Takes the comments that are no less indented than the entries of the collection that ends,
    /// unless what comes next is at that place too.
    pub(super) fn foot(&mut self, foot: &mut Vec<Comment<'t>>) {
        let column = self.frames.last().map_or(0, |frame| frame.column);
        let is_last = self.next_column().is_none_or(|next| next < column);
        let lead = &mut self.pending.lead;
        let is_own = |comment: &Comment<'_>| is_last && comment.column >= column;
        let count = lead.iter().take_while(|comment| is_own(comment)).count();
        foot.extend(lead.drain(..count));
        if !lead.is_empty() {
            return;
        }
        loop {
            let place = self.place;
            self.white_space();
            let at = self.column(self.place.at);
            let is_missing = foot.is_empty() && self.missing_value(at).is_some();
            let is_own = is_missing || is_last && at >= column;
            if self.byte(self.place.at) != b'#' || !is_own {
                self.skipped = Some((place, self.place));
                self.place = place;
                return;
            }
            let comment = self.take_comment();
            match self.missing_value(at).filter(|_| is_missing) {
                Some(node) => node.inner.push(comment),
                None => foot.push(comment),
            }
        }
    }

    /// Goes to the next comment or token.
    fn white_space(&mut self) {
        // All collections that end here ask, so that it is walked once.
        if let Some((from, to)) = self.skipped
            && from == self.place
        {
            self.place = to;
        }
        while self.place.at < self.text.len() {
            match self.byte(self.place.at) {
                b' ' | b'\t' => self.place.at += 1,
                b'\n' | b'\r' => self.line_break(),
                _ => return,
            }
        }
    }

    /// The column of the next content; none when the document ends before that.
    fn next_column(&mut self) -> Option<usize> {
        if let Some((at, column)) = self.ahead
            && at >= self.place.at
        {
            return column;
        }
        let mut at = self.place.at;
        while at < self.text.len() {
            match self.byte(at) {
                b' ' | b'\t' | b'\n' | b'\r' => at += 1,
                b'#' => {
                    let rest = &self.text.as_bytes()[at..];
                    at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        let column = self.column(at);
        let rest = &self.text[at..];
        let is_marker = column == 0 && (rest.starts_with("---") || rest.starts_with("..."));
        let is_end = rest.is_empty()
            || is_marker && matches!(self.byte(at + 3), b' ' | b'\t' | b'\n' | b'\r');
        let column = (!is_end).then_some(column);
        self.ahead = Some((at, column));
        column
    }
}
