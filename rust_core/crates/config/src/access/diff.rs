//! The unified difference of a text that changes in one place.

use std::fmt::Write;
use std::ops::Range;

use super::print::line_start;

const CONTEXT: usize = 3;

/// The hunk of a change, with three lines around it; empty when nothing changes.
pub(crate) fn unified(text: &str, range: Range<usize>, new: &str) -> String {
    let start = line_start(text, range.start);
    let end = next_line(text, range.end.max(start));
    let old = &text[start..end];
    let changed = [&text[start..range.start], new, &text[range.end..end]].concat();
    if old == changed {
        return String::new();
    }
    let (mut old, mut changed): (Vec<&str>, Vec<&str>) = (lines(old), lines(&changed));
    let mut before = lines_before(text, start);
    let mut after = lines_after(text, end);
    while !old.is_empty() && old.first() == changed.first() {
        before.push(old.remove(0));
        changed.remove(0);
    }
    while !old.is_empty() && old.last() == changed.last() {
        after.extend(old.pop());
        changed.pop();
    }
    // Lines that moved from the end of the change stand in front of what follows it.
    let moved = after.len() - lines_after(text, end).len();
    after.rotate_right(moved);
    after[..moved].reverse();
    before.drain(..before.len().saturating_sub(CONTEXT));
    after.truncate(CONTEXT);
    hunk(text, start, &before, (&old, &changed), &after)
}

fn hunk(
    text: &str,
    start: usize,
    before: &[&str],
    (old, changed): (&[&str], &[&str]),
    after: &[&str],
) -> String {
    // Lines before the hunk: those before the change, without those it shows.
    let at = before
        .first()
        .or(old.first())
        .or(after.first())
        .map_or(start, |line| line.as_ptr().addr() - text.as_ptr().addr());
    let first = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
    let around = before.len() + after.len();
    let count = |count: usize| {
        let line = if count == 0 { first - 1 } else { first };
        format!("{line},{count}")
    };
    let mut out = String::new();
    // A String takes everything.
    let _ = writeln!(
        out,
        "@@ -{} +{} @@",
        count(around + old.len()),
        count(around + changed.len())
    );
    let groups = [(' ', before), ('-', old), ('+', changed), (' ', after)];
    for (mark, lines) in groups {
        for line in lines {
            out.push(mark);
            out.push_str(line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    out
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn next_line(text: &str, at: usize) -> usize {
    if at > 0 && text[..at].ends_with('\n') {
        return at;
    }
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found + 1)
}

fn lines_before(text: &str, end: usize) -> Vec<&str> {
    let mut start = end;
    for _ in 0..CONTEXT {
        start = memchr::memrchr(b'\n', &text.as_bytes()[..start.saturating_sub(1)])
            .map_or(0, |found| found + 1);
    }
    lines(&text[start..end])
}

fn lines_after(text: &str, start: usize) -> Vec<&str> {
    text[start..].split_inclusive('\n').take(CONTEXT).collect()
}
