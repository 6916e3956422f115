//! Conversions: the first byte chooses the formats. Never a panic; YAML and JSON that were written
//! are read again, to the same JSON.
#![no_main]

use std::sync::atomic::AtomicBool;

use config::Limits;
use config::access::MergeKeys;
use config::convert::{
    Converter, Documents, InputFormat, Nulls, OutputFormat, Request, SpecialFloats,
};
use libfuzzer_sys::fuzz_target;

const FROM: [InputFormat; 4] = [
    InputFormat::Yaml,
    InputFormat::Json,
    InputFormat::Ndjson,
    InputFormat::Toml,
];
const TO: [OutputFormat; 4] = [
    OutputFormat::Yaml,
    OutputFormat::Json,
    OutputFormat::Ndjson,
    OutputFormat::Toml,
];

fn converted(text: &[u8], from: InputFormat, to: OutputFormat) -> Option<String> {
    let request = Request {
        to,
        documents: Documents::All,
        indent: 2,
        merge_keys: MergeKeys::Apply,
        special_floats: SpecialFloats::Text,
        nulls: Nulls::Drop,
    };
    let cancel = AtomicBool::new(false);
    let mut converter = Converter::new(request, Limits::default().with_depth(100), &cancel);
    converter.read(text, from).ok()?;
    converter.finish().ok()
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else {
        return;
    };
    let from = FROM[usize::from(choice & 3)];
    let to = TO[usize::from(choice >> 2 & 3)];
    let Some(written) = converted(text, from, to) else {
        return;
    };
    let back = match to {
        OutputFormat::Ndjson => InputFormat::Ndjson,
        OutputFormat::Json => InputFormat::Json,
        OutputFormat::Toml => InputFormat::Toml,
        OutputFormat::Yaml => InputFormat::Yaml,
    };
    let again = converted(written.as_bytes(), back, OutputFormat::Ndjson);
    let again = again.expect("what was written can be read");
    if matches!(to, OutputFormat::Ndjson) {
        assert_eq!(again, written);
    }
});
