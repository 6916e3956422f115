//! The keys of structured lines and what they mean.

use std::collections::HashMap;

/// What a key's value is for the event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    None,
    Time,
    Level,
    Message,
    Source,
    Host,
    /// A stack trace.
    Trace,
    /// Docker's and CRI's name of the output.
    Stream,
}

/// Which numbers levels are, where a key tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// 10 to 60, and below 10 as in syslog.
    #[default]
    Tens,
    Syslog,
    Thousands,
    Telemetry,
    Python,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Key {
    pub(crate) role: Role,
    /// Of two keys of a role the one with the lower rank counts.
    pub(crate) rank: u8,
    /// Its bit among the three keys of Docker's json-file.
    pub(crate) docker: u8,
    pub(crate) flavour: Flavour,
    /// What it is of a request.
    pub(crate) request: Option<RequestPart>,
    /// Its place in [`Keys::name`]; [`NO_KEY`] past the limit of keys.
    pub(crate) index: u32,
}

/// The names of each role, the best first; in small letters.
const TIME: &[&[u8]] = &[
    b"@timestamp",
    b"timestamp",
    b"time",
    b"ts",
    b"t",
    b"@t",
    b"t.$date",
    b"asctime",
    b"datetime",
    b"date",
    b"eventtime",
    b"requestreceivedtimestamp",
    b"instant.epochsecond",
    b"__realtime_timestamp",
    b"_source_realtime_timestamp",
    b"timemillis",
    b"timeunixnano",
    b"time_iso8601",
    b"time_local",
];
const LEVEL: &[&[u8]] = &[
    b"log.level",
    b"level",
    b"severity",
    b"severity_text",
    b"severitytext",
    b"lvl",
    b"levelname",
    b"loglevel",
    b"log_level",
    b"@l",
    b"s",
    b"priority",
    b"attributes.level",
    b"event.severity",
    b"error_severity",
    b"level_value",
    b"levelno",
    b"severity_number",
    b"severitynumber",
    b"error_severity",
];
const MESSAGE: &[&[u8]] = &[
    b"message",
    b"msg",
    b"event",
    b"@m",
    b"@mt",
    b"short_message",
    b"log",
    b"body",
    b"text",
    b"eventname",
    b"requesturi",
];
const SOURCE: &[&[u8]] = &[
    b"log.logger",
    b"logger",
    b"logger_name",
    b"loggername",
    b"syslog_identifier",
    b"_comm",
    b"name",
    b"service.name",
    b"service",
    b"component",
    b"c",
    b"module",
    b"app",
    b"sourcecontext",
    b"properties.sourcecontext",
    b"target",
    b"eventsource",
];
const HOST: &[&[u8]] = &[b"host.name", b"hostname", b"_hostname", b"host"];

const TRACE: &[&[u8]] = &[
    b"error.stack_trace",
    b"stack_trace",
    b"stacktrace",
    b"exc_info",
    b"err.stack",
    b"error.stack",
    b"exception.stacktrace",
    b"stack",
    b"exception",
    b"traceback",
    b"@x",
];

/// A part of a request, in access logs that are structured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestPart {
    /// `METHOD target HTTP/x`.
    Line,
    Method,
    Target,
    Client,
    Agent,
    Referrer,
    Status,
    Bytes,
}

/// The number of parts.
pub(crate) const REQUEST_PARTS: usize = 8;

