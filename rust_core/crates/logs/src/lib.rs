//! Logs: formats that are found by themselves, times, levels and summaries that merge.
//!
//! One pass in blocks over all cores, with memory that does not grow with the input.

mod analyze;
mod archive;
mod blocks;
mod count;
mod encoding;
mod escapes;
pub mod events;
pub mod expression;
pub mod fields;
mod files;
pub mod filter;
pub mod follow;
pub mod format;
mod inspect;
pub mod level;
pub mod mask;
mod pairs;
pub mod query;
pub mod record;
mod scan;
pub mod show;
pub mod summary;
mod tar;
pub mod time;
mod trace;
mod unpack;
mod whole;
mod zip;

pub use analyze::{Analysis, analyze, analyze_bytes, analyze_stream};
pub use blocks::LINE_LIMIT;
pub use count::count_words;
pub use encoding::Encoding;
pub use files::{analyze_file, open_file, open_unpacked};
pub use inspect::inspect;
pub use scan::{Input, Options};
pub use unpack::Stream;
