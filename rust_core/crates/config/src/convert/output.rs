//! Documents on their way to their writer: which of them are written, how many there may be, and
//! one array of all.

use super::json::JsonWriter;
use super::request::{Documents, OutputFormat, Request};
use super::toml_writer::TomlWriter;
use super::yaml::YamlWriter;
use crate::values::{Stop, Token, ValueSink};

enum Writer {
    Json(JsonWriter),
    Yaml(YamlWriter),
    Toml(TomlWriter),
}

pub(super) struct Output {
    writer: Writer,
    to: OutputFormat,
    which: Documents,
    documents: usize,
    /// The document that is read is written.
    is_wanted: bool,
}

impl Output {
    pub(super) fn new(request: &Request) -> Self {
        Self {
            writer: match request.to {
                OutputFormat::Json => {
                    Writer::Json(JsonWriter::new(request.indent, request.special_floats))
                }
                OutputFormat::Ndjson => Writer::Json(JsonWriter::new(0, request.special_floats)),
                OutputFormat::Yaml => Writer::Yaml(YamlWriter::default()),
                OutputFormat::Toml => Writer::Toml(TomlWriter::new(request.nulls)),
            },
            to: request.to,
            which: request.documents,
            documents: 0,
            is_wanted: true,
        }
    }

    /// How many documents were read.
    pub(super) fn documents(&self) -> usize {
        self.documents
    }

    fn write(&mut self, token: Token<'_>, at: usize) -> Result<(), Stop> {
        match &mut self.writer {
            Writer::Json(writer) => writer.token(token, at)?,
            Writer::Yaml(writer) => writer.token(token),
            Writer::Toml(writer) => writer.token(token, at),
        }
        Ok(())
    }

    fn start(&mut self) {
        if let Writer::Yaml(writer) = &mut self.writer {
            writer.start_document();
        }
    }

    fn end(&mut self) -> Result<(), Stop> {
        match &mut self.writer {
            Writer::Json(writer) => writer.end_document(),
            Writer::Yaml(_) => {}
            Writer::Toml(writer) => writer.end_document()?,
        }
        Ok(())
    }

    pub(super) fn into_text(mut self) -> Result<String, Stop> {
        if self.which == Documents::Array {
            if self.documents == 0 {
                self.write(Token::SequenceStart, 0)?;
            }
            self.write(Token::SequenceEnd, 0)?;
            self.end()?;
        } else if self.documents == 0 && self.to == OutputFormat::Json {
            // A stream without a document is null, as it is for Python programs.
            return Ok("null\n".to_owned());
        }
        Ok(match self.writer {
            Writer::Json(writer) => writer.into_text(),
            Writer::Yaml(writer) => writer.into_text(),
            Writer::Toml(writer) => writer.into_text(),
        })
    }

    fn second(&self, at: usize) -> Stop {
        Stop::unfit(
            match self.to {
                OutputFormat::Toml => {
                    "a second document begins, and TOML has one: choose one with `--document`"
                }
                _ => {
                    "a second document begins, and JSON has one value: write `--to ndjson`, \
                     choose one with `--document`, or make an array of all with `--array`"
                }
            },
            at,
        )
    }
}

impl ValueSink for Output {
    fn start_document(&mut self, at: usize) -> Result<(), Stop> {
        self.documents += 1;
        let is_single = matches!(self.to, OutputFormat::Json | OutputFormat::Toml);
        match self.which {
            Documents::All if is_single && self.documents == 2 => return Err(self.second(at)),
            Documents::All => self.start(),
            Documents::One(number) => {
                self.is_wanted = number == self.documents;
                if self.is_wanted {
                    self.start();
                }
            }
            Documents::Array if self.documents == 1 => {
                self.start();
                self.write(Token::SequenceStart, at)?;
            }
            Documents::Array => {}
        }
        Ok(())
    }

    #[inline]
    fn token(&mut self, token: Token<'_>, at: usize) -> Result<(), Stop> {
        if self.is_wanted {
            self.write(token, at)
        } else {
            Ok(())
        }
    }

    fn end_document(&mut self) -> Result<(), Stop> {
        if self.is_wanted && self.which != Documents::Array {
            self.end()?;
        }
        Ok(())
    }
}
