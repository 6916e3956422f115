//! Scalars of several lines at a new indentation.

/// A plain or quoted scalar: the white space around its line breaks says nothing (specification
/// 6.5), unless a backslash stands before it.
pub(super) fn push_lines(out: &mut String, raw: &str, indent: usize) {
    for (number, line) in lines(raw).enumerate() {
        let line = if number == 0 {
            line
        } else {
            out.push('\n');
            line.trim_start_matches([' ', '\t'])
        };
        let trimmed = line.trim_end_matches([' ', '\t']);
        let escapes = trimmed.len() - trimmed.trim_end_matches('\\').len();
        let is_escaped = raw.starts_with('"') && escapes % 2 == 1;
        let length = trimmed.len() + usize::from(is_escaped && trimmed.len() < line.len());
        if number > 0 && length > 0 {
            out.extend(std::iter::repeat_n(' ', indent));
        }
        out.push_str(&line[..length]);
    }
}

/// Spaces that the first line of text in a block scalar begins with, by what that says; those of
/// the longest line where all are of spaces.
pub(crate) fn deeper_of(value: &str) -> usize {
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut lines = value.split('\n');
    let longest = lines.clone().map(spaces).max().unwrap_or(0);
    lines
        .find(|line| spaces(line) < line.len())
        .map_or(longest, spaces)
}

/// A scalar after `|` or `>`, with the end of its last line.
///
/// `number` is the indentation of its text in the collection, for the indicator; `deeper` are the
/// spaces that the first line of text begins with by itself.
pub(crate) fn push_block_scalar(
    out: &mut String,
    raw: &str,
    deeper: usize,
    indent: usize,
    number: usize,
    comment: Option<&str>,
) {
    let mut body = lines(raw);
    let header = body.next().unwrap_or("|");
    let is_text = |line: &&str| !line.trim_start_matches(' ').is_empty();
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    // Where no line has text, spaces are what it says.
    let longest = || body.clone().map(str::len).max().filter(|_| deeper > 0);
    let first = body.clone().find(is_text).map(spaces).or_else(longest);
    let old = first.map(|spaces| spaces.saturating_sub(deeper));
    let mut blank = body.clone().take_while(|line| !is_text(line));
    let is_explicit = match old {
        Some(old) => deeper > 0 || blank.any(|line| line.len() > old),
        None => header.contains(|character: char| character.is_ascii_digit()),
    };
    out.push_str(&header[..1]);
    if is_explicit {
        out.push_str(&number.to_string());
    }
    let indicators = header.split(' ').next().unwrap_or("");
    let chomping = indicators
        .chars()
        .find(|character| matches!(character, '+' | '-'));
    out.extend(chomping);
    if let Some(comment) = comment {
        out.push_str("  ");
        out.push_str(comment);
    }
    out.push('\n');
    // Without text all lines are of spaces that say nothing.
    let old = old.unwrap_or(usize::MAX);
    let mut empty = 0;
    let last = raw.ends_with(['\n', '\r']);
    let count = body.clone().count() - usize::from(last);
    for line in body.take(count) {
        let line = line.get(old..).unwrap_or("");
        if line.is_empty() {
            empty += 1;
            continue;
        }
        out.extend(std::iter::repeat_n('\n', std::mem::take(&mut empty)));
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(line);
        out.push('\n');
    }
    if chomping == Some('+') {
        out.extend(std::iter::repeat_n('\n', empty));
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> + Clone {
    // A line break of two characters is one; a return at the end stands alone.
    text.split_inclusive('\n')
        .chain(text.ends_with('\n').then_some(""))
        .flat_map(|line| {
            let line = match line.strip_suffix('\n') {
                Some(line) => line.strip_suffix('\r').unwrap_or(line),
                None => line,
            };
            line.split('\r')
        })
}
