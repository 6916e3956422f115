//! One style: what the text says and its comments stay, and a second time nothing changes. And
//! texts over one another, parted by a line of `====`: the result is a text.
#![no_main]

use config::Limits;
use config::fmt::{FormatError, Language, Sequences, Style, format};
use config::merge::{Layer, Lists, MergeError, Strategy, merge};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A mark within the text begins a document in places where nothing else can; such a text may
    // be refused.
    if data
        .windows(3)
        .skip(1)
        .any(|three| three == b"\xEF\xBB\xBF")
    {
        return;
    }
    let limits = Limits::default().with_depth(100);
    let styles = [
        Style::default(),
        Style {
            indent: 4,
            sequences: Sequences::Flush,
        },
    ];
    for language in [Language::Yaml, Language::Json] {
        for style in styles {
            match format(data, language, style, &limits) {
                Ok(new) => {
                    let again = format(&new, language, style, &limits).expect("it was read");
                    assert_eq!(new, again);
                }
                Err(FormatError::Check) => panic!("not the same"),
                Err(_) => {}
            }
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let layers: Vec<Layer<'_>> = text
        .split("====\n")
        .map(|part| Layer {
            bytes: part.as_bytes(),
            language: Language::Yaml,
        })
        .collect();
    for lists in [Lists::Append, Lists::Match] {
        let strategy = Strategy {
            lists,
            ..Strategy::default()
        };
        if let Err(MergeError::Check) = merge(&layers, strategy, &limits) {
            panic!("not right");
        }
    }
});
