//! Tables whose columns a standard names: those of AWS, Envoy, Squid and `PostgreSQL`.

use super::columns::{Dialect, Table};
use super::context::Context;
use super::headed::open_row;
use super::split::{Separator, split};
use crate::record::{Record, Span};

/// Logs with columns that need no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standard {
    /// Of an application load balancer.
    Alb,
    /// Of a classic load balancer.
    Elb,
    /// Of a network load balancer.
    Nlb,
    /// Of S3's access logs.
    S3,
    /// Flow logs of a virtual private cloud, version 2.
    VpcFlow,
    /// Envoy's default.
    Envoy,
    /// Istio's, which is Envoy's with more columns.
    Istio,
    /// Squid's native format.
    Squid,
    /// `PostgreSQL`'s csvlog.
    PostgresCsv,
}

/// How many there are.
const COUNT: usize = 9;

impl Standard {
    pub(crate) const ALL: [Self; COUNT] = [
        Self::Alb,
        Self::Elb,
        Self::Nlb,
        Self::S3,
        Self::VpcFlow,
        Self::Envoy,
        Self::Istio,
        Self::Squid,
        Self::PostgresCsv,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alb => "aws-alb",
            Self::Elb => "aws-elb",
            Self::Nlb => "aws-nlb",
            Self::S3 => "aws-s3",
            Self::VpcFlow => "aws-vpc-flow",
            Self::Envoy | Self::Istio => "envoy",
            Self::Squid => "squid",
            Self::PostgresCsv => "postgresql-csv",
        }
    }

    /// The names that the documents give, with a comma between.
    const fn columns(self) -> &'static str {
        match self {
            // Elastic Load Balancing, "Access logs for your Application Load Balancer".
            Self::Alb => {
                "type,time,elb,client:port,target:port,request_processing_time,\
                 target_processing_time,response_processing_time,elb_status_code,\
                 target_status_code,received_bytes,sent_bytes,request,user_agent,ssl_cipher,\
                 ssl_protocol,target_group_arn,trace_id,domain_name,chosen_cert_arn,\
                 matched_rule_priority,request_creation_time,actions_executed,redirect_url,\
                 error_reason,target:port_list,target_status_code_list,classification,\
                 classification_reason,conn_trace_id"
            }
            // "Access logs for your Classic Load Balancer".
            Self::Elb => {
                "time,elb,client:port,backend:port,request_processing_time,\
                 backend_processing_time,response_processing_time,elb_status_code,\
                 backend_status_code,received_bytes,sent_bytes,request,user_agent,ssl_cipher,\
                 ssl_protocol"
            }
            // "Access logs for your Network Load Balancer".
            Self::Nlb => {
                "type,version,time,elb,listener,client:port,destination:port,connection_time,\
                 tls_handshake_time,received_bytes,sent_bytes,incoming_tls_alert,\
                 chosen_cert_arn,chosen_cert_serial,tls_cipher,tls_protocol_version,\
                 tls_named_group,domain_name,alpn_fe_protocol,alpn_be_protocol,\
                 alpn_client_preference_list,tls_connection_creation_time"
            }
            // Amazon S3, "Server access log format".
            Self::S3 => {
                "bucket_owner,bucket,time,remote_ip,requester,request_id,operation,key,request,\
                 http_status,error_code,bytes_sent,object_size,total_time,turnaround_time,\
                 referer,user_agent,version_id,host_id,signature_version,cipher_suite,\
                 authentication_type,host_header,tls_version,access_point_arn,acl_required"
            }
            // Amazon VPC, "Flow log records".
            Self::VpcFlow => {
                "version,account-id,interface-id,srcaddr,dstaddr,srcport,dstport,protocol,\
                 packets,bytes,start,end,action,log-status"
            }
            // Envoy, "Default format string"; the names are those of its command operators.
            Self::Envoy => {
                "time,request,status,response_flags,bytes_received,bytes,duration,\
                 upstream_service_time,x_forwarded_for,agent,request_id,authority,upstream_host"
            }
            // Istio, "Envoy Access Logs".
            Self::Istio => {
                "time,request,status,response_flags,response_code_details,\
                 connection_termination_details,upstream_transport_failure_reason,\
                 bytes_received,bytes,duration,upstream_service_time,x_forwarded_for,agent,\
                 request_id,authority,upstream_host,upstream_cluster,upstream_local_address,\
                 downstream_local_address,client:port,requested_server_name,route_name"
            }
            // Squid, "Features/LogFormat": `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`.
            Self::Squid => {
                "time,elapsed_ms,client,result/status,bytes,method,url,user,hierarchy,content_type"
            }
            // PostgreSQL, "Using CSV-Format Log Output".
            Self::PostgresCsv => {
                "log_time,user_name,database_name,process_id,connection_from,session_id,\
                 session_line_num,command_tag,session_start_time,virtual_transaction_id,\
                 transaction_id,error_severity,sql_state_code,message,detail,hint,\
                 internal_query,internal_query_pos,context,query,query_pos,location,\
                 application_name,backend_type,leader_pid,query_id"
            }
        }
    }

    const fn separator(self) -> Separator {
        match self {
            Self::PostgresCsv => Separator::Byte(b','),
            _ => Separator::Spaces,
        }
    }

    /// Whether cells can be a row of it.
    fn fits(self, text: &[u8], cells: &[Span]) -> bool {
        let cell = |index: usize| {
            cells
                .get(index)
                .map_or(b"".as_slice(), |cell| cell.of(text))
        };
        let has_quotes = |index: usize| {
            let start = cells.get(index).map_or(0, |cell| cell.start as usize);
            start > 0 && text.get(start - 1) == Some(&b'"')
        };
        let is_whole =
            |index: usize| !cell(index).is_empty() && cell(index).iter().all(u8::is_ascii_digit);
        let is_number = |index: usize| super::numbers::float(cell(index)).is_some();
        let is_time = |index: usize| cell(index).first().is_some_and(u8::is_ascii_digit);
        match self {
            Self::Alb => {
                matches!(
                    cell(0),
                    b"http" | b"https" | b"h2" | b"grpcs" | b"ws" | b"wss"
                ) && is_time(1)
                    && (17..=40).contains(&cells.len())
                    && (5..8).all(is_number)
                    && has_quotes(12)
            }
            Self::Elb => {
                is_time(0)
                    && (12..=15).contains(&cells.len())
                    && (4..7).all(is_number)
                    && (9..11).all(is_whole)
                    && has_quotes(11)
            }
            Self::Nlb => {
                cell(0) == b"tls" && is_time(2) && cell(3).starts_with(b"net/") && cells.len() >= 16
            }
            Self::S3 => {
                cell(0).len() >= 32
                    && cell(0).iter().all(u8::is_ascii_hexdigit)
                    && (17..=40).contains(&cells.len())
                    && text.get(cells[2].start as usize - 1) == Some(&b'[')
            }
            Self::VpcFlow => {
                cells.len() == 14
                    && cell(0) == b"2"
                    && is_time(10)
                    && is_time(11)
                    && matches!(cell(12), b"ACCEPT" | b"REJECT" | b"-")
                    && matches!(cell(13), b"OK" | b"NODATA" | b"SKIPDATA")
            }
            Self::Envoy => {
                text[0] == b'['
                    && is_time(0)
                    && cells.len() == 13
                    && has_quotes(1)
                    && (4..7).all(is_whole)
                    && (8..13).all(has_quotes)
            }
            Self::Istio => {
                text[0] == b'['
                    && is_time(0)
                    && (19..=30).contains(&cells.len())
                    && has_quotes(1)
                    && (7..10).all(is_whole)
                    && (11..16).all(has_quotes)
            }
            Self::Squid => {
                cells.len() == 10
                    && is_time(0)
                    && memchr::memchr(b'.', cell(0)).is_some()
                    && is_whole(1)
                    && is_whole(4)
                    && [3, 8].iter().all(|index| cell(*index).contains(&b'/'))
                    && cell(5)
                        .iter()
                        .all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
            }
            Self::PostgresCsv => {
                is_time(0)
                    && (14..=26).contains(&cells.len())
                    && crate::level::Level::of_word(cell(11)).is_some()
                    && cell(12).len() == 5
            }
        }
    }
}

/// The tables that were needed so far.
#[derive(Debug, Default)]
pub(crate) struct StandardReader {
    tables: [Option<Box<Table>>; COUNT],
}

impl StandardReader {
    /// Reads a line of one of them.
    pub(crate) fn parse(
        &mut self,
        standard: Standard,
        text: &[u8],
        cells: &mut Vec<Span>,
        context: &mut Context<'_>,
    ) -> Option<Record> {
        if split(text, standard.separator(), cells).is_none() {
            // A value goes on in the next line.
            open_row(text, standard.separator(), cells)?;
        }
        if text.is_empty() || !standard.fits(text, cells) {
            return None;
        }
        let table = match &mut self.tables[standard as usize] {
            Some(table) => table,
            empty => {
                let names = standard.columns().split(',').map(str::as_bytes);
                empty.insert(Box::new(Table::of(names)?.without_labels()))
            }
        };
        let dialect = match standard {
            Standard::PostgresCsv => Dialect::Named,
            _ => Dialect::Fixed,
        };
        let mut record = table.read(text, cells, dialect, context)?;
        if let Some(http) = &mut record.http
            && http.method.is_empty()
        {
            // `- - -` of a connection without a request.
            http.target = Span::default();
        }
        Some(record)
    }
}
