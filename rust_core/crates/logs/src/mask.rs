//! The constant part of a message: words with digits, and words of eight and more hexadecimal
//! letters, are variable and become `<*>`.
//!
//! A word is a run of letters, digits and what joins them in addresses, paths and names; brackets,
//! quotes, blanks, commas and equals signs part words. Variables in a row are one.

const CONSTANT: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const HEXADECIMAL: u8 = 4;

/// A word of hexadecimal letters alone is an identity from this length on.
const IDENTITY: usize = 8;

/// What stands for a variable part.
pub const VARIABLE: &[u8] = b"<*>";

/// How much of a message is looked at; the rest tells seldom more.
const LONGEST: usize = 300;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [CONSTANT; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation)]
        let character = byte as u8;
        classes[byte] = match character {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEXADECIMAL,
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'_'
            | b'-'
            | b'.'
            | b':'
            | b'/'
            | b'@'
            | b'%'
            | b'+'
            | b'$'
            | b'\\'
            | b'~'
            | b'#'
            | 0x80.. => LETTER,
            _ => CONSTANT,
        };
        byte += 1;
    }
    classes
}

/// Appends the constant part of a message.
pub fn mask(message: &[u8], out: &mut Vec<u8>) {
    let text = &message[..message.len().min(LONGEST)];
    let first = out.len();
    let mut at = 0;
    // Up to here the text is in `out`.
    let mut copied = 0;
    while at < text.len() {
        let start = at;
        let mut seen = 0;
        while let Some(byte) = text.get(at) {
            let class = CLASSES[*byte as usize];
            if class == CONSTANT {
                break;
            }
            seen |= class;
            at += 1;
        }
        if seen & DIGIT != 0 || (seen == HEXADECIMAL && at - start >= IDENTITY) {
            let mut end = at;
            while matches!(text[end - 1], b':' | b'.' | b'-' | b'/') {
                end -= 1;
            }
            out.extend_from_slice(&text[copied..start]);
            copied = end;
            let is_repeated = end - start > 0 && ends_with_variable(&out[first..]);
            if is_repeated {
                let kept = out.len() - gap(&out[first..]);
                out.truncate(kept);
            } else {
                out.extend_from_slice(VARIABLE);
            }
        }
        // The byte that parts words.
        at += 1;
    }
    out.extend_from_slice(&text[copied.min(text.len())..]);
}

/// The bytes of a comma and blanks at the end.
fn gap(out: &[u8]) -> usize {
    out.iter()
        .rev()
        .take(2)
        .take_while(|byte| matches!(byte, b' ' | b','))
        .count()
}

fn ends_with_variable(out: &[u8]) -> bool {
    out[..out.len() - gap(out)].ends_with(VARIABLE)
}

/// Appends the path of a request without its query; parts that are numbers or long hexadecimal
/// identities become `*`.
pub fn mask_path(target: &[u8], out: &mut Vec<u8>) {
    let end = memchr::memchr3(b'?', b'#', b';', target).unwrap_or(target.len());
    let path = &target[..end.min(LONGEST)];
    let mut is_first = true;
    for part in path.split(|byte| *byte == b'/') {
        if !is_first {
            out.push(b'/');
        }
        is_first = false;
        if is_identity(part) {
            out.push(b'*');
        } else {
            out.extend_from_slice(part);
        }
    }
}

fn is_identity(part: &[u8]) -> bool {
    let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return false;
    }
    let is_hexadecimal = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    digits == part.len() || (part.len() >= 8 && part.iter().all(is_hexadecimal))
}
