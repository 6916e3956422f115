//! A hash as text: `$argon2id$v=19$m=65536,t=3,p=4$salt$tag`, as the reference implementation and
//! the PHC string format have it. Reading is strict, and bounded before anything is allocated.

use argon2::{Algorithm, Version};
use base64ct::{Base64Unpadded, Encoding};

use super::Params;
use super::params::{MOST_LANES, costs};

const LEAST_SALT: usize = argon2::MIN_SALT_LEN;
const LEAST_TAG: usize = argon2::Params::MIN_OUTPUT_LEN;
const VERSION_SHOWN: usize = 20;

/// What a hash's text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Which Argon2.
    pub algorithm: Algorithm,
    /// Of 2015 or of RFC 9106.
    pub version: Version,
    /// The costs.
    pub params: Params,
    /// The salt's bytes.
    pub salt: Vec<u8>,
    /// The tag's bytes.
    pub tag: Vec<u8>,
}

/// Why a text is no Argon2 hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHash {
    /// Not even text.
    #[error("not a str")]
    NoText,
    /// Longer than any hash.
    #[error("longer than {} characters", Stored::MOST_CHARACTERS)]
    TooLong,
    /// No `$argon2id$`, `$argon2i$` or `$argon2d$` at its start.
    #[error("no Argon2 hash")]
    NotArgon2,
    /// A version that Argon2 never had.
    #[error("version {0} is not 16 or 19")]
    Version(String),
    /// Fields that are missing, more, in another order, or no plain numbers.
    #[error("expected m=, t= and p=, once each and in this order")]
    Costs,
    /// Too few parts, or too many.
    #[error("expected a salt and a tag after the costs")]
    Parts,
    /// A cost that RFC 9106 does not have.
    #[error("{name} is out of range {least}-{most}")]
    Range {
        /// `m`, `t` or `p`.
        name: char,
        /// The least that is possible.
        least: u32,
        /// The most that is possible.
        most: u32,
    },
    /// A part that is no canonical, unpadded base64.
    #[error("the {0} is no base64")]
    Base64(&'static str),
    /// A part that is too short.
    #[error("the {part} has {bytes} bytes, at least {least} are needed")]
    Short {
        /// `salt` or `tag`.
        part: &'static str,
        /// How long it is.
        bytes: usize,
        /// How long it has to be.
        least: usize,
    },
}

impl Stored {
    /// No longer text is a hash.
    pub const MOST_CHARACTERS: usize = 1024;

    /// Reads a hash's text.
    ///
    /// # Errors
    ///
    /// Says what is wrong first, from left to right.
    pub fn read(text: &str) -> Result<Self, InvalidHash> {
        if text.len() > Self::MOST_CHARACTERS && text.chars().count() > Self::MOST_CHARACTERS {
            return Err(InvalidHash::TooLong);
        }
        let (algorithm, rest) = algorithm(text).ok_or(InvalidHash::NotArgon2)?;
        let (version, rest) = version(rest)?;
        let mut parts = rest.split('$');
        let costs = costs(parts.next().unwrap_or_default()).ok_or(InvalidHash::Costs)?;
        let (Some(salt), Some(tag), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidHash::Parts);
        };
        Ok(Self {
            algorithm,
            version,
            params: params(costs)?,
            salt: bytes("salt", salt, LEAST_SALT)?,
            tag: bytes("tag", tag, LEAST_TAG)?,
        })
    }

    /// The text of a hash.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "${}$v={}${}${}${}",
            self.algorithm,
            u32::from(self.version),
            self.params,
            Base64Unpadded::encode_string(&self.salt),
            Base64Unpadded::encode_string(&self.tag),
        )
    }
}

fn algorithm(text: &str) -> Option<(Algorithm, &str)> {
    let (name, rest) = text.strip_prefix('$')?.split_once('$')?;
    Some((name.parse().ok()?, rest))
}

/// A text without a version is one of before there were two.
fn version(text: &str) -> Result<(Version, &str), InvalidHash> {
    let Some(after) = text.strip_prefix("v=") else {
        return Ok((Version::V0x10, text));
    };
    let (number, rest) = after.split_once('$').unwrap_or((after, ""));
    match number {
        "16" => Ok((Version::V0x10, rest)),
        "19" => Ok((Version::V0x13, rest)),
        _ => Err(InvalidHash::Version(
            number.chars().take(VERSION_SHOWN).collect(),
        )),
    }
}

fn params([m, t, p]: [u32; 3]) -> Result<Params, InvalidHash> {
    let range = |name, least, most| InvalidHash::Range { name, least, most };
    if p == 0 || p > MOST_LANES {
        return Err(range('p', 1, MOST_LANES));
    }
    if t == 0 {
        return Err(range('t', 1, u32::MAX));
    }
    Params::new(m.into(), t.into(), p.into()).map_err(|_| range('m', 8 * p, u32::MAX))
}

fn bytes(part: &'static str, text: &str, least: usize) -> Result<Vec<u8>, InvalidHash> {
    let bytes = Base64Unpadded::decode_vec(text).map_err(|_| InvalidHash::Base64(part))?;
    if bytes.len() < least {
        return Err(InvalidHash::Short {
            part,
            bytes: bytes.len(),
            least,
        });
    }
    Ok(bytes)
}
