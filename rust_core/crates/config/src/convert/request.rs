//! What a conversion is to do.

use crate::access::MergeKeys;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// A stream of documents; JSON is read as well.
    Yaml,
    /// One value, strictly.
    Json,
    /// A JSON value on each line.
    Ndjson,
    /// TOML 1.0, and what 1.1 adds.
    Toml,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Blocks; documents with `---` between them.
    Yaml,
    /// One value.
    Json,
    /// A JSON value on each line.
    Ndjson,
    /// TOML 1.0, of one document.
    Toml,
}

/// Which documents are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documents {
    /// All of them.
    All,
    /// The one of this number, from one.
    One(usize),
    /// All of them, in one array.
    Array,
}

/// What infinities and NaN become in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialFloats {
    /// An error.
    Refuse,
    /// `null`.
    Null,
    /// The text that YAML has for them, such as `.inf`.
    Text,
}

/// What becomes of null in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// An error.
    Refuse,
    /// Keys whose value is null are left out.
    Drop,
}

/// What is to be written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The format.
    pub to: OutputFormat,
    /// Which documents.
    pub documents: Documents,
    /// Spaces for each level of JSON; all on one line when 0.
    pub indent: usize,
    /// Whether `<<` of YAML merges.
    pub merge_keys: MergeKeys,
    /// Infinities and NaN in JSON.
    pub special_floats: SpecialFloats,
    /// Null in TOML.
    pub nulls: Nulls,
}