/// The names of each part, in small letters: of nginx's and Apache's variables, of Caddy, Traefik,
/// ECS and `OpenTelemetry`.
const REQUEST: &[(RequestPart, &[&[u8]])] = &[
    (
        RequestPart::Line,
        &[b"request", b"http_request", b"request_line"],
    ),
    (
        RequestPart::Method,
        &[
            b"method",
            b"request_method",
            b"http.request.method",
            b"http.method",
            b"request.method",
            b"req.method",
            b"requestmethod",
        ],
    ),
    (
        RequestPart::Target,
        &[
            b"request_uri",
            b"uri",
            b"path",
            b"url",
            b"url.original",
            b"url.path",
            b"http.target",
            b"request.uri",
            b"req.url",
            b"requestpath",
        ],
    ),
    (
        RequestPart::Client,
        &[
            b"remote_addr",
            b"client_ip",
            b"client.ip",
            b"source.ip",
            b"remote_ip",
            b"request.remote_ip",
            b"request.client_ip",
            b"clienthost",
            b"client",
        ],
    ),
    (
        RequestPart::Agent,
        &[b"http_user_agent", b"user_agent", b"user_agent.original"],
    ),
    (
        RequestPart::Referrer,
        &[b"http_referer", b"referer", b"referrer"],
    ),
    (
        RequestPart::Status,
        &[
            b"status",
            b"status_code",
            b"http.status_code",
            b"http.response.status_code",
            b"response.status",
            b"res.statuscode",
            b"downstreamstatus",
        ],
    ),
    (
        RequestPart::Bytes,
        &[
            b"body_bytes_sent",
            b"bytes_sent",
            b"bytes",
            b"size",
            b"http.response.body.bytes",
            b"downstreamcontentsize",
        ],
    ),
];

fn request_part(name: &[u8]) -> Option<RequestPart> {
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let mut parts = REQUEST.iter();
    let found = parts.find(|(_, names)| names.iter().any(|known| **known == *name));
    found.map(|(part, _)| *part)
}

/// The longest name of a role.
const LONGEST: usize = 26;

/// The role of a name and its rank among those of the role.
pub(crate) fn role(name: &[u8]) -> (Role, u8) {
    let name = name.to_ascii_lowercase();
    for (role, names) in [
        (Role::Time, TIME),
        (Role::Level, LEVEL),
        (Role::Message, MESSAGE),
        (Role::Source, SOURCE),
        (Role::Host, HOST),
        (Role::Trace, TRACE),
        (Role::Stream, &[b"stream".as_slice()]),
    ] {
        if let Some(rank) = names.iter().position(|known| **known == *name) {
            return (role, u8::try_from(rank).unwrap_or(u8::MAX));
        }
    }
    (Role::None, 0)
}

/// The place of keys that are not kept.
pub(crate) const NO_KEY: u32 = u32::MAX;
/// Keys that are kept in mind, each with its numbers; what comes behind is passed over.
const MOST: usize = 4096;

/// The keys in the order of the last line, and all that were met.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    order: Vec<u32>,
    next: usize,
    table: Vec<(Box<[u8]>, Key)>,
    known: HashMap<Box<[u8]>, u32, foldhash::fast::RandomState>,
}

impl Keys {
    /// Before a line.
    pub(crate) fn rewind(&mut self) {
        self.next = 0;
    }

    /// What is known of a key.
    pub(crate) fn look_up(&mut self, name: &[u8]) -> Key {
        let at = self.next;
        self.next += 1;
        if let Some(index) = self.order.get(at)
            && let Some((known, key)) = self.table.get(*index as usize)
            && **known == *name
        {
            return *key;
        }
        let key = match self.known.get(name) {
            Some(index) => self.table[*index as usize].1,
            None => self.met(name),
        };
        if at < self.order.len() {
            self.order[at] = key.index;
        } else if at < MOST {
            self.order.push(key.index);
        }
        key
    }

    fn met(&mut self, name: &[u8]) -> Key {
        let (role, rank) = if name.len() <= LONGEST {
            role(name)
        } else {
            (Role::None, 0)
        };
        let mut key = Key {
            role,
            rank,
            docker: match name {
                b"time" => 2,
                b"log" => 4,
                _ => 0,
            },
            flavour: match name.to_ascii_lowercase().as_slice() {
                b"priority" => Flavour::Syslog,
                b"level_value" => Flavour::Thousands,
                b"severitynumber" | b"severity_number" => Flavour::Telemetry,
                b"levelno" => Flavour::Python,
                _ => Flavour::Tens,
            },
            request: request_part(name),
            index: NO_KEY,
        };
        if self.table.len() < MOST
            && let Ok(index) = u32::try_from(self.table.len())
        {
            key.index = index;
            self.table.push((name.into(), key));
            self.known.insert(name.into(), index);
        }
        key
    }

    /// The name of a key that is kept.
    pub(crate) fn name(&self, index: u32) -> &[u8] {
        self.table.get(index as usize).map_or(b"", |(name, _)| name)
    }
}
