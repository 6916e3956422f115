//! Two texts, parted by a line of `====`: their difference and their conversions, never a panic.
#![no_main]

use config::access::{Format, MergeKeys, Reader};
use config::diff::{Options, diff, patch};
use config::{Limits, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (old, new) = text.split_once("====\n").unwrap_or((text, ""));
    let limits = Limits::default().with_depth(100);
    let (Ok(old), Ok(new)) = (Source::of_text(old, &limits), Source::of_text(new, &limits)) else {
        return;
    };
    let old = Reader::new(&old, Format::Yaml, limits, MergeKeys::Apply);
    let new = Reader::new(&new, Format::Yaml, limits, MergeKeys::Apply);
    let options = Options::default();
    if let Ok(changes) = diff(&old, &new, &options) {
        for side in changes
            .iter()
            .flat_map(|change| [&change.old, &change.new])
            .flatten()
        {
            assert!(side.line >= 1 && side.column >= 1);
        }
        if let Ok(operations) = patch(&old, &new, &options) {
            // For a patch no document is as good as `null`.
            assert!(operations == "[]" || !changes.is_empty());
        }
    }
    assert_eq!(
        diff(&old, &old, &options).map_or(0, |changes| changes.len()),
        0
    );
});
