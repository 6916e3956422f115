//! The audit daemon of Linux: `type=SYSCALL msg=audit(1364481363.243:24287): arch=… success=no …`.

use super::context::Context;
use crate::record::{Record, Span};
use crate::time::Shape;

/// `[node=NAME ]type=TYPE msg=audit(TIME:SERIAL): name=value …`
pub(crate) fn parse(text: &[u8], context: &mut Context<'_>) -> Option<Record> {
    let mut record = Record::default();
    let mut at = 0;
    if text.starts_with(b"node=") {
        let end = memchr::memchr(b' ', text)?;
        record.host = Span::new(5, end);
        at = end + 1;
    }
    text.get(at..)?.strip_prefix(b"type=")?;
    let end = at + memchr::memchr(b' ', &text[at..])?;
    record.source = Span::new(at + 5, end);
    let stamp = text[end..].strip_prefix(b" msg=audit(")?;
    let (time, length) = context.clock.parse(Shape::Epoch, stamp, context.year)?;
    record.time = Some(time);
    let serial = stamp[length..].strip_prefix(b":")?;
    let close = memchr::memchr(b')', serial)?;
    context.field(b"serial", &serial[..close]);
    let rest = serial[close + 1..].strip_prefix(b":")?;
    let start = text.len() - rest.trim_ascii_start().len();
    record.message = Span::new(start, text.len());
    if context.fields.is_wanted() {
        pairs(&text[start..], context);
    }
    Some(record)
}

/// Names and values; those within `msg='…'` are told as well.
#[cold]
fn pairs(mut rest: &[u8], context: &mut Context<'_>) {
    loop {
        rest = rest.trim_ascii_start();
        let Some(equals) = memchr::memchr2(b'=', b' ', rest) else {
            return;
        };
        if rest[equals] == b' ' {
            rest = &rest[equals..];
            continue;
        }
        let (name, value) = (&rest[..equals], &rest[equals + 1..]);
        let name = name.strip_prefix(b"\x1d").unwrap_or(name);
        let (value, next) = match value.first() {
            Some(b'"') => {
                let end = memchr::memchr(b'"', &value[1..]).map_or(value.len(), |end| end + 1);
                (&value[1..end], &value[(end + 1).min(value.len())..])
            }
            Some(b'\'') => {
                rest = &value[1..];
                continue;
            }
            _ => {
                let end = memchr::memchr(b' ', value).unwrap_or(value.len());
                let (value, next) = value.split_at(end);
                (value.strip_suffix(b"'").unwrap_or(value), next)
            }
        };
        context.field(name, value);
        rest = next;
    }
}
