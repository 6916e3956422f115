//! Finds the formats of a file from some of its lines.
//!
//! Each line goes to the most telling format that reads it. What is kept is the list of formats
//! with lines, in that order: reading a line then depends on the line and the list alone.

use super::headed::separator_of;
use super::header::{FirstWord, MOST_PIECES, is_emphatic, level_of, piece, skip, skip_open};
use super::{Format, Layout, LevelPlace, NamePlace, Reader, Standard, is_continuation, jul};
use crate::time::{Clock, Shape, YearOf};

/// The most telling first.
const STRUCTURED: [Format; 7] = [
    Format::Json,
    Format::Access,
    Format::Syslog5424,
    Format::Cri,
    Format::Klog,
    Format::Syslog(Shape::Syslog),
    Format::Syslog(Shape::Iso),
];

/// What stands behind those and before pairs of keys and values.
const PROGRAMS: [Format; 10] = [
    Format::Haproxy,
    Format::Journal,
    Format::Kernel,
    Format::Boot,
    Format::JournalExport,
    Format::Audit,
    Format::Logcat,
    Format::Redis,
    Format::Rails,
    Format::MysqlSlow,
];

/// All formats that a line can be read in but for plain text, the most telling first.
fn structured(lines: &[&[u8]]) -> Vec<Format> {
    let mut formats = STRUCTURED.to_vec();
    if lines.iter().any(|line| line.starts_with(b"#Fields:")) {
        formats.push(Format::W3c);
    }
    formats.extend(Standard::ALL.map(Format::Standard));
    formats.extend(PROGRAMS);
    // Its first lines alone are those of any text.
    let opens = |pair: &[&[u8]]| jul::opens(pair[0]) && jul::second(pair[1]) > 0;
    formats.extend(lines.windows(2).any(opens).then_some(Format::Jul));
    let mut first = lines.iter().filter(|line| !line.trim_ascii().is_empty());
    let rows = first.next().and_then(|line| separator_of(line));
    formats.extend(rows.map(Format::Rows));
    formats.push(Format::Logfmt);
    formats
}

/// A format and how much of the sample speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The format.
    pub format: Format,
    /// The lines of the sample that are read so and by nothing more telling.
    pub lines: usize,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Detected {
    /// The formats with lines, in the order in which a line is tried.
    pub candidates: Vec<Candidate>,
    /// The lines that were looked at; blank ones and continuations are not.
    pub sampled: usize,
    /// Of these, the ones that no format but plain text reads.
    pub unread: usize,
}

impl Detected {
    /// The share of the sample that its formats read, 0 to 1.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn confidence(&self) -> f64 {
        if self.sampled == 0 {
            return 0.0;
        }
        (self.sampled - self.unread) as f64 / self.sampled as f64
    }

    /// The formats to read with.
    #[must_use]
    pub fn formats(&self) -> Vec<Format> {
        let found = self.candidates.iter().map(|candidate| candidate.format);
        let found: Vec<Format> = found.collect();
        if found.is_empty() {
            vec![Format::Plain]
        } else {
            found
        }
    }
}

