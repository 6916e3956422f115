//! Logs: formats that are found by themselves, times, levels and summaries that merge.
//!
//! One pass in blocks over all cores, with memory that does not grow with the input.

mod analyze;
mod blocks;
pub mod format;
pub mod level;
pub mod mask;
pub mod record;
pub mod summary;
pub mod time;

pub use analyze::{Analysis, Options, analyze_bytes, analyze_stream};
pub use blocks::LINE_LIMIT;
