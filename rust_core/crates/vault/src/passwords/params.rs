//! What a hash costs.

use std::fmt;
use std::str::FromStr;

use super::PasswordError;

/// The cost of a hash, each number in the range of RFC 9106, section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

/// Settings by name: OWASP's minimum, and the two choices of RFC 9106, section 4.
pub const PRESETS: [(&str, Params); 3] = [
    ("owasp", Params::known(19_456, 2, 1)),
    ("rfc9106-first", Params::known(2_097_152, 1, 4)),
    ("rfc9106-second", Params::known(65_536, 3, 4)),
];

pub(super) const MOST_LANES: u32 = (1 << 24) - 1;

impl Params {
    const fn known(memory_kib: u32, iterations: u32, lanes: u32) -> Self {
        Self {
            memory_kib,
            iterations,
            lanes,
        }
    }

    /// Memory in KiB, passes over it, and lanes.
    ///
    /// # Errors
    ///
    /// Names the first number that is out of range: lanes, iterations, memory.
    pub fn new(memory_kib: i64, iterations: i64, lanes: i64) -> Result<Self, PasswordError> {
        let p = u32::try_from(lanes)
            .ok()
            .filter(|p| (1..=MOST_LANES).contains(p));
        let p = p.ok_or(PasswordError::Lanes(lanes))?;
        let t = u32::try_from(iterations).ok().filter(|&t| t >= 1);
        let t = t.ok_or(PasswordError::Iterations(iterations))?;
        let m = u32::try_from(memory_kib).ok().filter(|&m| m >= 8 * p);
        let least = 8 * i64::from(p);
        let m = m.ok_or(PasswordError::Memory { memory_kib, least })?;
        Ok(Self::known(m, t, p))
    }

    /// The settings of a name.
    ///
    /// # Errors
    ///
    /// A name that no settings have.
    pub fn preset(name: &str) -> Result<Self, PasswordError> {
        let found = PRESETS.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, params)| *params)
            .ok_or_else(|| PasswordError::Preset(name.to_owned()))
    }

    /// Memory in KiB: `m`.
    #[must_use]
    pub fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes: `t`.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Lanes: `p`.
    #[must_use]
    pub fn lanes(&self) -> u32 {
        self.lanes
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        u64::from(self.memory_kib) * 1024
    }

    /// For the crate that computes, with the length of the tag in bytes.
    pub(super) fn for_tag(&self, bytes: usize) -> Result<argon2::Params, argon2::Error> {
        argon2::Params::new(self.memory_kib, self.iterations, self.lanes, Some(bytes))
    }
}

/// As hashes and slots have it: `m=65536,t=3,p=4`.
impl fmt::Display for Params {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            memory_kib,
            iterations,
            lanes,
        } = self;
        write!(formatter, "m={memory_kib},t={iterations},p={lanes}")
    }
}

/// The numbers of a text as `Params` are written, whatever they are.
pub(crate) fn costs<Number: FromStr>(text: &str) -> Option<[Number; 3]> {
    let mut fields = text.split(',');
    let mut next = |name: &str| number(fields.next()?.strip_prefix(name)?);
    let found = [next("m=")?, next("t=")?, next("p=")?];
    fields.next().is_none().then_some(found)
}

/// Decimal digits without a leading zero.
pub(crate) fn number<Number: FromStr>(text: &str) -> Option<Number> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_canonical = text == "0" || !text.starts_with('0');
    (is_plain && is_canonical).then(|| text.parse().ok())?
}
