//! What the columns of tables mean, by their names.

use super::keys;

/// What a column's value is for the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A field, and a number where it is one.
    Other,
    /// A field, also where it is a number.
    Label,
    Time,
    /// A date without the time of day.
    Date,
    /// The time of day.
    Clock,
    Level,
    Message,
    Source,
    Host,
    Trace,
    Client,
    User,
    Method,
    Target,
    Query,
    /// `METHOD target HTTP/x`.
    Request,
    /// A status, also behind a slash.
    Status,
    Bytes,
    Referrer,
    Agent,
    /// Whether traffic was let through.
    Verdict,
}

/// The names of each role, the best first; in small letters.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Time,
        &[
            "timestamp",
            "@timestamp",
            "log_time",
            "datetime",
            "date and time",
            "timecreated",
            "time created",
            "timegenerated",
            "time generated",
            "start",
        ],
    ),
    (
        Role::Level,
        &[
            "level",
            "severity",
            "error_severity",
            "leveldisplayname",
            "entrytype",
            "log level",
        ],
    ),
    (Role::Message, &["message", "msg", "description", "s-event"]),
    (
        Role::Source,
        &[
            "logger",
            "source",
            "providername",
            "provider",
            "s-sitename",
            "elb",
            "bucket",
            "application_name",
        ],
    ),
    (
        Role::Host,
        &[
            "s-computername",
            "hostname",
            "computer",
            "machinename",
            "host",
        ],
    ),
    (
        Role::Client,
        &[
            "c-ip",
            "client:port",
            "client",
            "client_ip",
            "remote_ip",
            "remote_addr",
        ],
    ),
    (Role::User, &["cs-username", "user", "requester"]),
    (Role::Method, &["cs-method", "method"]),
    (Role::Target, &["cs-uri-stem", "cs-uri", "url", "path"]),
    (Role::Query, &["cs-uri-query"]),
    (Role::Request, &["request"]),
    (
        Role::Status,
        &[
            "sc-status",
            "elb_status_code",
            "http_status",
            "status_code",
            "result/status",
            "status",
        ],
    ),
    (
        Role::Bytes,
        &["sc-bytes", "sent_bytes", "bytes_sent", "bytes"],
    ),
    (Role::Referrer, &["cs(referer)", "referrer", "referer"]),
    (
        Role::Agent,
        &["cs(user-agent)", "user_agent", "user-agent", "agent"],
    ),
    (Role::Verdict, &["action"]),
    (Role::Date, &["date"]),
];

/// The longest name of a role.
const LONGEST: usize = 32;

/// The role of a name and its rank among those of the role: the lowest counts.
pub(crate) fn role(name: &[u8]) -> (Role, u8) {
    if name.len() > LONGEST {
        return (Role::Other, 0);
    }
    let folded = name.to_ascii_lowercase();
    for (role, names) in NAMES {
        if let Some(rank) = names.iter().position(|known| known.as_bytes() == folded) {
            return (*role, u8::try_from(rank).unwrap_or(u8::MAX));
        }
    }
    // What is known of keys comes after.
    let (role, rank) = keys::role(&folded);
    let rank = rank.saturating_add(LATER);
    match role {
        keys::Role::Time => (Role::Time, rank),
        keys::Role::Level if folded != b"s" && folded != b"priority" => (Role::Level, rank),
        keys::Role::Message if folded != b"text" => (Role::Message, rank),
        keys::Role::Source if folded != b"c" && folded != b"name" => (Role::Source, rank),
        keys::Role::Host => (Role::Host, rank),
        keys::Role::Trace => (Role::Trace, rank),
        _ => (Role::Other, 0),
    }
}

const LATER: u8 = 64;
