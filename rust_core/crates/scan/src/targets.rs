//! Target lists: text to targets, each with its place, its ports and its expectation.

use std::collections::HashMap;
use std::sync::Arc;

use crate::exclusions::Exclusions;
use crate::expectation::Expectation;
use crate::hosts::{Hosts, Width};
use crate::ports::PortSet;
use crate::problem::{Located, Problem, ProblemKind};

/// Longer lines are refused, not read.
pub const LINE_LENGTH_MAX: usize = 65_536;

/// One target of a list.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its hosts.
    pub hosts: Hosts,
    /// Its ports.
    pub ports: Arc<PortSet>,
    /// What should be, if the line says so.
    pub expectation: Option<Arc<Expectation>>,
    /// The host part as typed.
    pub input: Box<str>,
    /// Where it stands: number of the source, and line.
    pub place: (u32, u32),
    /// Probes of all targets before this one: the index of its first.
    pub base: u64,
}

impl Target {
    /// Probes of this target: hosts times ports.
    #[must_use]
    pub fn probes(&self) -> u64 {
        self.hosts.count().saturating_mul(self.ports.len().into())
    }
}

/// All that is to be scanned.
#[derive(Debug, Clone)]
pub struct Targets {
    list: Vec<Target>,
    sources: Vec<Box<str>>,
    default_ports: Arc<PortSet>,
    excluded_ports: PortSet,
    default_expectation: Option<Arc<Expectation>>,
    exclusions: Exclusions,
    port_cache: HashMap<Box<str>, Arc<PortSet>>,
    hosts: u64,
    names: u64,
    probes: u64,
}

impl Targets {
    /// An empty list. `default_ports` serve the targets that name none; `excluded_ports` are taken
    /// out of every target's.
    #[must_use]
    pub fn new(default_ports: &PortSet, excluded_ports: PortSet) -> Self {
        Self {
            list: Vec::new(),
            sources: Vec::new(),
            default_ports: Arc::new(default_ports.without(&excluded_ports)),
            excluded_ports,
            default_expectation: None,
            exclusions: Exclusions::default(),
            port_cache: HashMap::new(),
            hosts: 0,
            names: 0,
            probes: 0,
        }
    }

    /// Sets what is expected of targets whose line does not say; before any is added.
    pub fn expect(&mut self, expectation: Expectation) {
        self.default_expectation = Some(Arc::new(expectation));
    }

    /// Reads a target text whose first line has the number `first_line`; returns what could not be
    /// read. The rest counts.
    pub fn add(&mut self, text: &str, source: &str, first_line: u32) -> Vec<Problem> {
        let source_number = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        self.sources.push(source.into());
        let mut problems = Vec::new();
        for (number, line) in lines(text) {
            let line_number = first_line.saturating_add(number);
            let problem = |(column, kind)| Problem {
                line: line_number,
                column,
                kind,
            };
            if let Some(too_long) = check_length(line) {
                problems.push(problem(too_long));
                continue;
            }
            let place = (source_number, line_number);
            problems.extend(self.add_line(line, place).into_iter().map(problem));
        }
        problems
    }

