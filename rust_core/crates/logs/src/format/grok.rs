//! Grok: `%{NAME:field}` stands for a named expression, as Logstash introduced it.
//!
//! The names and what they match are those that its documentation describes; the expressions are
//! our own, without look-around, which the `regex` crate does not have.

/// Names and what they stand for; one may use others.
const NAMES: &[(&str, &str)] = &[
    ("WORD", r"\w+"),
    ("NOTSPACE", r"\S+"),
    ("SPACE", r"\s*"),
    ("DATA", r".*?"),
    ("GREEDYDATA", r".*"),
    ("INT", r"[+-]?[0-9]+"),
    ("POSINT", r"[1-9][0-9]*"),
    ("NONNEGINT", r"[0-9]+"),
    ("NUMBER", r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"),
    ("BASE10NUM", r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"),
    ("BASE16NUM", r"[+-]?(?:0x)?[0-9A-Fa-f]+"),
    ("BOOLEAN", r"(?i:true|false)"),
    ("QUOTEDSTRING", r#""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"#),
    ("QS", "%{QUOTEDSTRING}"),
    (
        "UUID",
        r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    ),
    ("USERNAME", r"[A-Za-z0-9._-]+"),
    ("USER", "%{USERNAME}"),
    (
        "EMAILADDRESS",
        r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@%{HOSTNAME}",
    ),
    ("MAC", r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"),
    ("IPV4", r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"),
    (
        "IPV6",
        r"[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%[0-9A-Za-z]+)?",
    ),
    ("IP", "%{IPV4}|%{IPV6}"),
    (
        "HOSTNAME",
        r"[0-9A-Za-z][0-9A-Za-z_-]*(?:\.[0-9A-Za-z][0-9A-Za-z_-]*)*\.?",
    ),
    ("IPORHOST", "%{IP}|%{HOSTNAME}"),
    ("HOSTPORT", "(?:%{IPORHOST}):%{POSINT}"),
    ("PATH", "%{UNIXPATH}|%{WINPATH}"),
    ("UNIXPATH", r"(?:/[\w%!$@:.,+~-]*)+"),
    ("WINPATH", r"(?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+"),
    ("URIPROTO", r"[A-Za-z][A-Za-z0-9+.-]*"),
    ("URIHOST", "(?:%{IPORHOST})(?::%{POSINT})?"),
    ("URIPATH", r"(?:/[^\s?#]*)+"),
    ("URIPARAM", r"\?\S*"),
    ("URIPATHPARAM", r"(?:%{URIPATH})(?:%{URIPARAM})?"),
    (
        "URI",
        r"%{URIPROTO}://(?:[^\s/@]+@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",
    ),
    ("YEAR", r"(?:[0-9]{2}){1,2}"),
    ("MONTHNUM", r"0?[1-9]|1[0-2]"),
    ("MONTHDAY", r"0[1-9]|[12][0-9]|3[01]|[1-9]"),
    (
        "MONTH",
        r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*",
    ),
    ("DAY", r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"),
    ("HOUR", r"2[0-3]|[01]?[0-9]"),
    ("MINUTE", r"[0-5][0-9]"),
    ("SECOND", r"(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?"),
    ("TIME", "(?:%{HOUR}):(?:%{MINUTE}):(?:%{SECOND})"),
    ("TZ", r"[A-Z]{3,5}"),
    ("ISO8601_TIMEZONE", r"Z|[+-][0-9]{2}(?::?[0-9]{2})?"),
    (
        "TIMESTAMP_ISO8601",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::(?:%{SECOND}))?(?:%{ISO8601_TIMEZONE})?",
    ),
    ("DATE_US", r"(?:%{MONTHNUM})[/-](?:%{MONTHDAY})[/-]%{YEAR}"),
    (
        "DATE_EU",
        r"(?:%{MONTHDAY})[./-](?:%{MONTHNUM})[./-]%{YEAR}",
    ),
    ("SYSLOGTIMESTAMP", r"%{MONTH} +(?:%{MONTHDAY}) %{TIME}"),
    (
        "HTTPDATE",
        r"(?:%{MONTHDAY})/%{MONTH}/%{YEAR}:%{TIME} [+-][0-9]{4}",
    ),
    (
        "HTTPDERROR_DATE",
        r"%{DAY} %{MONTH} (?:%{MONTHDAY}) %{TIME} %{YEAR}",
    ),
    ("SYSLOGHOST", "%{IPORHOST}"),
    (
        "SYSLOGPROG",
        r"(?P<source>[^\s\[:]+)(?:\[(?P<pid>[0-9]+)\])?",
    ),
    ("PROG", r"[^\s\[:]+"),
    (
        "LOGLEVEL",
        r"(?i:trace|debug|info(?:rmation)?|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|alert|emerg(?:ency)?|panic)",
    ),
    ("HTTPDUSER", r"%{EMAILADDRESS}|%{USER}"),
    (
        "COMMONAPACHELOG",
        r#"(?P<client>%{IPORHOST}) %{NOTSPACE} (?P<user>%{HTTPDUSER}|-) \[(?P<time>%{HTTPDATE})\] "(?P<request>[^"]*)" (?P<status>[0-9]{3}) (?P<bytes>[0-9]+|-)"#,
    ),
    (
        "COMBINEDAPACHELOG",
        r#"%{COMMONAPACHELOG} "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)""#,
    ),
];

/// How deep names may stand in each other, which the table above does not reach.
const DEEPEST: usize = 10;
/// What an expanded pattern may have, in bytes.
const LONGEST: usize = 1 << 20;

/// The expression with each `%{NAME}` and `%{NAME:field}` (also with `:int` or `:float` behind,
/// which say nothing here) written out.
///
/// # Errors
///
/// A name that is not known, or a brace that does not close, in words.
pub(crate) fn expanded(pattern: &str) -> Result<String, String> {
    let mut text = pattern.to_owned();
    for _ in 0..DEEPEST {
        if !text.contains("%{") {
            break;
        }
        text = once(&text)?;
        if text.len() > LONGEST {
            return Err("it is longer than 1 MiB when names are written out".to_owned());
        }
    }
    Ok(text)
}

fn once(pattern: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(start) = rest.find("%{") {
        out.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let end = inner.find('}').ok_or("a %{ is not closed by }")?;
        let mut parts = inner[..end].split(':');
        let name = parts.next().unwrap_or_default();
        let known = NAMES.iter().find(|(known, _)| *known == name);
        let (_, expression) = known.ok_or_else(|| format!("%{{{name}}} is not known"))?;
        match parts.next().filter(|field| !field.is_empty()) {
            Some(field) => {
                out.push_str("(?P<");
                out.push_str(&group_name(field)?);
                out.push('>');
            }
            None => out.push_str("(?:"),
        }
        out.push_str(expression);
        out.push(')');
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// A field's name as the `regex` crate allows it: `[http][status]` is `http.status`.
fn group_name(field: &str) -> Result<String, String> {
    let plain = field.trim_start_matches(['[', '@']).trim_end_matches(']');
    let plain = plain.replace("][", ".");
    let is_name = plain.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && plain
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || "_.".contains(next));
    if is_name {
        Ok(plain)
    } else {
        Err(format!("field {field:?} is no name"))
    }
}