/// The formats of these lines.
#[must_use]
pub fn detect(lines: &[&[u8]]) -> Detected {
    let mut reader = Reader::default();
    let structured = structured(lines);
    let mut counts = vec![0; structured.len()];
    let mut rest = Vec::new();
    let mut header = None;
    let mut sampled = 0;
    for line in lines.iter().filter(|line| !line.trim_ascii().is_empty()) {
        if is_continuation(line) {
            continue;
        }
        let known = structured
            .iter()
            .position(|format| is_telling(&mut reader, *format, line));
        if known.is_none() && reader.is_header(&structured, line) {
            header = header.or((!line.starts_with(b"#")).then_some(*line));
            continue;
        }
        sampled += 1;
        match known {
            Some(index) => counts[index] += 1,
            None => rest.push(*line),
        }
    }
    let has_rows = structured
        .iter()
        .zip(&counts)
        .any(|(format, lines)| matches!(format, Format::Rows(_)) && *lines > 0);
    if let Some(line) = header.filter(|_| !has_rows) {
        // It only looked like one.
        sampled += 1;
        rest.insert(0, line);
    }
    let owns_all = structured
        .iter()
        .zip(&counts)
        .any(|(format, lines)| is_of_entries(*format) && *lines > 0);
    if owns_all {
        // All lines but the first of each entry.
        rest.clear();
    }
    let layouts = layouts(&rest);
    let read: usize = layouts.iter().map(|(_, lines)| lines).sum();
    let mut candidates: Vec<Candidate> = structured
        .iter()
        .zip(counts)
        .filter(|(_, lines)| *lines > 0)
        .map(|(format, lines)| Candidate {
            format: *format,
            lines,
        })
        .collect();
    candidates.extend(layouts.into_iter().map(|(layout, lines)| Candidate {
        format: Format::Text(layout),
        lines,
    }));
    let unread = rest.len() - read;
    // Free text between events with a header belongs to them.
    let has_headers = candidates
        .iter()
        .any(|candidate| candidate.format.has_continuations());
    if candidates.is_empty() || (unread > sampled / 2 && !has_headers) {
        candidates.push(Candidate {
            format: Format::Plain,
            lines: unread,
        });
    }
    Detected {
        candidates,
        sampled,
        unread,
    }
}

/// Whether most lines of a log are only told by those before them.
const fn is_of_entries(format: Format) -> bool {
    matches!(format, Format::JournalExport | Format::MysqlSlow)
}

/// Whether a line is read in a format and could not as well be another.
fn is_telling(reader: &mut Reader, format: Format, line: &[u8]) -> bool {
    reader
        .parse(format, line)
        .is_some_and(|record| match format {
            Format::Syslog(_) => !record.source.is_empty(),
            _ => true,
        })
}

/// The layouts of lines with a header, the most frequent first, and how many lines each has.
fn layouts(lines: &[&[u8]]) -> Vec<(Layout, usize)> {
    let mut places: Vec<(u8, Shape, Vec<&[u8]>)> = Vec::new();
    for line in lines {
        let Some((before, shape)) = find_time(line) else {
            continue;
        };
        match places
            .iter_mut()
            .find(|place| (place.0, place.1) == (before, shape))
        {
            Some(place) => place.2.push(line),
            None => places.push((before, shape, vec![line])),
        }
    }
    places.sort_by_key(|(before, shape, lines)| (std::cmp::Reverse(lines.len()), *before, *shape));
    // What few lines have is a time in a message.
    let least = lines.len() / 50;
    places
        .into_iter()
        .filter(|(_, _, lines)| lines.len() > least)
        .map(|(before, shape, lines)| (learn(before, shape, &lines), lines.len()))
        .collect()
}

/// Where the first time stands: the number of pieces before it, and its shape.
fn find_time(line: &[u8]) -> Option<(u8, Shape)> {
    let mut at = skip_open(line, 0);
    for before in 0..MOST_PIECES {
        let rest = line.get(at..)?;
        let ends = |length: usize| !rest.get(length).is_some_and(u8::is_ascii_alphanumeric);
        let found = Shape::SEARCHED.into_iter().find(|shape| {
            shape
                .parse(rest, YearOf::default())
                .is_some_and(|(_, length)| ends(length))
        });
        if let Some(shape) = found {
            return Some((before, shape));
        }
        at = skip_open(line, skip(line, piece(line, at)?.end));
    }
    None
}

