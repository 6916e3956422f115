//! A vault's text, read and written without any key.

use super::head::{FileKind, Head};
use super::lines::{
    FormatError, FormatProblem, Lines, TOO_LONG, TOO_MANY_SECRETS, base64, plain, to_base64,
};
use super::{MOST_BYTES, MOST_SECRETS};
use crate::passwords::number;
use crate::seal::HEAD_BYTES;

const MANIFEST: &str = "manifest";
pub(super) const MOST_NAME: usize = 255;
const PADDING_BYTES: usize = 32;
const TAG_BYTES: usize = 16;

/// A vault as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Who can open it.
    pub head: Head,
    /// The secrets in the order of their names.
    pub secrets: Vec<Secret>,
    /// How often the file was written.
    pub generation: u64,
    /// The sealed list of what the file has to hold.
    pub(super) manifest: Vec<u8>,
}

/// What a secret's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// Anything.
    Bytes,
}

impl Kind {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bytes => "bytes",
        }
    }
}

/// A secret's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The name.
    pub name: String,
    /// How often it was set.
    pub version: u64,
    /// The day on which it was set last, in UTC, as `2026-11-20`.
    pub date: String,
    /// What the value is.
    pub kind: Kind,
    pub(super) sealed: Vec<u8>,
}

impl Document {
    /// Reads a vault's text.
    ///
    /// # Errors
    ///
    /// The first line that is not as the format has it.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let first = |problem| FormatError { line: 1, problem };
        if bytes.len() > MOST_BYTES {
            return Err(first(TOO_LONG));
        }
        let text = plain(bytes)?;
        let mut lines = Lines::new(text);
        let head = Head::parse(FileKind::Vault, &mut lines)?;
        let mut secrets: Vec<Secret> = Vec::new();
        loop {
            let line = lines.expect("a secret or the manifest")?;
            if let Some(rest) = line.strip_prefix("manifest ") {
                let parsed = manifest(rest).map_err(|problem| lines.wrong(problem))?;
                if !lines.rest().is_empty() {
                    lines.next()?;
                    return Err(lines.wrong(FormatProblem::Expected("nothing after the manifest")));
                }
                let (generation, manifest) = parsed;
                return Ok(Self {
                    head,
                    secrets,
                    generation,
                    manifest,
                });
            }
            let secret = Secret::parse(line, secrets.last());
            let secret = secret.map_err(|problem| lines.wrong(problem))?;
            if secrets.len() == MOST_SECRETS {
                return Err(lines.wrong(TOO_MANY_SECRETS));
            }
            secrets.push(secret);
        }
    }

    /// The vault's text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.head.text();
        for secret in &self.secrets {
            text.push_str(&secret.line());
            text.push('\n');
        }
        let manifest = to_base64(&self.manifest);
        text + &format!("manifest {} {manifest}\n", self.generation)
    }

    /// The place of a name, or where it would stand.
    pub(super) fn place(&self, name: &str) -> Result<usize, usize> {
        self.secrets
            .binary_search_by(|secret| secret.name.as_str().cmp(name))
    }
}

fn manifest(text: &str) -> Result<(u64, Vec<u8>), FormatProblem> {
    let wrong = || FormatProblem::Expected("manifest, the generation and base64");
    let (generation, body) = text.split_once(' ').ok_or_else(wrong)?;
    let generation = number(generation).filter(|&generation| generation > 0);
    Ok((
        generation.ok_or_else(wrong)?,
        base64(body).ok_or_else(wrong)?,
    ))
}

/// Whether a text can be a secret's name; that of the last line cannot.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte);
    let begins = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    begins && text != MANIFEST && text.len() <= MOST_NAME && text.bytes().all(fits)
}

/// Whether a text is a day as `2026-11-20`.
pub(super) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |length: usize, most: u16| {
        let digits = parts.next().filter(|digits| digits.len() == length);
        let value = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        value
            .and_then(|value| value.parse::<u16>().ok())
            .is_some_and(|value| (1..=most).contains(&value))
    };
    part(4, 9999) && part(2, 12) && part(2, 31) && text.len() == 10
}

impl Secret {
    fn parse(line: &str, before: Option<&Self>) -> Result<Self, FormatProblem> {
        let wrong =
            || FormatProblem::Expected("a name, version, date, type and base64, or the manifest");
        let words: Vec<&str> = line.splitn(6, ' ').collect();
        let [name, version, date, kind, body] = words[..] else {
            return Err(wrong());
        };
        let kind = match kind {
            "text" => Kind::Text,
            "bytes" => Kind::Bytes,
            _ => return Err(FormatProblem::Expected("the type text or bytes")),
        };
        if !is_name(name) || !is_date(date) {
            return Err(wrong());
        }
        let version = number(version)
            .filter(|&version| version > 0)
            .ok_or_else(wrong)?;
        let sealed = base64(body).ok_or_else(wrong)?;
        if sealed.len() < HEAD_BYTES + PADDING_BYTES + TAG_BYTES {
            return Err(wrong());
        }
        match before.map(|before| before.name.as_str().cmp(name)) {
            Some(std::cmp::Ordering::Equal) => Err(FormatProblem::Twice(name.to_owned())),
            Some(std::cmp::Ordering::Greater) => Err(FormatProblem::Order(name.to_owned())),
            _ => Ok(Self {
                name: name.to_owned(),
                version,
                date: date.to_owned(),
                kind,
                sealed,
            }),
        }
    }

    /// The secret's line, without its end.
    pub(super) fn line(&self) -> String {
        format!(
            "{} {} {} {} {}",
            self.name,
            self.version,
            self.date,
            self.kind.word(),
            to_base64(&self.sealed),
        )
    }

    /// What the value is bound to.
    pub(super) fn context(&self, id: &str) -> Vec<u8> {
        let (name, version, date) = (&self.name, self.version, &self.date);
        let kind = self.kind.word();
        format!(
            "{}\0{id}\0{name}\0{version}\0{date}\0{kind}",
            super::opened::VALUE
        )
        .into_bytes()
    }
}

/// A value with one byte 0x80 after it, and zeros up to a multiple of 32 bytes (ISO/IEC 7816-4).
pub(super) fn padded(value: &[u8]) -> zeroize::Zeroizing<Vec<u8>> {
    let length = (value.len() / PADDING_BYTES + 1) * PADDING_BYTES;
    let mut padded = zeroize::Zeroizing::new(Vec::with_capacity(length));
    padded.extend_from_slice(value);
    padded.push(0x80);
    padded.resize(length, 0);
    padded
}

/// How long the value in a padded one is.
pub(super) fn unpadded(padded: &[u8]) -> Option<usize> {
    let length = padded.iter().rposition(|&byte| byte != 0)?;
    let is_right =
        padded[length] == 0x80 && (length / PADDING_BYTES + 1) * PADDING_BYTES == padded.len();
    is_right.then_some(length)
}
