//! Values by their paths: the first line is a path, the second a value, the rest a text. No panic;
//! what is set is found.
#![no_main]

use config::access::{
    Action, Form, Format, MergeKeys, Parents, Path, Reader, Request, Step, ValueType, get, query,
    set,
};
use config::{Limits, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut parts = text.splitn(3, '\n');
    let (Some(path), Some(value), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let limits = Limits::default();
    let Ok(source) = Source::of_text(text, &limits) else {
        return;
    };
    for format in [Format::Yaml, Format::Json] {
        let reader = Reader::new(&source, format, limits, MergeKeys::Apply);
        let _ = query(&reader, path, None);
        let Ok(path) = Path::parse(path) else {
            continue;
        };
        let _ = get(&reader, &path, None, Form::Raw);
        let _ = get(&reader, &path, Some(1), Form::Source);
        let _ = get(&reader, &path, None, Form::Json);
        for action in [Action::Set, Action::Delete] {
            let request = Request {
                action,
                path: path.clone(),
                value: value.to_owned(),
                value_type: ValueType::String,
                parents: Parents::Create,
                document: None,
            };
            let mut bytes = text.as_bytes().to_vec();
            if set(&mut bytes, &request, format, &limits).is_ok() && action == Action::Set {
                let source = Source::decode(&bytes, &limits).expect("it was read again");
                let reader = Reader::new(&source, format, limits, MergeKeys::Keep);
                // `-` is behind the last entry of a sequence (RFC 6901, section 4).
                let appends = path.steps.iter().any(|step| match step {
                    Step::Append => true,
                    Step::Key(key) => key == "-",
                    _ => false,
                });
                if !appends {
                    let got = get(&reader, &path, None, Form::Raw).expect("it was set");
                    assert_eq!(got.text, value);
                }
            }
        }
    }
});
