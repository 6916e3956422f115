//! Conversion between YAML, JSON, NDJSON and TOML: from the parsers' events to text, without a
//! tree. Only TOML is kept whole on its way, in its reader and its writer, because its tables may
//! stand in another order than they are read in.

mod json;
mod output;
mod request;
mod toml_reader;
mod toml_value;
mod toml_writer;
mod yaml;

use std::sync::atomic::AtomicBool;

use crate::access::AccessError;
use crate::values::{Reading, Resolver, Stop};
use crate::{Limits, ParseError, Place, Schema, Source};

use output::Output;
pub use request::{Documents, InputFormat, Nulls, OutputFormat, Request, SpecialFloats};

/// Reads inputs, one after another, and writes all their documents in one format.
pub struct Converter<'c> {
    request: Request,
    limits: Limits,
    cancel: &'c AtomicBool,
    output: Output,
}

impl<'c> Converter<'c> {
    /// A flag that is set ends the work with an error.
    #[must_use]
    pub fn new(request: Request, limits: Limits, cancel: &'c AtomicBool) -> Self {
        Self {
            output: Output::new(&request),
            request,
            limits,
            cancel,
        }
    }

    /// Reads one input to its end.
    ///
    /// # Errors
    /// Input that is not of its format, goes past a limit, or has what the output has no form for.
    pub fn read(&mut self, input: &[u8], format: InputFormat) -> Result<(), AccessError> {
        let limits = self.limits;
        let source = Source::decode(input, &limits)?;
        let parsed = match format {
            InputFormat::Yaml => source.parse(&limits, &mut self.resolver(Schema::Core)),
            InputFormat::Json => source.parse_json(&limits, &mut self.resolver(Schema::Json)),
            InputFormat::Ndjson => lines(&source, &limits, &mut self.resolver(Schema::Json)),
            InputFormat::Toml => {
                let read = toml_reader::read(source.text(), &limits, &mut self.output);
                read.map_err(ParseError::Sink)
            }
        };
        parsed.map_err(|error| match error {
            ParseError::Syntax(error) => AccessError::Syntax(error),
            ParseError::Sink(stop) => stopped(source.text(), stop),
        })
    }

    fn resolver(&mut self, schema: Schema) -> Resolver<'_, Output> {
        let reading = Reading {
            schema,
            merge_keys: self.request.merge_keys,
            depth: self.limits.depth,
            cancel: self.cancel,
        };
        Resolver::new(&mut self.output, reading)
    }

    /// The text of all documents.
    ///
    /// # Errors
    /// When the wanted document was not among them.
    pub fn finish(self) -> Result<String, AccessError> {
        let documents = self.output.documents();
        if let Documents::One(number) = self.request.documents
            && number > documents
        {
            let problem = format!("there is no document {number}, the stream has {documents}");
            return Err(AccessError::value(problem));
        }
        self.output.into_text().map_err(|stop| stopped("", stop))
    }
}

fn lines(
    source: &Source<'_>,
    limits: &Limits,
    resolver: &mut Resolver<'_, Output>,
) -> Result<(), ParseError<Stop>> {
    let mut place = Place::default();
    while source.next_json_line(&mut place, limits, resolver)? {}
    Ok(())
}

fn stopped(text: &str, stop: Stop) -> AccessError {
    match stop {
        Stop::Unfit { problem, at } => AccessError::unfit(text, at, problem),
        Stop::Cancelled => AccessError::value("interrupted"),
    }
}
