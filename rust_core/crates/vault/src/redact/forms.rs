//! The forms in which programs write a value: as it is, by lines, and encoded.

use zeroize::Zeroizing;

use super::LEAST_BYTES;
use super::encodings::{self as encoded, Bytes};

/// The least length of a line, of several, that is taken for secret by itself.
const LEAST_LINE_BYTES: usize = 8;
/// The least length of base64 without its neighbours' characters: shorter ones come by chance.
const LEAST_BASE64_BYTES: usize = 6;
/// How `base64`, PEM and `xxd -p` break long lines.
const BASE64_WIDTHS: [usize; 2] = [76, 64];
const HEX_WIDTH: usize = 60;

/// How a form came from its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// As it is.
    Plain,
    /// One line of several.
    Line,
    /// In base64, at one of three places.
    Base64,
    /// In hexadecimal digits.
    Hex,
    /// Escaped for URLs.
    Url,
    /// Escaped for quoted texts or XML.
    Text,
    /// Quoted for a shell.
    Shell,
}

impl Form {
    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Line => "line",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Url => "url",
            Self::Text => "text",
            Self::Shell => "shell",
        }
    }
}

/// All forms of a value, each once; of a long one those that are not encoded.
pub(super) fn forms(value: &[u8], is_long: bool) -> Vec<(Bytes, Form)> {
    // What stands after its last line end does not hide the value, and a line end stays one.
    let value = value.strip_suffix(b"\n").unwrap_or(value);
    let value = value.strip_suffix(b"\r").unwrap_or(value);
    let mut forms = Forms(Vec::new(), Form::Plain);
    forms.add(Zeroizing::new(value.to_vec()));
    forms.1 = Form::Line;
    forms.add_lines(value);
    if !is_long {
        forms.1 = Form::Base64;
        forms.add_base64(value);
        forms.1 = Form::Hex;
        forms.add_wrapped(&encoded::hex(value, b"0123456789abcdef"), HEX_WIDTH);
        forms.add_wrapped(&encoded::hex(value, b"0123456789ABCDEF"), HEX_WIDTH);
        forms.1 = Form::Url;
        encoded::urls(value).for_each(|form| forms.add(form));
        forms.1 = Form::Text;
        encoded::texts(value).for_each(|form| forms.add(form));
        forms.1 = Form::Shell;
        encoded::shells(value).for_each(|form| forms.add(form));
    }
    forms.0
}

/// Those there are, and what is added next.
struct Forms(Vec<(Bytes, Form)>, Form);

impl Forms {
    fn add(&mut self, form: Bytes) {
        if form.len() >= LEAST_BYTES && !self.0.iter().any(|(other, _)| *other == form) {
            self.0.push((form, self.1));
        }
    }

    /// The lines of a value that has several, without the white space around them.
    fn add_lines(&mut self, value: &[u8]) {
        if !value.contains(&b'\n') {
            return;
        }
        for line in value.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            // Every key of its kind has these.
            let is_border = line.starts_with(b"-----") && line.ends_with(b"-----");
            if line.len() >= LEAST_LINE_BYTES && !is_border {
                self.add(Zeroizing::new(line.to_vec()));
            }
        }
    }

    fn add_wrapped(&mut self, form: &Bytes, width: usize) {
        if form.len() > width {
            for line in form.chunks(width) {
                if line.len() >= LEAST_LINE_BYTES {
                    self.add(Zeroizing::new(line.to_vec()));
                }
            }
        }
        self.add(form.clone());
    }

    /// At all three places that a value can have in a longer text, without the characters that
    /// depend on its neighbours, and with those at the end of the text or before a line end.
    fn add_base64(&mut self, value: &[u8]) {
        for before in 0..3 {
            let start = (before * 8usize).div_ceil(6);
            let whole = (before + value.len()) * 8 / 6;
            for ending in [&b""[..], b"\n"] {
                let text = [&[0; 2][..before], value, ending].concat();
                let form = encoded::base64(&Zeroizing::new(text));
                let bare = form.trim_ascii_end().iter().rposition(|byte| *byte != b'=');
                let bare = bare.map_or(0, |last| last + 1);
                for end in [whole, bare, form.len()] {
                    self.add_alphabets(&form[start..end]);
                }
                if before == 0 {
                    for width in BASE64_WIDTHS {
                        self.add_wrapped(&form, width);
                    }
                }
            }
        }
    }

    fn add_alphabets(&mut self, form: &[u8]) {
        if form.len() < LEAST_BASE64_BYTES {
            return;
        }
        let safe = form.iter().map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        });
        self.add(Zeroizing::new(safe.collect()));
        self.add(Zeroizing::new(form.to_vec()));
    }
}