    /// Reads exclusions; with `comma` the items may stand apart by commas too.
    pub fn exclude(&mut self, text: &str, comma: bool) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (number, text) in lines(text) {
            let line = number.saturating_add(1);
            let problem = |(column, kind)| Problem { line, column, kind };
            if let Some(too_long) = check_length(text) {
                problems.push(problem(too_long));
                continue;
            }
            for (offset, word) in words(text, comma) {
                if let Err((place, kind)) = self.exclusions.add(word) {
                    problems.push(problem((column_of(text, offset + place), kind)));
                }
            }
        }
        problems
    }

    /// Adds one host and port, without a place in a source.
    ///
    /// # Errors
    /// Why the host cannot be read as one host.
    pub fn add_service(&mut self, host: &str, port: u16) -> Result<(), ProblemKind> {
        if host.contains("://") {
            return Err(ProblemKind::Url(host.to_owned()));
        }
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host);
        let parsed = if bare.contains(':') {
            Hosts::parse_v6(bare, Width::Scanned)
        } else {
            Hosts::parse(host)
        };
        let hosts = parsed.map_err(|(_, kind)| kind)?;
        if hosts.count() != 1
            || matches!(
                hosts,
                Hosts::Name {
                    prefix: Some(_),
                    ..
                }
            )
        {
            return Err(ProblemKind::NotSingle(host.to_owned()));
        }
        let key = port.to_string();
        let ports = self.cached_ports(&key).map_err(|(_, kind)| kind)?;
        self.push(hosts, ports, bare, None, (u32::MAX, 0))
    }

    /// The targets in order.
    #[must_use]
    pub fn list(&self) -> &[Target] {
        &self.list
    }

    /// What is not to be scanned.
    #[must_use]
    pub fn exclusions(&self) -> &Exclusions {
        &self.exclusions
    }

    /// The name of a source by its number; empty for targets that have none.
    #[must_use]
    pub fn source(&self, number: u32) -> &str {
        usize::try_from(number)
            .ok()
            .and_then(|number| self.sources.get(number))
            .map_or("", |source| source)
    }

    /// Addresses and names in all, exclusions not taken off.
    #[must_use]
    pub fn hosts(&self) -> u64 {
        self.hosts
    }

    /// How many of the hosts are names.
    #[must_use]
    pub fn names(&self) -> u64 {
        self.names
    }

    /// Probes in all, exclusions not taken off.
    #[must_use]
    pub fn probes(&self) -> u64 {
        self.probes
    }

    fn add_line(&mut self, line: &str, place: (u32, u32)) -> Vec<(u32, ProblemKind)> {
        let words: Vec<(usize, &str)> = words(line, false).collect();
        let first = words
            .iter()
            .skip(1)
            .position(|(_, word)| Expectation::begins(word));
        let (targets, said) = words.split_at(first.map_or(words.len(), |place| place + 1));
        let mut expectation = self.default_expectation.clone();
        if !said.is_empty() {
            let texts: Vec<&str> = said.iter().map(|(_, word)| *word).collect();
            match Expectation::parse(&texts) {
                Ok(read) => expectation = Some(Arc::new(read)),
                Err((number, kind)) => {
                    let mut problems = self.check_words(line, targets);
                    problems.push((column_of(line, said[number].0), kind));
                    return problems;
                }
            }
        }
        targets
            .iter()
            .filter_map(|(offset, word)| {
                let added = self.add_word(word, expectation.clone(), place);
                added
                    .err()
                    .map(|(place, kind)| (column_of(line, offset + place), kind))
            })
            .collect()
    }

    fn add_word(
        &mut self,
        word: &str,
        expectation: Option<Arc<Expectation>>,
        place: (u32, u32),
    ) -> Located<()> {
        let (hosts, ports, input) = self.read_word(word)?;
        self.push(hosts, ports, input, expectation, place)
            .map_err(|kind| (0, kind))
    }

    fn read_word<'a>(&mut self, word: &'a str) -> Located<(Hosts, Arc<PortSet>, &'a str)> {
        let parts = split_word(word)?;
        let (host_offset, host) = parts.host;
        let hosts = match parts.kind {
            HostKind::Bracketed => Hosts::parse_v6(host, Width::Scanned),
            HostKind::Plain => Hosts::parse(host),
        }
        .map_err(|(offset, kind)| (host_offset + offset, kind))?;
        let ports = match parts.ports {
            None => Arc::clone(&self.default_ports),
            Some((offset, text)) => self
                .cached_ports(text)
                .map_err(|(place, kind)| (offset + place, kind))?,
        };
        Ok((hosts, ports, host))
    }

    /// What is wrong with words that are not taken in.
    fn check_words(&mut self, line: &str, words: &[(usize, &str)]) -> Vec<(u32, ProblemKind)> {
        let mut check = |(offset, word): &(usize, &str)| {
            self.read_word(word)
                .err()
                .map(|(place, kind)| (column_of(line, offset + place), kind))
        };
        words.iter().filter_map(&mut check).collect()
    }

    fn push(
        &mut self,
        hosts: Hosts,
        ports: Arc<PortSet>,
        input: &str,
        expectation: Option<Arc<Expectation>>,
        place: (u32, u32),
    ) -> Result<(), ProblemKind> {
        let base = self.probes;
        let target = Target {
            hosts,
            ports,
            expectation,
            input: input.into(),
            place,
            base,
        };
        let probes = base.saturating_add(target.probes());
        if probes > i64::MAX.unsigned_abs() {
            return Err(ProblemKind::TooManyProbes);
        }
        self.probes = probes;
        self.hosts = self.hosts.saturating_add(target.hosts.count());
        self.names += u64::from(matches!(target.hosts, Hosts::Name { .. }));
        self.list.push(target);
        Ok(())
    }

    /// Long lists repeat few port texts, so that each is read once.
    fn cached_ports(&mut self, text: &str) -> Located<Arc<PortSet>> {
        if let Some(known) = self.port_cache.get(text) {
            return Ok(Arc::clone(known));
        }
        let ports = Arc::new(PortSet::parse(text)?.without(&self.excluded_ports));
        self.port_cache.insert(text.into(), Arc::clone(&ports));
        Ok(ports)
    }
}