/// What else the lines with a time at one place have in common.
fn learn(before: u8, shape: Shape, lines: &[&[u8]]) -> Layout {
    let mut layout = Layout {
        shape,
        before,
        second: None,
        level: LevelPlace::None,
        name: NamePlace::None,
    };
    let most = |counts: &[usize]| {
        let (index, count) = counts
            .iter()
            .enumerate()
            .max_by_key(|(index, count)| (**count, std::cmp::Reverse(*index)))?;
        (*count * 5 >= lines.len() * 2 && *count > 0).then_some(index)
    };
    let ends: Vec<Option<usize>> = lines.iter().map(|line| time_end(line, layout)).collect();
    let mut seconds: Vec<((u8, Shape), usize)> = Vec::new();
    for (line, end) in lines.iter().zip(&ends) {
        if let Some(second) = end.and_then(|end| second_time(line, end)) {
            match seconds.iter_mut().find(|(known, _)| *known == second) {
                Some((_, count)) => *count += 1,
                None => seconds.push((second, 1)),
            }
        }
    }
    let second = seconds.iter().max_by_key(|(_, count)| *count);
    layout.second = second
        .filter(|(_, count)| count * 2 > lines.len())
        .map(|(second, _)| *second);
    let mut behind = [0; MOST_PIECES as usize];
    let mut ahead = [0; MOST_PIECES as usize];
    for line in lines {
        let mut at = skip_open(line, 0);
        for count in ahead.iter_mut().take(usize::from(before)) {
            let Some(piece) = piece(line, at) else { break };
            if level_of(&piece).is_some() && is_emphatic(&piece) {
                *count += 1;
                break;
            }
            at = skip_open(line, skip(line, piece.end));
        }
        let Some(end) = time_end(line, layout) else {
            continue;
        };
        let mut at = skip(line, end);
        for (index, count) in behind.iter_mut().enumerate() {
            let Some(piece) = piece(line, at) else { break };
            if level_of(&piece).is_some() && (index == 0 || is_emphatic(&piece)) {
                *count += 1;
                break;
            }
            at = skip(line, piece.end);
        }
    }
    #[allow(clippy::cast_possible_truncation)]
    if let Some(index) = most(&behind) {
        layout.level = LevelPlace::After(index as u8);
    } else if let Some(index) = most(&ahead) {
        layout.level = LevelPlace::Before(index as u8);
    }
    layout.name = name_place(layout, lines);
    layout
}

/// Whether three fifths of the events have a word where the name of a logger would stand.
fn name_place(layout: Layout, lines: &[&[u8]]) -> NamePlace {
    let mut clock = Clock::default();
    let (mut events, mut named) = (0, 0);
    for line in lines {
        if let Some((_, first)) = layout.read(line, &mut clock, YearOf::default()) {
            events += 1;
            named += usize::from(first == FirstWord::Name);
        }
    }
    if named * 5 >= events * 3 && named > 0 {
        NamePlace::Column
    } else {
        NamePlace::None
    }
}

/// Behind the last time of the header.
fn time_end(line: &[u8], layout: Layout) -> Option<usize> {
    let mut at = skip_open(line, 0);
    for _ in 0..layout.before {
        at = skip_open(line, skip(line, piece(line, at)?.end));
    }
    at += layout.shape.parse(line.get(at..)?, YearOf::default())?.1;
    if let Some((between, shape)) = layout.second {
        let mut inner = skip(line, at);
        for _ in 0..between {
            inner = skip(line, piece(line, inner)?.end);
        }
        at = inner + shape.parse(line.get(inner..)?, YearOf::default())?.1;
    }
    Some(at)
}

/// A time within a few pieces behind the first one.
fn second_time(line: &[u8], end: usize) -> Option<(u8, Shape)> {
    const SHAPES: [Shape; 5] = [
        Shape::Iso,
        Shape::Syslog,
        Shape::Ctime,
        Shape::DayFirst,
        Shape::ShortYear,
    ];
    let mut at = skip(line, end);
    for between in 0..4 {
        let rest = line.get(at..)?;
        let found = SHAPES
            .into_iter()
            .find(|shape| shape.parse(rest, YearOf::default()).is_some());
        if let Some(shape) = found {
            return Some((between, shape));
        }
        at = skip(line, piece(line, at)?.end);
    }
    None
}
