//! IPv4 patterns: a set of values for each of the four octets, which covers addresses, octet
//! ranges and lists, and networks alike.

use std::net::Ipv4Addr;

use crate::problem::{Located, ProblemKind};

/// Four sorted, non-empty sets of octet values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octets([Box<[u8]>; 4]);

impl Octets {
    /// Reads `10.0.0,1,3-7.-`.
    ///
    /// # Errors
    /// The byte offset of the octet that cannot be read, and why.
    pub fn parse(text: &str) -> Located<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [a, b, c, d] = parts[..] else {
            return Err((0, ProblemKind::OctetCount(parts.len())));
        };
        let mut offset = 0;
        let mut read = |part: &str| {
            let values = parse_octet(part).map_err(|(place, kind)| (offset + place, kind));
            offset += part.len() + 1;
            values
        };
        Ok(Self([read(a)?, read(b)?, read(c)?, read(d)?]))
    }

    /// The network of this pattern: each value stands for all that share its masked bits.
    #[must_use]
    pub fn masked(&self, prefix: u8) -> Self {
        let mask = u32::MAX
            .checked_shl(32 - u32::from(prefix))
            .unwrap_or(0)
            .to_be_bytes();
        let mut place = 0;
        Self(self.0.clone().map(|values| {
            let mask = mask[place];
            place += 1;
            let kept: Vec<u8> = (0..=255)
                .filter(|candidate| values.iter().any(|value| value & mask == candidate & mask))
                .collect();
            kept.into_boxed_slice()
        }))
    }

    /// How many addresses.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|values| values.len() as u64).product()
    }

    /// The address of a number below `count()`; the last octet runs fastest.
    #[must_use]
    pub fn nth(&self, mut number: u64) -> Ipv4Addr {
        let mut octets = [0; 4];
        for (octet, values) in octets.iter_mut().zip(&self.0).rev() {
            let length = values.len() as u64;
            *octet = values[usize::try_from(number % length).unwrap_or(0)];
            number /= length;
        }
        Ipv4Addr::from(octets)
    }

    /// The lowest and the highest address as numbers.
    #[must_use]
    pub fn ends(&self) -> (u32, u32) {
        let last = self.count() - 1;
        (self.nth(0).into(), self.nth(last).into())
    }

    /// The address, when there is only one.
    #[must_use]
    pub fn single(&self) -> Option<Ipv4Addr> {
        (self.count() == 1).then(|| self.nth(0))
    }

    /// Whether the pattern holds an address.
    #[must_use]
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let octets = address.octets();
        self.0
            .iter()
            .zip(octets)
            .all(|(values, octet)| values.len() == 256 || values.binary_search(&octet).is_ok())
    }
}

impl From<Ipv4Addr> for Octets {
    fn from(address: Ipv4Addr) -> Self {
        Self(address.octets().map(|octet| Box::from([octet])))
    }
}

fn parse_octet(text: &str) -> Located<Box<[u8]>> {
    let mut present = [false; 256];
    let mut offset = 0;
    for item in text.split(',') {
        let (first, last) = parse_item(item).map_err(|kind| (offset, kind))?;
        present[first..=last].fill(true);
        offset += item.len() + 1;
    }
    Ok((0..=255u8)
        .filter(|value| present[usize::from(*value)])
        .collect())
}

fn parse_item(item: &str) -> Result<(usize, usize), ProblemKind> {
    if item == "*" {
        return Ok((0, 255));
    }
    let digits = item
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    if item.is_empty() || !digits || item.matches('-').count() > 1 {
        return Err(ProblemKind::NotAnOctet(item.to_owned()));
    }
    let Some((first, last)) = item.split_once('-') else {
        let value = parse_value(item)?;
        return Ok((value, value));
    };
    let first = if first.is_empty() {
        0
    } else {
        parse_value(first)?
    };
    let last = if last.is_empty() {
        255
    } else {
        parse_value(last)?
    };
    if first > last {
        let number = |value| u32::try_from(value).unwrap_or(0);
        return Err(ProblemKind::OctetsBackwards(number(first), number(last)));
    }
    Ok((first, last))
}

fn parse_value(digits: &str) -> Result<usize, ProblemKind> {
    match digits.parse::<u8>() {
        Ok(value) => Ok(value.into()),
        Err(_) => Err(ProblemKind::OctetRange(digits.to_owned())),
    }
}