enum HostKind {
    Plain,
    Bracketed,
}

/// A target's parts with their byte offsets in the word.
struct Parts<'a> {
    kind: HostKind,
    host: (usize, &'a str),
    ports: Option<(usize, &'a str)>,
}

fn split_word(word: &str) -> Located<Parts<'_>> {
    if let Some((host, rest)) = split_brackets(word)? {
        let after = host.len() + 2;
        let ports = match rest.strip_prefix(':') {
            Some("") => return Err((after + 1, ProblemKind::PortsExpected)),
            Some(ports) => Some((after + 1, ports)),
            None if rest.is_empty() => None,
            None => return Err((after, ProblemKind::AfterBracket)),
        };
        return Ok(Parts {
            kind: HostKind::Bracketed,
            host: (1, host),
            ports,
        });
    }
    match colons_outside_brackets(word)[..] {
        [] => Ok(Parts {
            kind: HostKind::Plain,
            host: (0, word),
            ports: None,
        }),
        [0] => Err((0, ProblemKind::HostExpected)),
        [colon] if colon + 1 == word.len() => Err((word.len(), ProblemKind::PortsExpected)),
        [colon] => Ok(Parts {
            kind: HostKind::Plain,
            host: (0, &word[..colon]),
            ports: Some((colon + 1, &word[colon + 1..])),
        }),
        _ => Ok(Parts {
            kind: HostKind::Bracketed,
            host: (0, word),
            ports: None,
        }),
    }
}

/// What stands in the brackets that begin a word, and what behind them; none for other words.
pub(crate) fn split_brackets(word: &str) -> Located<Option<(&str, &str)>> {
    if word.contains("://") {
        return Err((0, ProblemKind::Url(word.to_owned())));
    }
    let Some(inner) = word.strip_prefix('[') else {
        return Ok(None);
    };
    let missing = || (0, ProblemKind::MissingBracket(word.to_owned()));
    inner.split_once(']').map(Some).ok_or_else(missing)
}

/// Byte offsets of the colons that part host and ports; those within brackets belong to a port
/// range.
pub(crate) fn colons_outside_brackets(word: &str) -> Vec<usize> {
    let bytes = word.as_bytes();
    let mut colons = Vec::new();
    let mut place = 0;
    while place < bytes.len() {
        match bytes[place] {
            b'[' => {
                place = word[place..]
                    .find(']')
                    .map_or(place, |closing| place + closing);
            }
            b':' => colons.push(place),
            _ => {}
        }
        place += 1;
    }
    colons
}

/// Lines with their number from 0, without their ends; a mark at the start of the text is dropped.
fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n')
        .zip(0u32..)
        .map(|(line, number)| (number, line.strip_suffix('\r').unwrap_or(line)))
}

/// The problem of a line past the limit.
fn check_length(line: &str) -> Option<(u32, ProblemKind)> {
    line.chars().nth(LINE_LENGTH_MAX)?;
    let column = u32::try_from(LINE_LENGTH_MAX + 1).unwrap_or(u32::MAX);
    Some((column, ProblemKind::LineLength(LINE_LENGTH_MAX)))
}

/// Words before a comment, with their byte offsets.
fn words(line: &str, comma: bool) -> impl Iterator<Item = (usize, &str)> {
    let line = line.split('#').next().unwrap_or("");
    let start = line.as_ptr() as usize;
    line.split(move |c| matches!(c, ' ' | '\t') || (comma && c == ','))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - start, word))
}

/// The column in characters, from 1, of a byte offset.
fn column_of(line: &str, offset: usize) -> u32 {
    let before = line.get(..offset).unwrap_or(line);
    u32::try_from(before.chars().count()).unwrap_or(u32::MAX - 1) + 1
}
