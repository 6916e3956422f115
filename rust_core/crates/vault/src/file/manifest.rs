//! The sealed list of what a vault has to hold, and how the vault differs from it.

use aws_lc_rs::digest::{SHA256, digest};

use super::document::{Document, Secret, is_name};
use crate::passwords::number;

const DIGEST_BYTES: usize = 8;

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    version: u64,
    digest: String,
}

/// What a vault has that its list has not, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// Another line than the one that was signed.
    #[error("{name}: version {found} stands in the place of version {signed}, which was signed")]
    Replaced {
        /// The secret.
        name: String,
        /// What is there.
        found: u64,
        /// What was signed.
        signed: u64,
    },
    /// A line that was not signed.
    #[error("{0}: was added and not signed")]
    Added(String),
    /// A line that is not there any more.
    #[error("{0}: was signed and is gone")]
    Gone(String),
}

impl Finding {
    /// The secret that it is about.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Replaced { name, .. } | Self::Added(name) | Self::Gone(name) => name,
        }
    }
}

/// The list for a vault.
pub(super) fn list(document: &Document) -> String {
    let lines = document.secrets.iter().map(|secret| {
        let entry = Entry::of(secret);
        format!("{} {} {}\n", entry.name, entry.version, entry.digest)
    });
    lines.collect()
}

/// How a vault differs from a list, in the order of names; none where the list is no list.
pub(super) fn compare(list: &[u8], document: &Document) -> Option<Vec<Finding>> {
    let signed = parse(list)?;
    let mut findings = Vec::new();
    let mut signed = signed.into_iter().peekable();
    for secret in &document.secrets {
        while let Some(gone) = signed.next_if(|entry| entry.name < secret.name) {
            findings.push(Finding::Gone(gone.name));
        }
        match signed.next_if(|entry| entry.name == secret.name) {
            None => findings.push(Finding::Added(secret.name.clone())),
            Some(entry) if entry != Entry::of(secret) => findings.push(Finding::Replaced {
                name: entry.name,
                found: secret.version,
                signed: entry.version,
            }),
            Some(_) => {}
        }
    }
    findings.extend(signed.map(|entry| Finding::Gone(entry.name)));
    Some(findings)
}

fn parse(list: &[u8]) -> Option<Vec<Entry>> {
    let text = std::str::from_utf8(list).ok()?;
    let entries = text.split_terminator('\n').map(Entry::parse);
    let entries: Vec<Entry> = entries.collect::<Option<_>>()?;
    let is_sorted = entries.windows(2).all(|pair| pair[0].name < pair[1].name);
    is_sorted.then_some(entries)
}

impl Entry {
    fn of(secret: &Secret) -> Self {
        let digest = digest(&SHA256, secret.line().as_bytes());
        let digest = &digest.as_ref()[..DIGEST_BYTES];
        Self {
            name: secret.name.clone(),
            version: secret.version,
            digest: digest
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let name = words.next().filter(|name| is_name(name))?;
        let version = number(words.next()?)?;
        let digest = words
            .next()
            .filter(|digest| digest.len() == 2 * DIGEST_BYTES)?;
        words.next().is_none().then(|| Self {
            name: name.to_owned(),
            version,
            digest: digest.to_owned(),
        })
    }
}
